import { beforeAll, describe, expect, it } from "@jest/globals";
import type { HistoryEntry } from "../../../domain/tracker/history.ts";
import { firstBreak } from "../../support/history-chain.ts";
import { anyName, makeProject } from "../../support/projects.ts";
import { callsDuring } from "../../support/services.ts";
import { call, create, patch, pathOf, set } from "../../support/tracker-api.ts";
import { putChain } from "../../support/tracker-chains.ts";
import { chainOf, putRow, stored } from "../../support/tracker-rows.ts";

let project: string;
let task: string;

beforeAll(async () => {
  project = (await makeProject()).project_id;
  task = await create(project, "task");
  for (const priority of ["P0", "P1", "P2"]) await set(project, task, "priority", priority);
  await patch(project, task, { action: "note", note: "for the next agent" });
  await call("POST", `${pathOf(project, task)}/log`, { description: "done" });
});

type Query = Readonly<Record<string, string>>;
interface Page {
  success: boolean;
  record_id: string;
  entries: HistoryEntry[];
  next_cursor?: string;
}

const ask = (id: string, query: Query = {}) =>
  call("GET", `${pathOf(project, id)}/history`, undefined, { query, as: "person" });
const history = async (id: string, query: Query = {}): Promise<Page> => {
  const answer = await ask(id, query);
  expect([answer.status, answer.body.error]).toEqual([200, undefined]);
  return answer.body as unknown as Page;
};
const numbers = ({ entries }: Page) => entries.map(({ seq }) => seq);

/** Every page from a cursor to the end. */
async function pages(id: string, limit: number, from?: string): Promise<number[][]> {
  const found: number[][] = [];
  let cursor = from;
  do {
    const page = await history(id, { limit: String(limit), ...(cursor !== undefined && { cursor }) });
    found.push(numbers(page));
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return found;
}

describe("the history of a record", () => {
  it("has every change as it was chained, newest first", async () => {
    const page = await history(task.toLowerCase());
    expect(page).toEqual({ success: true, record_id: task, entries: (await chainOf(project, task)).reverse() });
    expect(page.entries.map(({ operation }) => operation)).toEqual([
      ...["log", "note", "update", "update", "update", "create"],
    ]);
    expect(page.entries[0]).toMatchObject({ actor: "internal-key", note: { description: "done" } });
    expect(page.entries[4]?.changes).toEqual([{ field: "priority", from: null, to: "P0" }]);
  });

  it("can be verified by whoever reads it", async () => {
    const { entries } = await history(task);
    expect(firstBreak(entries.toReversed())).toBeUndefined();
    expect(entries[0]?.hash).toBe((await stored(project, task)).history_hash);
  });

  it("is empty where the record was written before there were chains", async () => {
    const row = { record_type: "task", title: "An older row", status: "open", sync_version: 3 };
    const notes = [{ timestamp: "2025-01-01T00:00:00Z", status: "created", description: "Created" }];
    await putRow({
      project_id: project,
      record_id: "task#OLD-TSK-001",
      item_id: "OLD-TSK-001",
      ...row,
      history: notes,
    });
    expect(await history("OLD-TSK-001")).toEqual({ success: true, record_id: "OLD-TSK-001", entries: [] });
    await set(project, "OLD-TSK-001", "priority", "P0");
    expect(numbers(await history("OLD-TSK-001"))).toEqual([1]);
  });

  it("is not that of a record or project that is not there", async () => {
    const unknown = await ask("NON-TSK-001");
    expect([unknown.status, unknown.body.error]).toEqual([404, "Record not found."]);
    const ofType = await call("GET", `/${project}/issue/${task}/history`);
    expect([ofType.status, ofType.body.error]).toEqual([404, "Record not found."]);
    const elsewhere = await call("GET", `/${anyName()}/task/${task}/history`);
    expect([elsewhere.status, elsewhere.body.error]).toEqual([404, expect.stringContaining("not registered")]);
  });

  it("costs 1 AWS call; where it is empty 1 more", async () => {
    const operationsOf = async (work: () => Promise<unknown>) =>
      (await callsDuring(work)).map(({ operation }) => operation);
    expect(await operationsOf(() => history(task))).toEqual(["Query"]);
    expect(await operationsOf(() => history(task, { limit: "2" }))).toEqual(["Query"]);
    expect(await operationsOf(() => ask("NON-TSK-001"))).toEqual(["Query", "GetItem"]);
  });
});

describe("a long history", () => {
  it.each([
    [1, 6],
    [2, 3],
    [4, 2],
    [6, 1],
    [1_000, 1],
  ])("comes in pages of %i, the last of which has no cursor", async (limit, count) => {
    const found = await pages(task, limit);
    expect(found).toHaveLength(count);
    expect(found.slice(0, -1).every((page) => page.length === limit)).toBe(true);
    expect(found.flat()).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it("has a hundred entries a page unless more are asked for", async () => {
    await putChain(project, "LNG-TSK-001", 250);
    const first = await history("LNG-TSK-001");
    expect(numbers(first)).toEqual(Array.from({ length: 100 }, (_, index) => 250 - index));
    expect((await pages("LNG-TSK-001", 120, first.next_cursor)).map(({ length }) => length)).toEqual([120, 30]);
  });

  it("goes on where it ended though entries came in between", async () => {
    const id = await create(project, "task");
    for (const priority of ["P0", "P1", "P2"]) await set(project, id, "priority", priority);
    const first = await history(id, { limit: "2" });
    expect(numbers(first)).toEqual([4, 3]);
    for (const priority of ["P3", "P4"]) await set(project, id, "priority", priority);
    expect(await pages(id, 1, first.next_cursor)).toEqual([[2], [1]]);
    expect(numbers(await history(id, { limit: "2" }))).toEqual([6, 5]);
  });

  it("ends a page before it grows past five megabytes", async () => {
    await putChain(project, "LRG-TSK-001", 16, "x".repeat(350_000));
    const answer = await ask("LRG-TSK-001", { limit: "1000" });
    expect(answer.text.length).toBeGreaterThan(4_500_000);
    expect(answer.text.length).toBeLessThan(5_000_500);
    const first = answer.body as unknown as Page;
    const second = await history("LRG-TSK-001", { cursor: String(first.next_cursor) });
    expect([...numbers(first), ...numbers(second)]).toEqual(Array.from({ length: 16 }, (_, index) => 16 - index));
  });
});

describe("a page of a history", () => {
  const refusal = async (id: string, query: Query) => {
    const answer = await ask(id, query);
    return [answer.status, answer.body.error_envelope?.code, answer.body.error];
  };

  it.each(["0", "-1", "1001", "1.5", "ten", ""])("is not of %j entries", async (limit) => {
    expect(await refusal(task, { limit })).toEqual([400, "INVALID_INPUT", expect.stringContaining("limit")]);
  });

  it("does not go on from a cursor of another record, or from one that is none", async () => {
    const other = await create(project, "task");
    const { next_cursor } = await history(task, { limit: "2" });
    for (const cursor of ["nonsense", "", "A".repeat(5_000)]) {
      expect(await refusal(task, { cursor })).toEqual([400, "INVALID_INPUT", expect.stringContaining("cursor")]);
    }
    const elsewhere = await refusal(other, { cursor: String(next_cursor) });
    expect(elsewhere).toEqual([400, "INVALID_INPUT", expect.stringContaining("cursor")]);
  });

  it("does not go on from a position that somebody has made up", async () => {
    const { next_cursor } = await history(task, { limit: "2" });
    const { s } = JSON.parse(Buffer.from(String(next_cursor), "base64url").toString()) as { s: string };
    for (const p of [{}, { seq: "3" }, { seq: 0 }, { seq: -1 }, { seq: 1.5 }, { seq: 1e300 }, { seq: 3, more: 1 }]) {
      const cursor = Buffer.from(JSON.stringify({ s, p })).toString("base64url");
      expect([p, ...(await refusal(task, { cursor }))]).toEqual([p, 400, "INVALID_INPUT", expect.anything()]);
    }
  });
});
