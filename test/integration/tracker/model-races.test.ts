import type { HttpHandler } from "@enceladus/middleware/http-function";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import { holdClock } from "../../support/clock.ts";
import { trackerContainers } from "../../support/containers.ts";
import { expectGraph } from "../../support/graph-check.ts";
import { makeProject } from "../../support/projects.ts";
import { call, create, pathOf } from "../../support/tracker-api.ts";
import { counted, expectOnceIn } from "../../support/tracker-model/counted.ts";
import { type Entrant, Race } from "../../support/tracker-model/race.ts";
import { PLAINLY, STEP_NAMES, type Step, type StepName, stepsOf } from "../../support/tracker-model/steps.ts";
import { wanted } from "../../support/tracker-model/trials.ts";
import { troubles } from "../../support/tracker-model/trouble.ts";
import { expectAllIntact } from "../../support/tracker-rows.ts";

/** In rounds of several at once. */
const OPERATIONS = 500;
const ROUNDS = 8;

let containers: readonly HttpHandler[];

beforeAll(async () => {
  containers = await trackerContainers(2);
}, 60_000);

afterAll(() => {
  jest.restoreAllMocks();
});

/** All that can be done, and more often what gets in each other's way. */
const ANYTHING: readonly StepName[] = [
  ...STEP_NAMES,
  ...(["status", "action", "checkout", "claim", "claim", "release", "depend", "edges"] as const),
];
/** What others wait for: closed, opened again, and not waited for any more, by people who just do it. */
const ON_THE_GRAPH: readonly StepName[] = ["action", "action", "action", "action", "depend", "undepend", "edges"];

function entrantsOf(step: fc.Arbitrary<Step>): fc.Arbitrary<Entrant[]> {
  const isSentTwice = fc.constantFrom(false, false, false, true);
  return fc.array(fc.record({ step, container: fc.nat(1), isSentTwice }), { minLength: 2, maxLength: 6 });
}

const anything = entrantsOf(fc.oneof(...ANYTHING.map((name) => stepsOf(name))));
const onTheGraph = entrantsOf(fc.oneof(...ON_THE_GRAPH.map((name) => stepsOf(name, fc.constant(PLAINLY)))));
const round = fc.record({
  entrants: fc.oneof(anything, onTheGraph),
  seconds: fc.constantFrom(0, 0, 1, 30, 61),
  trouble: troubles(10),
});

/** Few records, so that those who do something meet; the first one waits for all others, the second one through it. */
async function beginRace(project: string): Promise<void> {
  const waiting = await create(project, "task");
  const child = await create(project, "task");
  const depend = (id: string, other: string, kind: string) =>
    call("PUT", `${pathOf(project, id)}/dependencies/${other}`, { kind });
  await depend(child, waiting, "parent");
  for (const type of ["task", "issue", "feature"] as const) {
    await depend(waiting, await create(project, type), "blocks");
  }
}

describe("several things at once", () => {
  it(`have come one after the other (${OPERATIONS} operations)`, async () => {
    const { most, seed } = wanted(OPERATIONS);
    const property = fc.asyncProperty(fc.array(round, { minLength: ROUNDS, maxLength: ROUNDS }), async (rounds) => {
      if ((counted.operations ?? 0) >= most) return;
      const { project_id: project, prefix } = await makeProject();
      let now = Math.ceil(Date.now() / 1_000) * 1_000;
      holdClock(now);
      await beginRace(project);
      const race = new Race({ project, prefix, now, records: new Map() }, containers);
      for (const { entrants, seconds, trouble: expected } of rounds) {
        now += seconds * 1_000;
        holdClock(now);
        await race.run(entrants, now, expected);
      }
      await expectAllIntact(project);
      await expectGraph(project);
    });
    await fc.assert(property, { numRuns: most, seed, endOnFailure: true });
    expect(counted.operations).toBeGreaterThanOrEqual(most);
    expectOnceIn(40, ["answered: 200", "answered: 201", "answered: 409", "granted"]);
    expectOnceIn(100, ["troubles"]);
    // Of two calls at once under one key the second is often told to wait.
    expectOnceIn(250, ["answered twice alike"]);
  }, 600_000);
});
