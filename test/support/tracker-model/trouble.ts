import fc from "fast-check";
import { clearFaults, type FaultRequest, injectFault, pendingFaults } from "../services.ts";

/** More than any client repeats a call. */
const EVERY_ATTEMPT = 1_000;

/** What may befall an AWS call of an operation. */
const TROUBLES = {
  refused: { error: "InternalServerError", times: EVERY_ATTEMPT },
  throttled: { error: "ThrottlingException", times: EVERY_ATTEMPT },
  "throttled once": { error: "ProvisionedThroughputExceededException", times: 1 },
  "answer lost": { dropAnswer: true, times: EVERY_ATTEMPT },
  "answer lost once": { dropAnswer: true, times: 1 },
} as const satisfies Record<string, FaultRequest>;

export type TroubleName = keyof typeof TROUBLES;
export const TROUBLE_NAMES = Object.keys(TROUBLES) as TroubleName[];

/** The n-th AWS call from now on, or one that writes a transaction. */
export interface Trouble {
  name: TroubleName;
  nth: number;
  ofTransaction: boolean;
}

/** @param percent so many of a hundred operations get into trouble, if they make enough calls for that */
export function troubles(percent: number): fc.Arbitrary<Trouble | undefined> {
  const some = fc.record({
    name: fc.constantFrom(...TROUBLE_NAMES, "answer lost", "answer lost once"),
    nth: fc.constantFrom(1, 1, 1, 2, 2, 3, 4, 5, 6),
    ofTransaction: fc.constantFrom(true, true, false),
  });
  return fc.oneof({ weight: 100 - percent, arbitrary: fc.constant(undefined) }, { weight: percent, arbitrary: some });
}

/** Does some work in trouble. @returns whether the trouble came: there may have been fewer calls */
export async function inTrouble<Result>(expected: Trouble | undefined, work: () => Promise<Result>) {
  if (!expected) return { result: await work(), came: false };
  const { name, ofTransaction } = expected;
  const nth = ofTransaction ? 1 : expected.nth;
  const effect = TROUBLES[name];
  await injectFault({ ...effect, nth, ...(ofTransaction && { operation: "TransactWriteItems" }) });
  try {
    const result = await work();
    const waiting = (await pendingFaults()).some((fault) => fault.nth === nth && fault.times === effect.times);
    return { result, came: !waiting };
  } finally {
    await clearFaults();
  }
}
