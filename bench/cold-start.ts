import { measureColdStarts } from "../scripts/size/cold-starts.ts";
import type { Part } from "./report.ts";

/** Bars of a cold start, from the start of the process to the first answer, and of a package without the layer. */
const MOST_RATIO = 1.25;
const MOST_KILOBYTES = 60;

/** What each function weighs, and how its cold start compares to the least that a function on DynamoDB can be. */
export async function measureColdStart({ runs }: { runs: number }): Promise<Part> {
  const { bare, layer, functions } = await measureColdStarts({ runs });
  const milliseconds = (value: number) => ({ value, digits: 1 });
  const kilobytes = (bytes: number) => ({ value: bytes / 1024, digits: 1 });
  return {
    title: `Cold start and size of each function over a bare bundle (median of ${runs} starts)`,
    rows: [
      ...functions.map((found) => ({
        name: found.key,
        cells: {
          "zip KB": { ...kilobytes(found.zipBytes), atMost: MOST_KILOBYTES },
          "unzipped KB": kilobytes(found.unzippedBytes),
          "loaded ms": milliseconds(found.loadMs),
          "answered ms": milliseconds(found.answerMs),
          ratio: { value: found.answerRatio, digits: 3, atMost: MOST_RATIO },
          first: found.request,
        },
      })),
      {
        name: "(bare bundle)",
        cells: {
          "unzipped KB": kilobytes(bare.bytes),
          "loaded ms": milliseconds(bare.loadMs),
          "answered ms": milliseconds(bare.answerMs),
          first: "GetItem",
        },
      },
      {
        name: "(layer)",
        cells: { "zip KB": kilobytes(layer.zipBytes), "unzipped KB": kilobytes(layer.unzippedBytes) },
      },
    ],
  };
}
