import { afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { makeProject } from "../../support/projects.ts";
import { clearFaults, injectFault } from "../../support/services.ts";
import { call, pathOf, type TrackerAnswer } from "../../support/tracker-api.ts";
import {
  changingOperations,
  requestOf,
  type Scene,
  sceneOf,
  type TrackerChange,
  trackerChanges,
  withoutSample,
} from "../../support/tracker-changes.ts";
import { chainOf, expectAllIntact, rowsOf } from "../../support/tracker-rows.ts";

beforeAll(() => {
  // A client waits a random time before it repeats a call; the shortest is long enough here.
  jest.spyOn(Math, "random").mockReturnValue(0);
});

afterEach(clearFaults);

const AT_ONCE = 20;
const EVERY_ATTEMPT = 1_000;

let keys = 0;
const anyKey = () => {
  keys += 1;
  return `key ${keys} of ${process.pid} at ${Date.now()}`;
};

/** The change with a key, as often as one likes. */
function keyed(change: TrackerChange, scene: Scene) {
  const key = anyKey();
  const { method, path, body, query } = requestOf(change, scene);
  return (more: object = {}) =>
    call(method, path, { ...body, ...more }, { headers: { "Idempotency-Key": key }, ...(query && { query }) });
}

/** A project of its own, so that everything in it is an effect of the change. */
async function arranged(change: TrackerChange): Promise<Scene> {
  return sceneOf(change, (await makeProject()).project_id, change.sample.byHolder && 600);
}

const records = async (project: string) =>
  (await rowsOf(project)).filter(({ record_type }) => ["task", "issue", "feature"].includes(record_type));

/** Everything that a change can have written: rows, and how many entries their histories have. */
async function written(project: string) {
  const rows = await records(project);
  const entries = await Promise.all(rows.map(async ({ item_id }) => (await chainOf(project, item_id)).length));
  return { rows, entries: entries.reduce((sum, count) => sum + count, 0) };
}

const isInFlight = ({ body }: TrackerAnswer) => body.error_envelope?.code === "IDEMPOTENCY_IN_FLIGHT";
const seen = ({ status, text, headers }: TrackerAnswer) => ({ status, text, tag: headers.ETag });
const wasReplayed = ({ headers }: TrackerAnswer) => headers["Idempotency-Replayed"] === "true";

/** The change has been made once: so many entries more, all chained, and every record written once. */
async function expectMadeOnce(
  { sample }: TrackerChange,
  { project }: Scene,
  before: Awaited<ReturnType<typeof written>>,
) {
  const after = await written(project);
  expect(after.entries - before.entries).toBe(sample.entries ?? 1);
  for (const row of after.rows) {
    const known = before.rows.find(({ item_id }) => item_id === row.item_id);
    expect([row.item_id, Number(row.row_version) - Number(known?.row_version ?? 0) <= 1]).toEqual([row.item_id, true]);
  }
  await expectAllIntact(project);
  return after;
}

it("every operation that changes something is under test", () => {
  expect(withoutSample(() => true)).toEqual([]);
  expect(changingOperations.length).toBeGreaterThanOrEqual(11);
});

describe.each(trackerChanges.map((change) => [change.title, change] as const))("%s", (_title, change) => {
  it("20 times at once with one key is made once, and all get the same answer", async () => {
    const scene = await arranged(change);
    const before = await written(scene.project);
    const send = keyed(change, scene);
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => send()));
    const given = answers.filter((answer) => !isInFlight(answer));
    const [first] = given as [TrackerAnswer];
    expect([first.status < 300, first.body.error]).toEqual([true, undefined]);
    for (const answer of answers.filter(isInFlight)) {
      expect([answer.status, answer.headers["Retry-After"]]).toEqual([409, "1"]);
    }
    // Those who came too early ask again.
    const later = await Promise.all(Array.from({ length: AT_ONCE - given.length + 1 }, () => send()));
    for (const answer of [...given, ...later]) expect(seen(answer)).toEqual(seen(first));
    expect(given.filter((answer) => !wasReplayed(answer))).toHaveLength(1);
    expect(later.every(wasReplayed)).toBe(true);
    await expectMadeOnce(change, scene, before);

    const other = await send({ dispatch_id: "another" });
    expect([other.status, other.body.error_envelope.code]).toEqual([422, "IDEMPOTENCY_MISMATCH"]);
    await expectMadeOnce(change, scene, before);
  });

  it("is made once also where its function fails right after it, whatever has happened since", async () => {
    const scene = await arranged(change);
    const before = await written(scene.project);
    const send = keyed(change, scene);
    const isBeat = change.operation.id === "heartbeat";
    const effect = isBeat
      ? { operation: "UpdateItem", match: "lease_heartbeat_at" }
      : { operation: "TransactWriteItems" };
    await injectFault({ service: "dynamodb", ...effect, dropAnswer: true, times: EVERY_ATTEMPT });
    const failed = await send();
    expect([failed.status >= 500, failed.body.error_envelope.retryable]).toEqual([true, true]);
    await clearFaults();
    const crashed = await written(scene.project);
    expect(crashed.entries).toBeGreaterThan(before.entries - (isBeat ? 1 : 0));

    const isImport = change.operation.id === "importRecords";
    const log = { description: "somebody else", session_id: change.sample.byHolder ? "claude" : undefined };
    if (!isImport && !isBeat) await call("POST", `${pathOf(scene.project, scene.other)}/log`, log);
    const again = await send();
    expect([again.status < 300, again.body.error]).toEqual([true, undefined]);
    expect(wasReplayed(again)).toBe(false);
    const third = await send();
    expect([seen(third), wasReplayed(third)]).toEqual([seen(again), true]);
    const extra = isImport || isBeat ? 0 : 1;
    const after = await written(scene.project);
    expect(after.entries - before.entries).toBe((change.sample.entries ?? 1) + extra);
    await expectAllIntact(scene.project);
  });
});

describe("a request whose function failed right after the change", () => {
  const lose = (operation = "TransactWriteItems") =>
    injectFault({ service: "dynamodb", operation, dropAnswer: true, times: EVERY_ATTEMPT });
  const ofOne = trackerChanges.filter(
    ({ operation }) => operation.path.includes("{id}") && operation.id !== "heartbeat",
  );

  it.each(ofOne.map((change) => [change.title, change] as const))(
    "is answered with what came of it, though the record has changed since: %s",
    async (_title, change) => {
      const scene = await arranged(change);
      const path = pathOf(scene.project, scene.id);
      const send = keyed(change, scene);
      await lose();
      expect((await send()).status).toBeGreaterThanOrEqual(500);
      await clearFaults();
      const made = (await call("GET", path)).headers.ETag;
      // Somebody undoes it, or does something else; both are changes that the repetition must not touch.
      await call("PATCH", path, { action: "reopen" });
      await call("DELETE", `${path}/checkout`, {});
      await call("POST", `${path}/log`, { description: "since" });
      const before = await written(scene.project);
      const again = await send();
      expect([again.status < 300, again.body.error]).toEqual([true, undefined]);
      expect(await written(scene.project)).toEqual(before);
      expect(again.headers.ETag).toBe(made);
    },
  );

  it("is answered with what came of it, though its If-Match and its fence are out of date by its own doing", async () => {
    const change = trackerChanges.find(({ operation }) => operation.id === "checkoutRecord") as TrackerChange;
    const scene = await arranged(change);
    const { method, path, body } = requestOf(change, scene);
    const headers = { "Idempotency-Key": anyKey(), "If-Match": '"1"', "X-Lease-Fence": "0" };
    await lose();
    expect((await call(method, path, body, { headers })).status).toBeGreaterThanOrEqual(500);
    await clearFaults();
    const again = await call(method, path, body, { headers });
    expect(again).toMatchObject({ status: 200, headers: { ETag: '"2"' }, body: { lease: { fence: 1 } } });
    expect((await records(scene.project)).map(({ fence }) => fence)).toEqual([1, 0]);
  });

  it("gets the very record and lease that it had claimed, also where nothing else is ready any more", async () => {
    const change = trackerChanges.find(({ operation }) => operation.id === "claimNext") as TrackerChange;
    const scene = await arranged(change);
    const send = keyed(change, scene);
    await lose();
    expect((await send()).status).toBeGreaterThanOrEqual(500);
    await clearFaults();
    await call("PATCH", pathOf(scene.project, scene.other), { action: "close" });
    const again = await send();
    const [row] = await records(scene.project);
    expect(again.body).toMatchObject({
      record: { item_id: scene.id, sync_version: 2 },
      lease: { lease_id: row?.lease_id, fence: 1, expires_at: row?.lease_expires_at },
    });
  });
});
