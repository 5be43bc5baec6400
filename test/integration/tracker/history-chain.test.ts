import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { HistoryEntry } from "../../../domain/tracker/history.ts";
import { firstBreak } from "../../support/history-chain.ts";
import { makeProject } from "../../support/projects.ts";
import { directDynamodb, realName } from "../../support/services.ts";
import { call, create, LEAST, patch, pathOf, set } from "../../support/tracker-api.ts";
import { chainOf, expectAllIntact, expectIntact, rowId, stored } from "../../support/tracker-rows.ts";

let project: string;

beforeAll(async () => {
  project = (await makeProject()).project_id;
});

/** Attributes that no entry tells: stamps, keys of indexes, the chain's own head. */
const UNTOLD = new Set([
  "sync_version",
  "updated_at",
  "write_source",
  "last_update_note",
  "history_seq",
  "history_hash",
  "history_notes",
  "history_recent",
  "ready_scope",
  "ready_rank",
  "leased_scope",
  "stalled_scope",
  "pending_scope",
  "imported_version",
  "row_version",
]);

/** The record as its history tells it. */
function replayed(chain: readonly HistoryEntry[]): Record<string, unknown> {
  const record: Record<string, unknown> = Object.create(null);
  for (const { field, from, to } of chain.flatMap(({ changes }) => changes)) {
    expect([field, record[field] ?? null]).toEqual([field, from]);
    record[field] = to;
  }
  return record;
}

/** The record as it is stored, without what no entry tells. */
function told(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !UNTOLD.has(name)));
}

const value = fc.oneof(
  { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 3, stringUnit: "binary" }) },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 1, arbitrary: fc.constantFrom(null, "", [], {}, -0, 0.1 + 0.2, 1e-7, 9007199254740991, "é\u0000😀") },
);
const step = fc.oneof(
  fc.record({
    method: fc.constant("PATCH"),
    at: fc.constant(""),
    body: fc.record({ field: fc.constantFrom("a", "b", "checklist", "constructor"), value }),
  }),
  fc.record({
    method: fc.constant("PATCH"),
    at: fc.constant(""),
    body: fc.record({
      field: fc.constantFrom("related_task_ids", "depends_on"),
      value: fc.constantFrom("X-TSK-1", ["X-ISS-2", "later"], ""),
    }),
  }),
  fc.record({
    method: fc.constant("PATCH"),
    at: fc.constant(""),
    body: fc.record({
      action: fc.constantFrom("close", "reopen", "note"),
      note: fc.string({ minLength: 1, maxLength: 5 }),
    }),
  }),
  fc.record({
    method: fc.constant("PATCH"),
    at: fc.constant(""),
    body: fc.record({
      field: fc.constant("status"),
      value: fc.constantFrom("open", "in-progress", "coding-complete"),
      transition_evidence: fc.constantFrom({ revert_reason: "why" }, undefined),
    }),
  }),
  fc.record({
    method: fc.constantFrom("POST", "DELETE"),
    at: fc.constant("/checkout"),
    body: fc.record({ provider: fc.constantFrom("claude", "codex") }),
  }),
  fc.record({
    method: fc.constant("POST"),
    at: fc.constant("/log"),
    body: fc.record({
      description: fc.string({ unit: "grapheme", minLength: 1 }),
      provider: fc.constantFrom("claude", undefined),
    }),
  }),
);

describe("the history of a record", () => {
  it("verifies from the table and tells the whole record, whatever has been done to it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
        const id = await create(project, "task");
        for (const { method, at, body } of steps) {
          const answer = await call(method, `${pathOf(project, id)}${at}`, body);
          expect([answer.status < 500, answer.text]).toEqual([true, answer.text]);
        }
        const row = await stored(project, id);
        await expectIntact(project, row);
        const history = replayed(await chainOf(project, id));
        const absent = Object.entries(history).filter(([name, to]) => to === null && !(name in row));
        for (const [name] of absent) delete history[name];
        expect({ ...history }).toEqual(told(row));
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it("names large values by their hash", async () => {
    const id = await create(project, "task", { description: "x".repeat(20_000) });
    const [entry] = await chainOf(project, id);
    expect(entry?.changes).toContainEqual({
      field: "description",
      from: null,
      to: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: 20_002 },
    });
    await expectIntact(project, await stored(project, id));
  });

  it("of one record says nothing of another, even where both are changed as one fact", async () => {
    const target = await create(project, "issue");
    const { body } = await call("POST", `/${project}/task`, { ...LEAST.task, related: [target] });
    expect(new Set((await chainOf(project, body.record_id)).map(({ record_id }) => record_id))).toEqual(
      new Set([rowId(body.record_id)]),
    );
    expect(new Set((await chainOf(project, target)).map(({ record_id }) => record_id))).toEqual(
      new Set([rowId(target)]),
    );
    await expectAllIntact(project);
  });

  it("shows who edits it behind the API", async () => {
    const id = await create(project, "task");
    for (const priority of ["P0", "P1", "P2"]) await set(project, id, "priority", priority);
    const TableName = realName("tables", "tracker-history");
    const record_key = `${project}#${rowId(id)}`;
    const [, , third] = await chainOf(project, id);
    const changes = [{ field: "priority", from: "P0", to: "P9" }];
    await directDynamodb.send(new PutCommand({ TableName, Item: { record_key, ...third, changes } }));
    expect(firstBreak(await chainOf(project, id))).toBe(3);
    await directDynamodb.send(new PutCommand({ TableName, Item: { record_key, ...third } }));
    expect(firstBreak(await chainOf(project, id))).toBeUndefined();
    await directDynamodb.send(new DeleteCommand({ TableName, Key: { record_key, seq: 3 } }));
    expect(firstBreak(await chainOf(project, id))).toBe(3);
    // What was written on top of it goes on, but the hole stays to be seen.
    expect((await patch(project, id, { field: "priority", value: "P3" })).status).toBe(200);
    expect(firstBreak(await chainOf(project, id))).toBe(3);
  });
});
