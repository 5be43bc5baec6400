import { Command } from "commander";
import { aligned } from "./api/aligned.ts";
import { type ColdStarts, measureColdStarts } from "./size/cold-starts.ts";

const MAX_RATIO = 1.25;
const MAX_ZIP_BYTES = 60 * 1024;

const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
const milliseconds = (value: number) => `${value.toFixed(1)} ms`;

function tableOf({ bare, layer, functions }: ColdStarts): string[][] {
  return [
    ["function", "zip", "unzipped", "load", "ratio", "first answer", "ratio", "asked"],
    ["(bare)", "", kilobytes(bare.bytes), milliseconds(bare.loadMs), "1", milliseconds(bare.answerMs), "1", "GetItem"],
    ["(layer)", kilobytes(layer.zipBytes), kilobytes(layer.unzippedBytes), "", "", "", "", ""],
    ...functions.map((found) => [
      found.key,
      `${kilobytes(found.zipBytes)}${found.zipBytes > MAX_ZIP_BYTES ? " !" : ""}`,
      kilobytes(found.unzippedBytes),
      milliseconds(found.loadMs),
      found.loadRatio.toFixed(2),
      milliseconds(found.answerMs),
      `${found.answerRatio.toFixed(2)}${found.answerRatio > MAX_RATIO ? " !" : ""}`,
      found.request,
    ]),
  ];
}

if (import.meta.main) {
  const { runs, only, json } = new Command("size")
    .description("Measures what each function weighs and how long its cold start takes, against a bare bundle")
    .option("--runs <number>", "how often each is started", Number, 11)
    .option("--only <function...>", "keys of the functions to measure")
    .option("--json", "print the figures as JSON")
    .parse()
    .opts<{ runs: number; only?: string[]; json?: boolean }>();
  const measured = await measureColdStarts({ runs, ...(only && { only }) });
  console.log(json ? JSON.stringify(measured, null, 2) : aligned(tableOf(measured)));
}
