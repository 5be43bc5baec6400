import type { HttpHandler } from "@enceladus/middleware/http-function";
import { expect } from "@jest/globals";
import fc from "fast-check";
import { realNow } from "../clock.ts";
import { expectGraph } from "../graph-check.ts";
import { makeProject } from "../projects.ts";
import { call } from "../tracker-api.ts";
import { expectAllIntact } from "../tracker-rows.ts";
import { counted } from "./counted.ts";
import { MOST_RECORDS, PLAINLY, STEP_NAMES, type Step, type StepName, stepsOf } from "./steps.ts";
import { Trial } from "./trial.ts";
import { type Trouble, troubles } from "./trouble.ts";

const MOST_IN_A_TRIAL = 200;

/** Something to be done in a trial. */
type Deed = fc.AsyncCommand<Trial, undefined>;

function deed(words: string, run: (trial: Trial) => Promise<void>, check = (_: Trial) => true): Deed {
  return { check, run: (trial) => run(trial), toString: () => words };
}

function deedsOf(name: StepName, containers: number, trouble: fc.Arbitrary<Trouble | undefined>): fc.Arbitrary<Deed> {
  const made = fc.tuple(stepsOf(name), fc.nat(containers - 1), trouble);
  return made.map(([step, container, expected]: [Step, number, Trouble | undefined]) =>
    deed(
      JSON.stringify([step, container, expected]),
      (trial) => trial.make(step, container, expected),
      ({ picture }) => name !== "create" || picture.records.size < MOST_RECORDS,
    ),
  );
}

const passing = fc
  .constantFrom(1, 5, 10, 11, 59, 60, 61, 90, 3_600, 14_400)
  .map((seconds) => deed(`${seconds} s pass`, async (trial) => trial.pass(seconds * 1_000)));
const repeating = fc
  .tuple(fc.nat(1_000), fc.constantFrom(true, true, false))
  .map(([place, isSame]) => deed(`repeat ${place} ${isSame}`, (trial) => trial.repeat(place, isSame)));

/** Some things are done more often than others. */
const OFTEN: readonly StepName[] = [
  ...(["status", "status", "depend", "depend", "claim", "checkout", "release", "action", "edges", "look"] as const),
];

/** A project with a few records. */
async function begin(containers: readonly HttpHandler[]): Promise<Trial> {
  const { project_id: project, prefix } = await makeProject();
  const now = Math.ceil(Date.now() / 1_000) * 1_000;
  const trial = new Trial({ project, prefix, now, records: new Map() }, containers);
  for (const type of ["task", "feature", "issue"] as const) {
    const doing = {
      what: "create",
      type,
      status: "default",
      place: 0,
      priority: "P2",
      others: [] as number[],
    } as const;
    await trial.make({ at: 0, doing, manner: PLAINLY }, 0);
  }
  return trial;
}

/** What holds of every project at any time. */
async function expectSound(trial: Trial): Promise<void> {
  await trial.expectTrue();
  const { project, records } = trial.picture;
  await expectAllIntact(project);
  await expectGraph(project);
  const { body } = await call("GET", `/${project}/audit/verify`, undefined, { query: { limit: "1000" } });
  const entries = [...records.values()].reduce((sum, { version }) => sum + version, 0);
  expect([body.verified, body.records_checked, body.entries_checked]).toEqual([true, records.size, entries]);
}

const { MODEL_OPERATIONS, MODEL_SEED } = process.env;

/**
 * How many operations at least, and which: `MODEL_OPERATIONS` asks for more of them, of another kind each time
 * (`MODEL_SEED` repeats a kind).
 */
export function wanted(operations: number): { most: number; seed: number } {
  const seed = Number(MODEL_SEED ?? (MODEL_OPERATIONS === undefined ? 2_026 : realNow() % 2 ** 31));
  return { most: Number(MODEL_OPERATIONS ?? operations), seed };
}

export interface TrialsRequest {
  /** At least so many. */
  operations: number;
  containers: readonly HttpHandler[];
  /** How many operations of a hundred get into trouble. */
  troublePercent: number;
}

/** Random operations on projects, one project after the other, each answer and each row as the model says. */
export async function makeTrials({ operations, containers, troublePercent }: TrialsRequest): Promise<void> {
  const { most, seed } = wanted(operations);
  const trouble = troubles(troublePercent);
  const steps = [...STEP_NAMES, ...OFTEN].map((name) => deedsOf(name, containers.length, trouble));
  const deeds = fc.commands([...steps, passing, passing, repeating, repeating], {
    maxCommands: MOST_IN_A_TRIAL,
    size: "max",
  });
  const property = fc.asyncProperty(deeds, async (chosen) => {
    if ((counted.operations ?? 0) >= most) return;
    const trial = await begin(containers);
    await fc.asyncModelRun(() => ({ model: trial, real: undefined }), chosen);
    await expectSound(trial);
  });
  await fc.assert(property, { numRuns: most, seed, endOnFailure: true });
  expect(counted.operations).toBeGreaterThanOrEqual(most);
}
