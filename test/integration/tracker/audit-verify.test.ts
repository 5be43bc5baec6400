import { entryHash } from "@enceladus/shared/history-chain";
import { beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { HistoryEntry } from "../../../domain/tracker/history.ts";
import type { TrackerRecord } from "../../../domain/tracker/record.ts";
import { anyName, makeProject } from "../../support/projects.ts";
import { callsDuring, clearFaults, injectFault, pendingFaults } from "../../support/services.ts";
import { call, create, LEAST, set } from "../../support/tracker-api.ts";
import { putChain, putEntry, removeEntry } from "../../support/tracker-chains.ts";
import { chainOf, putRow, rowId, rowsOf } from "../../support/tracker-rows.ts";

type Query = Readonly<Record<string, string>>;
interface Found {
  success: boolean;
  verified: boolean;
  records_checked: number;
  entries_checked: number;
  first_broken: { record_id: string; seq: number; reason: string } | null;
  next_cursor?: string;
}

let project: string;

const ask = (query: Query = {}, of = project) => call("GET", `/${of}/audit/verify`, undefined, { query, as: "person" });
const verify = async (query: Query = {}, of = project): Promise<Found> => {
  const answer = await ask(query, of);
  expect([answer.status, answer.body.error]).toEqual([200, undefined]);
  return answer.body as unknown as Found;
};

/** Every page to the end. */
async function pages(query: Query = {}, of = project): Promise<Found[]> {
  const found: Found[] = [];
  let cursor: string | undefined;
  do {
    const page = await verify({ ...query, ...(cursor !== undefined && { cursor }) }, of);
    expect(page.verified).toBe(page.first_broken === null);
    found.push(page);
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return found;
}

const sum = (found: readonly Found[], of: "records_checked" | "entries_checked") =>
  found.reduce((total, page) => total + page[of], 0);
const broken = (found: readonly Found[]) => found.flatMap(({ first_broken }) => first_broken ?? []);

/** The same entry with another content, hashed as if it had always had it. */
function forged(entry: HistoryEntry, change: Partial<HistoryEntry>): HistoryEntry {
  const { hash: _, ...rest } = { ...entry, ...change };
  return { ...rest, hash: entryHash(rest) };
}

const LENGTHS = { "AUD-FTR-001": 2, "AUD-ISS-001": 5, "AUD-TSK-001": 1, "AUD-TSK-002": 7, "AUD-TSK-003": 3 };
/** Records with their chains, by id. */
let made: Record<string, { row: TrackerRecord; chain: HistoryEntry[] }>;

const madeOf = (id: string) => {
  const { row, chain } = made[id] ?? {};
  if (!row || !chain) throw new Error(`there is no ${id}`);
  return { row, chain, entry: (seq: number) => chain[seq - 1] as HistoryEntry };
};

/** A project of its own for each test: what one breaks is not to be found by another. */
async function makeAnother(): Promise<void> {
  project = (await makeProject()).project_id;
  const chains = Object.entries(LENGTHS).map(
    async ([id, length]) => [id, await putChain(project, id, length)] as const,
  );
  made = Object.fromEntries(await Promise.all(chains));
}

beforeAll(makeAnother);

describe("the histories of a project that nobody has edited", () => {
  it("verify, whatever was done through the API", async () => {
    const { project_id } = await makeProject();
    const target = await create(project_id, "issue");
    await call("POST", `/${project_id}/task`, { ...LEAST.task, related: [target] });
    await create(project_id, "feature");
    await set(project_id, target, "priority", "P0");
    const records = (await rowsOf(project_id)).filter(({ history_seq }) => history_seq !== undefined);
    const entries = records.reduce((total, { history_seq }) => total + Number(history_seq), 0);
    expect(await verify({}, project_id)).toEqual({
      success: true,
      verified: true,
      records_checked: 3,
      entries_checked: entries,
      first_broken: null,
    });
    expect(entries).toBeGreaterThanOrEqual(5);
  });

  it("verify page by page, and no record is left out or checked twice", async () => {
    for (const [limit, count] of [
      [1, 5],
      [2, 3],
      [5, 1],
      [1_000, 1],
    ]) {
      const found = await pages({ limit: String(limit) });
      expect(found).toHaveLength(Number(count));
      expect([sum(found, "records_checked"), sum(found, "entries_checked")]).toEqual([5, 18]);
      expect(broken(found)).toEqual([]);
    }
  });

  it("verify while they are written", async () => {
    const { project_id } = await makeProject();
    const ids = await Promise.all(Array.from({ length: 3 }, () => create(project_id, "task")));
    let isOver = false;
    const writers = ids.map(async (id) => {
      for (let count = 0; !isOver; count += 1) await set(project_id, id, "count", count);
    });
    const found: Found[] = [];
    while (found.length < 6) found.push(await verify({}, project_id));
    isOver = true;
    await Promise.all(writers);
    expect(broken(found)).toEqual([]);
    const entries = found.map(({ entries_checked }) => entries_checked);
    expect(entries).toEqual(entries.toSorted((one, other) => one - other));
    expect(entries.at(-1)).toBeGreaterThan(Number(entries[0]));
  }, 20_000);

  it("are none, where a row was written before there were chains or is no record", async () => {
    const { project_id } = await makeProject();
    const older = { project_id, record_type: "task", title: "Older", status: "open", sync_version: 9 };
    await putRow({ ...older, record_id: rowId("OLD-TSK-001"), item_id: "OLD-TSK-001" });
    await putRow({ ...older, record_id: "outbox#1", record_type: "outbox", item_id: "1", history_seq: 7 });
    expect(await verify({}, project_id)).toMatchObject({ verified: true, records_checked: 1, entries_checked: 0 });
  });

  it("costs a read of the project and one of each chain", async () => {
    await verify();
    const operations = (await callsDuring(() => verify())).map(({ operation }) => operation);
    expect(operations).toEqual(Array(6).fill("Query"));
  });
});

describe("an edited history is found", () => {
  beforeEach(makeAnother);

  const TSK = "AUD-TSK-002";
  it.each<[what: string, edit: (of: ReturnType<typeof madeOf>) => Promise<unknown>, seq: number]>([
    ["a changed value", ({ entry }) => putEntry({ ...entry(3), changes: [] }), 3],
    ["a changed actor", ({ entry }) => putEntry({ ...entry(1), actor: "somebody else" }), 1],
    ["a changed hash", ({ entry }) => putEntry({ ...entry(7), hash: "0".repeat(64) }), 7],
    ["an edit that is hashed again", ({ entry }) => putEntry(forged(entry(3), { actor: "x" })), 4],
    ["an edit of the last that is hashed again", ({ entry }) => putEntry(forged(entry(7), { actor: "x" })), 7],
    ["an entry taken out", ({ entry }) => removeEntry(entry(4)), 4],
    ["the last entry taken out", ({ entry }) => removeEntry(entry(7)), 7],
    ["the whole chain taken out", ({ chain }) => Promise.all(chain.map(removeEntry)), 1],
    [
      "an entry put behind the last",
      ({ entry }) => putEntry(forged(entry(7), { seq: 8, prev_hash: entry(7).hash })),
      8,
    ],
    ["an entry put in between", ({ entry }) => putEntry(forged(entry(2), { seq: 2.5, prev_hash: entry(2).hash })), 3],
    [
      "an entry of another record",
      ({ row, entry }) =>
        putEntry(madeOf("AUD-ISS-001").entry(1), `${row.project_id}#${row.record_id}`).then(() => entry),
      1,
    ],
    ["another head", ({ row }) => putRow({ ...row, history_hash: "0".repeat(64) }), 7],
    ["an older head", ({ row, entry }) => putRow({ ...row, history_seq: 6, history_hash: entry(6).hash }), 7],
    ["a head that is ahead", ({ row }) => putRow({ ...row, history_seq: 900 }), 8],
    ["no head", ({ row }) => putRow({ ...row, history_seq: undefined, history_hash: undefined }), 1],
    ["a record that claims to be something else", ({ row }) => putRow({ ...row, record_type: "x", history_seq: 8 }), 8],
  ])("with %s", async (_what, edit, seq) => {
    await edit(madeOf(TSK));
    const found = await pages();
    expect(broken(found)).toEqual([{ record_id: TSK, seq, reason: expect.stringMatching(/^Entry .+\.$/) }]);
    expect(found.map(({ verified }) => verified)).toEqual([false, true]);
    expect(sum(found, "records_checked")).toBe(5);
    expect(found[0]).toMatchObject({ records_checked: 4, entries_checked: 8 + seq - 1 });
  });

  it("by an entry written over it through the API", async () => {
    const id = await create(project, "task");
    await set(project, id, "priority", "P0");
    const [, second] = await chainOf(project, id);
    await putEntry({ ...(second as HistoryEntry), at: "2020-01-01T00:00:00Z" });
    await set(project, id, "priority", "P1");
    expect(broken(await pages())).toMatchObject([{ record_id: id, seq: 2 }]);
  });

  it("wherever it is, one after the other, in the order of the ids", async () => {
    for (const id of ["AUD-TSK-003", "AUD-FTR-001", "AUD-TSK-001"]) {
      await putEntry({ ...madeOf(id).entry(1), operation: "nothing" });
    }
    for (const limit of ["1", "3", "100"]) {
      const found = await pages({ limit });
      expect(broken(found).map(({ record_id }) => record_id)).toEqual(["AUD-FTR-001", "AUD-TSK-001", "AUD-TSK-003"]);
      expect(sum(found, "records_checked")).toBe(5);
      expect(found.at(-1)).toMatchObject({ verified: false, first_broken: { record_id: "AUD-TSK-003" } });
    }
  });
});

describe("a chain that is longer than a page", () => {
  const LONG = "LNG-TSK-001";
  const LENGTH = 2_300;
  let of: string;
  let chain: HistoryEntry[];

  beforeAll(async () => {
    of = (await makeProject()).project_id;
    await putChain(of, "LNG-ISS-001", 300);
    ({ chain } = await putChain(of, LONG, LENGTH));
    await putChain(of, "LNG-TSK-002", 10);
  }, 30_000);

  const entry = (seq: number) => chain[seq - 1] as HistoryEntry;
  /** The cursor of a page, its position changed. */
  const altered = (cursor: string | undefined, p: object) => {
    const { s } = JSON.parse(Buffer.from(String(cursor), "base64url").toString()) as { s: string };
    return Buffer.from(JSON.stringify({ s, p })).toString("base64url");
  };

  it("is checked over several of them, each bounded", async () => {
    const found = await pages({}, of);
    expect(found.map(({ records_checked, entries_checked }) => [records_checked, entries_checked])).toEqual([
      [1, 300],
      [0, 2_000],
      [2, 310],
    ]);
    expect(broken(found)).toEqual([]);
  });

  it.each([1, 1_999, 2_000, 2_001, LENGTH])("is found broken at entry %i", async (seq) => {
    await putEntry({ ...entry(seq), channel: "nowhere" });
    const found = await pages({}, of);
    await putEntry(entry(seq));
    expect(broken(found)).toMatchObject([{ record_id: LONG, seq }]);
    expect(found.at(-1)).toMatchObject({ verified: true, records_checked: 1, entries_checked: 10 });
    expect(sum(found, "records_checked")).toBe(3);
    expect(sum(found, "entries_checked")).toBe(300 + seq - 1 + 10);
  });

  it("is looked at again where the next page begins", async () => {
    const first = await verify({}, of);
    const second = await verify({ cursor: String(first.next_cursor) }, of);
    await removeEntry(entry(2_000));
    const third = await verify({ cursor: String(second.next_cursor) }, of);
    await putEntry(entry(2_000));
    expect(third).toMatchObject({ first_broken: { record_id: LONG, seq: 2_000 }, entries_checked: 0 });
  });

  it("is checked from its beginning where a cursor names an entry that is not there", async () => {
    const { next_cursor } = await verify({}, of);
    for (const seq of [LENGTH, LENGTH + 1, Number.MAX_SAFE_INTEGER]) {
      const cursor = altered(next_cursor, { record_id: rowId(LONG), seq });
      expect(await verify({ cursor }, of)).toMatchObject({
        verified: true,
        records_checked: 0,
        entries_checked: 2_000,
      });
    }
  });

  it("and a record that is gone: the next page begins with the one behind it", async () => {
    const { next_cursor } = await verify({}, of);
    const cursor = altered(next_cursor, { record_id: "task#LNG-TSK-001-GONE", seq: 5 });
    expect(await verify({ cursor }, of)).toMatchObject({ verified: true, records_checked: 1, entries_checked: 10 });
  });

  it("does not go on from what no page ends with", async () => {
    const { next_cursor } = await verify({}, of);
    const positions = [
      {},
      { record_id: "" },
      { record_id: 5 },
      { seq: 5 },
      { record_id: "x".repeat(1_025) },
      { record_id: rowId(LONG), seq: "5" },
      { record_id: rowId(LONG), seq: 0 },
      { record_id: rowId(LONG), seq: 1.5 },
      { record_id: rowId(LONG), project_id: project },
    ];
    const cursors = [...positions.map((position) => altered(next_cursor, position)), "nonsense", ""];
    for (const cursor of cursors) {
      const answer = await ask({ cursor }, of);
      expect([cursor, answer.status, answer.body.error_envelope?.code]).toEqual([cursor, 400, "INVALID_INPUT"]);
    }
    expect((await ask({ cursor: String(next_cursor) })).status).toBe(400);
  });
});

describe("an audit", () => {
  it.each(["0", "1001", "x", ""])("is not of %j records a page", async (limit) => {
    expect((await ask({ limit })).status).toBe(400);
  });

  it("is of a project that is there", async () => {
    const answer = await ask({}, anyName());
    expect([answer.status, answer.body.error]).toEqual([404, expect.stringContaining("not registered")]);
  });

  it("ends a page after three seconds, and the next one goes on", async () => {
    const { project_id } = await makeProject();
    for (let count = 100; count < 140; count += 1) await putChain(project_id, `SLW-TSK-${count}`, 1);
    await injectFault({ service: "dynamodb", operation: "Query", delayMs: 1_100, times: 41 });
    const first = await verify({}, project_id);
    expect((await pendingFaults()).length).toBe(1);
    await clearFaults();
    expect(first).toMatchObject({ verified: true, records_checked: expect.any(Number) });
    expect(first.records_checked).toBeGreaterThanOrEqual(10);
    expect(first.records_checked).toBeLessThan(40);
    const second = await verify({ cursor: String(first.next_cursor) }, project_id);
    expect(first.records_checked + second.records_checked).toBe(40);
    expect(second).not.toHaveProperty("next_cursor");
  }, 20_000);

  it("that cannot read is no finding", async () => {
    await injectFault({ service: "dynamodb", operation: "Query", error: "ValidationException", times: 1 });
    const answer = await ask();
    await clearFaults();
    expect([answer.status, answer.body.error]).toEqual([500, "Database query failed."]);
  });
});
