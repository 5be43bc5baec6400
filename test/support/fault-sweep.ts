import { clearFaults, type FaultRequest, injectFault, pendingFaults } from "./services.ts";

/** More than any client repeats a call. */
const EVERY_ATTEMPT = 1_000;

/** What may befall one AWS call. */
export const SWEPT_FAULTS = {
  /** It is refused however often the client repeats it, and never made. */
  refused: { error: "InternalServerError", times: EVERY_ATTEMPT },
  /** It is made, and the answer is lost however often the client repeats it. */
  "answer lost": { dropAnswer: true, times: EVERY_ATTEMPT },
  /** It is made, the answer is lost, and the client repeats it. */
  "answer lost once": { dropAnswer: true, times: 1 },
} as const satisfies Record<string, FaultRequest>;

export type SweptFault = keyof typeof SWEPT_FAULTS;

/** How one run of the operation under test ended. */
export type RunOutcome<Result> = { status: "fulfilled"; value: Result } | { status: "rejected"; reason: unknown };

export interface FaultSweep<Input, Result> {
  /** Makes what one run needs; each run gets its own. */
  arrange: () => Promise<Input>;
  /** The operation, which makes several AWS calls. */
  act: (input: Input) => Promise<Result>;
  /** What holds after a run, however it ended; asserts by itself. */
  invariants: (input: Input, outcome: RunOutcome<Result>) => Promise<void>;
  /** What a caller does next; asserts by itself that all is well afterwards. */
  retry: (input: Input) => Promise<void>;
  /** All of them, unless it is said which. */
  faults?: readonly SweptFault[];
}

async function runWithFault<Input, Result>(sweep: FaultSweep<Input, Result>, fault: SweptFault, nth: number) {
  const input = await sweep.arrange();
  const effect = SWEPT_FAULTS[fault];
  await injectFault({ ...effect, nth });
  const [outcome] = await Promise.allSettled([sweep.act(input)]);
  const waiting = (await pendingFaults()).some((pending) => pending.nth === nth && pending.times === effect.times);
  await clearFaults();
  return { input, outcome, happened: !waiting };
}

function at(place: string, error: unknown): Error {
  return new Error(`${place}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}

/**
 * Runs an operation again and again, and each time another one of its AWS calls fails: the first, the second, and so
 * on to the last. After each run the invariants must hold and a retry must converge.
 * @returns how many AWS calls of the operation each kind of fault has befallen
 */
export async function sweepFaults<Input, Result>(sweep: FaultSweep<Input, Result>): Promise<Record<string, number>> {
  const swept: Record<string, number> = {};
  for (const fault of sweep.faults ?? (Object.keys(SWEPT_FAULTS) as SweptFault[])) {
    for (let nth = 1; ; nth += 1) {
      const { input, outcome, happened } = await runWithFault(sweep, fault, nth);
      if (!happened) break;
      swept[fault] = nth;
      const place = `AWS call ${nth}, ${fault}`;
      await sweep
        .invariants(input, outcome)
        .catch((error: unknown) => Promise.reject(at(`${place}: afterwards`, error)));
      await sweep.retry(input).catch((error: unknown) => Promise.reject(at(`${place}: the retry`, error)));
    }
  }
  return swept;
}
