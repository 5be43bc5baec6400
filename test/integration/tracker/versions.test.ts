import { afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { makeProject } from "../../support/projects.ts";
import { type CallOptions, call, create, patch, pathOf, set, type TrackerAnswer } from "../../support/tracker-api.ts";
import { requestOf, type Scene, sceneOf, type TrackerChange, trackerChanges } from "../../support/tracker-changes.ts";
import { expectIntact, snapshot, stored } from "../../support/tracker-rows.ts";

let project: string;

beforeAll(async () => {
  project = (await makeProject()).project_id;
});

afterEach(() => {
  jest.restoreAllMocks();
  delete process.env.STRICT_CONCURRENCY;
});

const get = (id: string, headers: Record<string, string> = {}) =>
  call("GET", pathOf(project, id), undefined, { headers });
const ifMatch = (tag: string): CallOptions => ({ headers: { "If-Match": tag } });
const refusal = ({ status, body }: TrackerAnswer) => [status, body.error_envelope?.code];
const prioritize = (id: string, value: string, options?: CallOptions) =>
  patch(project, id, { field: "priority", value }, options);

async function expectUnchanged(id: string, work: () => Promise<TrackerAnswer>): Promise<TrackerAnswer> {
  const before = await snapshot(project, id);
  const answer = await work();
  expect(await snapshot(project, id)).toEqual(before);
  return answer;
}

describe("the entity tag of a record", () => {
  it("is its version, with reads and with the answer that created it", async () => {
    const created = await call("POST", `/${project}/task`, { title: "x", acceptance_criteria: ["y"] });
    expect(created.headers.ETag).toBe('"1"');
    const id = created.body.record_id;
    expect((await get(id)).headers.ETag).toBe('"1"');
    const written = await prioritize(id, "P1");
    expect(written.headers.ETag).toBe('"2"');
    const answer = await get(id);
    expect([answer.headers.ETag, answer.body.record.sync_version]).toEqual(['"2"', 2]);
  });

  it("comes also with the answer to what changes nothing", async () => {
    const [id, other] = [await create(project, "task"), await create(project, "task")];
    const put = () => call("PUT", `${pathOf(project, id)}/dependencies/${other}`, { kind: "blocks" });
    expect([(await put()).status, (await put()).status]).toEqual([201, 200]);
    expect((await put()).headers.ETag).toBe('"2"');
    await patch(project, id, { action: "close" });
    const again = await patch(project, id, { action: "close" });
    expect(again.headers.ETag).toBe('"3"');
  });
});

describe("a read with If-None-Match", () => {
  it.each(['"1"', 'W/"1"', '"7", "1"', '"7",W/"1"', "*"])(
    "%s is 304 while the record is of that version",
    async (tag) => {
      const id = await create(project, "task");
      const known = await get(id, { "If-None-Match": tag });
      expect([known.status, known.text, known.headers.ETag]).toEqual([304, "", '"1"']);
      if (tag === "*") return;
      await prioritize(id, "P1");
      const news = await get(id, { "If-None-Match": tag });
      expect([news.status, news.headers.ETag, news.body.record.priority]).toEqual([200, '"2"', "P1"]);
    },
  );

  it.each(['"11"', "1", '""', "nonsense"])("%s is answered in full", async (tag) => {
    expect((await get(await create(project, "task"), { "If-None-Match": tag })).status).toBe(200);
  });
});

describe("a write with If-Match", () => {
  it.each(['"2"', '"1", "2"', '"2","9"', "*", 'W/"1", "2"'])("%s passes on version 2", async (tag) => {
    const id = await create(project, "task");
    await prioritize(id, "P1");
    expect(await prioritize(id, "P2", ifMatch(tag))).toMatchObject({ status: 200, headers: { ETag: '"3"' } });
  });

  it.each(['"1"', '"3"', 'W/"2"', '"1", "9"', '"02"', '"h-0123456789abcdef"', '""'])(
    "%s is refused on version 2, and nothing is written",
    async (tag) => {
      const id = await create(project, "task");
      await prioritize(id, "P1");
      const answer = await expectUnchanged(id, () => prioritize(id, "P2", ifMatch(tag)));
      expect(refusal(answer)).toEqual([412, "VERSION_CONFLICT"]);
      expect(answer.body.error_envelope).toMatchObject({
        retryable: false,
        details: {
          reason: "VERSION_CONFLICT",
          current_version: 2,
          current_status: "open",
          next_action: expect.stringContaining("Read the record again"),
        },
      });
      // What changed since is told where one version was named, and it is an older one.
      const told = tag === '"1"' ? ["priority"] : undefined;
      expect(answer.body.error_envelope.details.changed_fields).toEqual(told);
    },
  );

  it.each(["2", '"2', "nonsense", "", ",,"])("%j cannot be read", async (tag) => {
    const id = await create(project, "task");
    expect(refusal(await prioritize(id, "P1", ifMatch(tag)))).toEqual([400, "INVALID_INPUT"]);
  });

  it("is told every field that changed since, and no housekeeping", async () => {
    const id = await create(project, "task");
    await prioritize(id, "P1");
    await set(project, id, "labels", ["a"]);
    await prioritize(id, "P2");
    await call("POST", `${pathOf(project, id)}/log`, { description: "x" });
    await set(project, id, "status", "in-progress");
    const since = async (version: number) =>
      (await prioritize(id, "P3", ifMatch(`"${version}"`))).body.error_envelope.details.changed_fields;
    expect(await since(1)).toEqual(["labels", "priority", "status"]);
    expect(await since(3)).toEqual(["priority", "status"]);
    expect(await since(4)).toEqual(["status"]);
    expect(await since(6 + 1)).toBeUndefined();
  });

  it("on a record that does not exist is 404", async () => {
    expect((await prioritize("NOT-TSK-999", "P1", ifMatch('"1"'))).status).toBe(404);
    expect((await prioritize("NOT-TSK-999", "P1", ifMatch("*"))).status).toBe(404);
  });
});

describe("expected_version in the body", () => {
  it("of another version is 409, with the same details", async () => {
    const id = await create(project, "task");
    await prioritize(id, "P1");
    const conflict = (body: object, options?: CallOptions) =>
      expectUnchanged(id, () => patch(project, id, { field: "priority", value: "P2", ...body }, options));
    const [older, newer] = [await conflict({ expected_version: 1 }), await conflict({}, ifMatch('"1"'))];
    expect([refusal(older), refusal(newer)]).toEqual([
      [409, "VERSION_CONFLICT"],
      [412, "VERSION_CONFLICT"],
    ]);
    expect(older.body.error_envelope.details).toEqual(newer.body.error_envelope.details);
    expect(older.body).toMatchObject({ current_version: 2, changed_fields: ["priority"] });
    for (const action of ["close", "note"]) {
      const answer = await expectUnchanged(id, () => patch(project, id, { action, note: "x", expected_version: 1 }));
      expect(refusal(answer)).toEqual([409, "VERSION_CONFLICT"]);
    }
    expect((await patch(project, id, { field: "priority", value: "P2", expected_version: 2 })).status).toBe(200);
  });
});

describe("two writers who have read the same", () => {
  it("are one who writes and one who is told that somebody else did", async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await create(project, "task");
      const answers = await Promise.all(["P1", "P2"].map((value) => prioritize(id, value, ifMatch('"1"'))));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
      const lost = answers.find(({ status }) => status === 412);
      expect(lost?.body).toMatchObject({ current_version: 2, changed_fields: ["priority"] });
      const won = answers.findIndex(({ status }) => status === 200);
      const row = await stored(project, id);
      expect(row).toMatchObject({ priority: `P${won + 1}`, sync_version: 2 });
      await expectIntact(project, row);
    }
  });

  it("are one who writes and many who are told, by every way to say a version", async () => {
    const id = await create(project, "task");
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        index % 2 === 0
          ? prioritize(id, `P${index}`, ifMatch('"1"'))
          : patch(project, id, { field: "severity", value: `s${index}`, expected_version: 1 }),
      ),
    );
    const counts = (status: number) => answers.filter((answer) => answer.status === status).length;
    expect(counts(200)).toBe(1);
    expect(counts(409) + counts(412)).toBe(29);
    expect((await stored(project, id)).sync_version).toBe(2);
  });
});

describe("what is no change of a record does not invalidate its entity tag", () => {
  it("a heartbeat", async () => {
    const id = await create(project, "task");
    const path = `${pathOf(project, id)}/checkout`;
    const taken = await call("POST", path, { session_id: "claude", lease_seconds: 60 });
    const tag = taken.headers.ETag ?? "";
    const { lease_id } = taken.body.lease as { lease_id: string };
    await call("POST", `${path}/heartbeat`, { lease_id });
    expect(await stored(project, id)).toMatchObject({ row_version: 3, sync_version: 2 });
    expect((await get(id, { "If-None-Match": tag })).status).toBe(304);
    expect((await prioritize(id, "P1", ifMatch(tag))).status).toBe(200);
  });

  it("a blocker that closes, or opens again", async () => {
    const [id, blocker] = [await create(project, "task"), await create(project, "task")];
    const put = await call("PUT", `${pathOf(project, id)}/dependencies/${blocker}`, { kind: "blocks" });
    const tag = put.headers.ETag ?? "";
    const { row_version } = await stored(project, id);
    for (const action of ["close", "reopen", "close"]) await patch(project, blocker, { action });
    expect((await stored(project, id)).row_version).toBe(Number(row_version) + 3);
    expect((await prioritize(id, "P1", ifMatch(tag))).status).toBe(200);
  });

  it("an edge that ends at it", async () => {
    const [id, dependant] = [await create(project, "task"), await create(project, "task")];
    await call("PUT", `${pathOf(project, dependant)}/dependencies/${id}`, { kind: "blocks" });
    expect(await stored(project, id)).toMatchObject({ has_dependants: true, row_version: 2 });
    expect((await prioritize(id, "P1", ifMatch('"1"'))).status).toBe(200);
  });
});

const ofRecords = trackerChanges.filter(({ operation }) => operation.path.includes("{id}"));
const titled = (isMeant: (operation: TrackerChange["operation"]) => boolean | undefined) =>
  ofRecords.filter(({ operation }) => isMeant(operation)).map((change) => [change.title, change] as const);

/** What a change needs, on a record that was changed once more; a lease where the change is a holder's. */
async function changedOnce(change: TrackerChange): Promise<Scene & { version: number }> {
  const scene = await sceneOf(change, project, change.sample.byHolder && 600);
  await set(project, scene.id, "severity", "high", { provider: "claude" });
  return { ...scene, version: (await stored(project, scene.id)).sync_version ?? 0 };
}

function send(change: TrackerChange, scene: Scene, options: CallOptions = {}, more: object = {}) {
  const { method, path, body, query } = requestOf(change, scene);
  return call(method, path, { ...body, ...more }, { ...options, ...(query && { query }) });
}

/** Nothing is written for a version that is past; for the current one it is, and the answer has the next entity tag. */
async function expectVersionHeeded(change: TrackerChange, scene: Scene & { version: number }): Promise<void> {
  const { id, version } = scene;
  const past = version - 1;
  const stale = await expectUnchanged(id, () => send(change, scene, ifMatch(`"${past}"`)));
  expect(refusal(stale)).toEqual([412, "VERSION_CONFLICT"]);
  expect(stale.body).toMatchObject({ current_version: version, changed_fields: ["severity"] });
  if (change.operation.versioned) {
    const older = await expectUnchanged(id, () => send(change, scene, {}, { expected_version: past }));
    expect([refusal(older), older.body.changed_fields]).toEqual([[409, "VERSION_CONFLICT"], ["severity"]]);
  }
  const answer = await send(change, scene, ifMatch(`"${version}"`));
  expect([answer.status < 300, answer.body.error]).toEqual([true, undefined]);
  // A sign of life is no change of the record.
  const next = change.operation.id === "heartbeat" ? version : version + 1;
  expect((await get(id)).headers.ETag).toBe(`"${next}"`);
  if (next > version) expect(answer.headers.ETag).toBe(`"${next}"`);
}

describe("every change of a record", () => {
  it.each(titled(({ versioned }) => versioned))(
    "heeds versions, and on a stage with strict concurrency it must name one: %s",
    async (_title, change) => {
      const scene = await changedOnce(change);
      process.env.STRICT_CONCURRENCY = "true";
      const answer = await expectUnchanged(scene.id, () => send(change, scene));
      expect(refusal(answer)).toEqual([428, "PRECONDITION_REQUIRED"]);
      await expectVersionHeeded(change, scene);
    },
  );

  it.each(titled(({ versioned }) => !versioned))(
    "that has to do with leases heeds versions, and never has to name one: %s",
    async (_title, change) => {
      const scene = await changedOnce(change);
      await expectVersionHeeded(change, scene);
      const another = await changedOnce(change);
      process.env.STRICT_CONCURRENCY = "true";
      expect((await send(change, another)).status).toBeLessThan(300);
    },
  );

  it("must name its version on a strict stage, but for those that have to do with leases", () => {
    const free = ofRecords.filter(({ operation }) => !operation.versioned).map(({ operation }) => operation.id);
    expect(free.sort()).toEqual(["checkoutRecord", "heartbeat", "releaseRecord"]);
  });
});
