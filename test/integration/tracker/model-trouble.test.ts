import type { HttpHandler } from "@enceladus/middleware/http-function";
import { afterAll, beforeAll, describe, it, jest } from "@jest/globals";
import { trackerContainers } from "../../support/containers.ts";
import { expectOnceIn } from "../../support/tracker-model/counted.ts";
import { makeTrials } from "../../support/tracker-model/trials.ts";

const OPERATIONS = 2_300;

let containers: readonly HttpHandler[];

beforeAll(async () => {
  containers = await trackerContainers(2);
  // A client waits a random time before it repeats a call; the shortest is long enough here.
  jest.spyOn(Math, "random").mockReturnValue(0);
}, 60_000);

afterAll(() => {
  jest.restoreAllMocks();
});

describe("the tracker in trouble, against a model of it", () => {
  it(`does all of an operation or nothing, and that once (${OPERATIONS} operations)`, async () => {
    await makeTrials({ operations: OPERATIONS, containers, troublePercent: 35 });
    expectOnceIn(100, ["trouble: refused", "trouble: throttled", "trouble: throttled once", "trouble: answer lost"]);
    expectOnceIn(100, ["trouble: answer lost once", "unanswered: made", "unanswered: not made", "done once"]);
    expectOnceIn(10, ["troubles"]);
  }, 600_000);
});
