import { beforeEach, describe, expect, it } from "@jest/globals";
import { relatedFrom } from "../../../scripts/export/dependencies.ts";
import { namesOf } from "../../../scripts/export/names.ts";
import { readProject } from "../../../scripts/export/read-project.ts";
import { exportedRecord } from "../../../scripts/export/record.ts";
import { planImport } from "../../../scripts/import/plan.ts";
import { type Outcome, sendPlan } from "../../../scripts/import/send.ts";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import { expectGraph } from "../../support/graph-check.ts";
import { InProcessApi } from "../../support/in-process-api.ts";
import { makeProject } from "../../support/projects.ts";
import { call, create, LEAST, pathOf, read, set } from "../../support/tracker-api.ts";
import { expectAllIntact, linksOf, rowsOf, stored } from "../../support/tracker-rows.ts";

const client = new InProcessApi();
let home: string;
let abroad: string;
let copy: string;

beforeEach(async () => {
  [home, abroad, copy] = (await Promise.all([makeProject(), makeProject(), makeProject()])).map(
    ({ project_id }) => project_id,
  ) as [string, string, string];
});

const put = (from: string, to: string, kind: string) =>
  call("PUT", `${pathOf(home, from)}/dependencies/${to}`, { kind });

/** As `npm run export` does it. */
async function exportOf(project: string): Promise<string> {
  const records = await readProject(client, project, () => undefined);
  const [names, related] = [namesOf(records), relatedFrom(records)];
  return records.map((record) => `${JSON.stringify(exportedRecord(record, names, related))}\n`).join("");
}

/** As `npm run import` does it. */
function bring(project: string, lines: string): Promise<Outcome[]> {
  const rows = lines
    .trimEnd()
    .split("\n")
    .map((line, index) => ({ place: `line ${index + 1}`, value: JSON.parse(line) as Record<string, unknown> }));
  const plan = planImport({ name: "export.jsonl", format: "jsonl", rows });
  expect([plan.refused, plan.remarks.lost, plan.remarks.altered]).toEqual([[], [], []]);
  return sendPlan(client, project, plan, () => undefined);
}

const results = (outcomes: readonly Outcome[]) => [...new Set(outcomes.map(({ result }) => result))];

/** Everything that a record can have to do with others, in one project and out of it. */
async function fill() {
  const [one, two, three] = [await create(home, "task"), await create(home, "task"), await create(home, "task")];
  const [issue, feature] = [await create(home, "issue"), await create(home, "feature")];
  const foreign = await create(abroad, "task");
  await put(two, one, "blocks");
  await put(two, one, "related");
  await put(two, issue, "blocks");
  await put(two, foreign, "blocks");
  await put(two, foreign, "discovered_from");
  for (const parent of [three, feature, one]) await put(two, parent, "parent");
  await put(issue, feature, "related");
  await set(home, two, "blocked_by", `${one}, when the lawyers are done, ${foreign}, ${issue}`);
  await set(home, three, "depends_on", [one, "LATER"]);
  await set(home, three, "blocked_by", `after ${one} and the summer`);
  const related = (await call("POST", `/${home}/task`, { ...LEAST.task, related: [one, feature] })).body.record_id;
  await call("PATCH", pathOf(home, one), { action: "close" });
  return { one, two, three, issue, feature, foreign, related };
}

describe("an export", () => {
  it("makes an equal project, with the same things ready in the same order", async () => {
    const { foreign } = await fill();
    const lines = await exportOf(home);
    expect(results(await bring(copy, lines))).toEqual(["created"]);
    expect(await exportOf(copy)).toBe(lines);
    await expectGraph(home, abroad, copy);
    await expectAllIntact(copy);

    const ready = async (project: string) => {
      const query = { types: "task,issue,feature" };
      const { body } = await call("GET", `/${project}/ready`, undefined, { query });
      return body.records.map(({ title, item_id }) => [title, item_id.split("-").slice(1).join("-")]);
    };
    expect(await ready(copy)).toEqual(await ready(home));
    expect((await linksOf(foreign)).map(({ link }) => link.split("#")[1]).sort()).toEqual([
      "blocks",
      "blocks",
      "discovered_from",
      "discovered_from",
    ]);
  });

  it("says nothing of the ids that its project gave, but as names and in the words of people", async () => {
    const { one, two, foreign } = await fill();
    await bring(copy, await exportOf(home));
    const prefix = one.split("-")[0] as string;
    const words: unknown[] = [];
    for (const {
      external_id: _,
      awaited_dependencies,
      blocked_by,
      history_recent,
      last_update_note,
      ...row
    } of await rowsOf(copy)) {
      expect(JSON.stringify(row)).not.toContain(prefix);
      if (blocked_by) words.push(blocked_by);
    }
    const named = new Map((await rowsOf(copy)).map(({ external_id, item_id }) => [external_id, item_id]));
    const issue = [...named].find(([name]) => String(name).includes("-ISS-"))?.[1];
    const parts = words.map((text) => String(text).split(", "));
    expect(parts.sort().map(([first, ...ids]) => [first, ids.sort()])).toEqual([
      [`after ${one} and the summer`, [named.get(one)]],
      ["when the lawyers are done", [named.get(one), issue, foreign].sort()],
    ]);
    expect((await read(copy, String(named.get(two)))).parent).toBe(named.get(one));
  });

  it("changes nothing in the project that it came from", async () => {
    const { three } = await fill();
    const lines = await exportOf(home);
    const before = await rowsOf(home);
    expect(results(await bring(home, lines))).toEqual(["unchanged"]);
    expect(await rowsOf(home)).toEqual(before);
    // What was done in between is taken back, and the ids of blockers stay beside the words.
    await set(home, three, "blocked_by", "nothing");
    expect((await read(home, three)).blocked_by).toBe("nothing");
    await bring(home, lines);
    expect(await exportOf(home)).toContain("and the summer");
  });

  it("of a project that was imported is what it was imported from", async () => {
    const dependency = (external_id: string, kind: string) => ({ external_id, kind });
    const line = (external_id: string, dependencies: object[], more: object = {}) => ({
      external_id,
      type: "task",
      title: external_id,
      status: "open",
      created_at: "2026-01-01T00:00:00Z",
      updated_at: "2026-01-02T00:00:00Z",
      ...(dependencies.length > 0 && { dependencies }),
      ...more,
    });
    const lines = [
      line("a", [dependency("b", "blocks"), dependency("z", "blocks"), dependency("b", "parent")]),
      line("b", [dependency("c", "related")], { attributes: { blocked_by: "the summer" } }),
      line("c", [dependency("elsewhere", "discovered_from")]),
    ].map((value) => `${JSON.stringify(value)}\n`);
    await bring(home, lines.join(""));
    expect(await exportOf(home)).toBe(lines.join(""));
    await expectGraph(home);
  });
});

describe("an import of a dependency on a record in another project", () => {
  const record = (external_id: string) => ({
    external_id: "a",
    type: "task",
    title: "A",
    status: "open",
    dependencies: [{ external_id, kind: "blocks", in_another_project: true }],
  });
  const send = async (external_id: string, headers?: Record<string, string>) => {
    const body = { records: [record(external_id)] };
    const { body: answer } = await call("POST", `/${home}/imports`, body, headers && { as: "stranger", headers });
    return answer.records[0] as unknown as Outcome & { record_id: string };
  };

  it("makes it, once", async () => {
    const foreign = await create(abroad, "task");
    expect(await send(foreign)).toMatchObject({ result: "created" });
    const again = await send(foreign);
    expect(again).toMatchObject({ result: "unchanged" });
    expect((await stored(home, again.record_id)).open_blockers).toEqual([foreign]);
    await expectGraph(home, abroad);
  });

  it("says that it is left out where the record is not there, or not for the caller", async () => {
    const foreign = await create(abroad, "task");
    const { secret } = await issueKey({ projects: [home] });
    const unknown = await send("QQQ-TSK-001", byKey(secret));
    const unseen = await send(foreign, byKey(secret));
    expect(unknown.warnings).toEqual(["dependency 'blocks' on QQQ-TSK-001 left out: Record not found."]);
    expect(unseen.warnings).toEqual([String(unknown.warnings).replace("QQQ-TSK-001", foreign)]);
    expect(await linksOf(unseen.record_id)).toEqual([]);
    expect(await send("no id at all")).toMatchObject({ result: "unchanged", warnings: [expect.any(String)] });
    await expectGraph(home);
  });
});
