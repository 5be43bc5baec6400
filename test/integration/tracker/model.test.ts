import type { HttpHandler } from "@enceladus/middleware/http-function";
import { afterAll, beforeAll, describe, it, jest } from "@jest/globals";
import { trackerContainers } from "../../support/containers.ts";
import { expectOnceIn } from "../../support/tracker-model/counted.ts";
import { makeTrials } from "../../support/tracker-model/trials.ts";

const OPERATIONS = 2_200;

let containers: readonly HttpHandler[];

beforeAll(async () => {
  containers = await trackerContainers(1);
  // A client waits a random time before it repeats a call; the shortest is long enough here.
  jest.spyOn(Math, "random").mockReturnValue(0);
}, 60_000);

afterAll(() => {
  jest.restoreAllMocks();
});

describe("the tracker, against a model of it", () => {
  it(`answers and stores what the model says (${OPERATIONS} operations)`, async () => {
    await makeTrials({ operations: OPERATIONS, containers, troublePercent: 8 });
    expectOnceIn(200, [
      "asked: create",
      "asked: status",
      "asked: action",
      "asked: field",
      "asked: edges",
      "asked: log",
    ]);
    expectOnceIn(200, ["asked: relations", "asked: evidence", "asked: depend", "asked: undepend", "asked: claim"]);
    expectOnceIn(200, ["asked: checkout", "asked: heartbeat", "asked: release", "asked: read", "asked: explain"]);
    expectOnceIn(200, ["asked: history", "asked: list", "asked: ready", "the same again", "another under its key"]);
    expectOnceIn(40, ["answered: 201", "answered: 400", "answered: 404", "answered: 409", "answered: 412"]);
    expectOnceIn(100, ["troubles"]);
    expectOnceIn(4, ["answered: 200"]);
  }, 600_000);
});
