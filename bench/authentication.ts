import { messageFrom, startInside } from "./container.ts";
import type { Part } from "./report.ts";
import type { Stage } from "./stage.ts";
import { median, percentile } from "./statistics.ts";

/** The bar for what authentication adds to the signature check that it cannot do without. */
const MOST_RATIO = 1.3;

/** What the process that measures is told. */
export interface AuthenticationOrder {
  /** As many as there are repetitions and rounds of warming up: each is new to the container once. */
  tokens: readonly string[];
  warmUp: number;
}

/** Milliseconds of each repetition, measured next to each other. */
export interface AuthenticationSamples {
  /** The signature check alone, by the library that is used. */
  bare: number[];
  /** Everything from the Cookie header to the caller, of a token that was not seen before. */
  unseen: number[];
  /** The same for one token that comes again and again. */
  again: number[];
  /** Signatures that were checked while one token came again and again. */
  checksOfOne: number;
}

/** What authentication costs a warm request, in the packaged code. */
export async function measureAuthentication(
  stage: Stage,
  { repetitions, warmUp }: { repetitions: number; warmUp: number },
): Promise<Part> {
  const child = startInside("authentication-process.ts", stage.tracker(stage.services.direct.dynamodb));
  const tokens = Array.from({ length: repetitions + warmUp }, () => stage.person.newToken());
  child.send({ tokens, warmUp } satisfies AuthenticationOrder);
  const { bare, unseen, again, checksOfOne } = await messageFrom<AuthenticationSamples>(child);
  const microseconds = (value: number) => ({ value: value * 1_000, digits: 1 });
  const times = (samples: readonly number[]) => ({
    "p50 us": microseconds(median(samples)),
    "p95 us": microseconds(percentile(samples, 0.95)),
  });
  const ratio = (samples: readonly number[]) => ({
    value: median(samples) / median(bare),
    digits: 3,
    atMost: MOST_RATIO,
  });
  return {
    title: `Authentication of a warm request over the bare signature check (${repetitions} repetitions)`,
    rows: [
      { name: "a token not seen before", cells: { ...times(unseen), ratio: ratio(unseen) } },
      {
        name: "the same token again",
        cells: {
          ...times(again),
          ratio: ratio(again),
          "signatures checked": { value: checksOfOne, digits: 0, atMost: 1 },
        },
      },
      { name: "(bare signature check)", cells: times(bare) },
    ],
  };
}
