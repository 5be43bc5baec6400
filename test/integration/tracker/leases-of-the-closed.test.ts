import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { moveClock } from "../../support/clock.ts";
import { makeProject } from "../../support/projects.ts";
import { call, create, patch, pathOf } from "../../support/tracker-api.ts";

const SECOND = 1_000;

let project: string;

beforeEach(async () => {
  project = (await makeProject()).project_id;
});

afterEach(() => {
  jest.restoreAllMocks();
});

const claim = () => call("POST", `/${project}/claims/next`, { session_id: "codex", types: ["task"] });

async function heldForAMinute(): Promise<string> {
  const id = await create(project, "task");
  const body = { session_id: "claude", lease_seconds: 60 };
  expect((await call("POST", `${pathOf(project, id)}/checkout`, body)).status).toBe(200);
  return id;
}

describe("a lease of a record that was closed under it", () => {
  it("has ended when the record is opened again later: it is handed out at once", async () => {
    const id = await heldForAMinute();
    await patch(project, id, { action: "close" });
    moveClock(30 * SECOND);
    // Nothing is held as far as this container sees, so that nothing can end within the next minute.
    expect((await claim()).status).toBe(404);
    moveClock(70 * SECOND);
    await patch(project, id, { action: "reopen" });
    const { records } = (await call("GET", `/${project}/ready`)).body;
    expect(records.map(({ item_id }) => item_id)).toEqual([id]);
    const claimed = await claim();
    expect([claimed.status, claimed.body.lease]).toEqual([200, expect.objectContaining({ fence: 2 })]);
  });
});

describe("what nobody is told to work on", () => {
  it("is counted as blocked as soon as its lease has ended", async () => {
    const id = await heldForAMinute();
    const blocker = await create(project, "issue");
    await call("PUT", `${pathOf(project, id)}/dependencies/${blocker}`, { kind: "blocks" });
    expect((await claim()).body.counts).toEqual({ blocked: 0, leased: 1, parked: 0 });
    moveClock(61 * SECOND);
    expect((await claim()).body.counts).toEqual({ blocked: 1, leased: 0, parked: 0 });
  });
});
