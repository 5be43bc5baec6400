import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { type IssueFile, readIssueFile } from "../../../scripts/import/issue-file.ts";
import { type Plan, planImport } from "../../../scripts/import/plan.ts";
import { importReport } from "../../../scripts/import/report.ts";
import { type Outcome, sendPlan } from "../../../scripts/import/send.ts";
import { expectGraph } from "../../support/graph-check.ts";
import { InProcessApi } from "../../support/in-process-api.ts";
import { makeProject } from "../../support/projects.ts";
import { call } from "../../support/tracker-api.ts";

const FILE = resolve(import.meta.dirname, "../../fixtures/beads/all-issues.jsonl");
const COUNT = 480;

interface BeadsIssue {
  id: string;
  status: string;
  priority: number;
  created_at: string;
  parent?: string;
  dependencies?: { issue_id: string; depends_on_id: string; type: string }[];
}

const ISSUES = readFileSync(FILE, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as BeadsIssue);

const byId = (issues: readonly BeadsIssue[]) => new Map(issues.map((issue) => [issue.id, issue]));
const leadsTo = ({ dependencies = [] }: BeadsIssue, type: string) =>
  dependencies.filter((dependency) => dependency.type === type).map(({ depends_on_id }) => depends_on_id);
const blockersOf = (issue: BeadsIssue) => leadsTo(issue, "blocks");
const parentsOf = (issue: BeadsIssue) => [...leadsTo(issue, "parent-child"), ...(issue.parent ? [issue.parent] : [])];

/**
 * What can be worked on, from the file alone, best first: what is open, has no open blocker, and no parent that is held
 * up. Those of one priority and one second stand in the order of their numbers here.
 */
function readyIn(issues: readonly BeadsIssue[], numberOf: (id: string) => number): string[] {
  const all = byId(issues);
  const isOpen = (id: string) => (all.get(id)?.status ?? "closed") !== "closed";
  const isHeldUp = (issue: BeadsIssue): boolean =>
    blockersOf(issue).some(isOpen) || parentsOf(issue).some((id) => all.has(id) && isHeldUp(all.get(id) as BeadsIssue));
  const second = ({ created_at }: BeadsIssue) => Math.floor(Date.parse(created_at) / 1_000);
  return issues
    .filter((issue) => isOpen(issue.id) && !isHeldUp(issue))
    .sort(
      (one, other) =>
        one.priority - other.priority || second(one) - second(other) || numberOf(one.id) - numberOf(other.id),
    )
    .map(({ id }) => id);
}

/** The ready list of all types, page by page, by the names that the records have elsewhere. */
async function readyList(project: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { types: "task,issue,feature", limit: "9", fields: "external_id", ...(cursor && { cursor }) };
    const { body } = await call("GET", `/${project}/ready`, undefined, { query });
    ids.push(...body.records.map(({ external_id }) => String(external_id)));
    cursor = body.next_cursor ?? undefined;
  } while (cursor);
  return ids;
}

const client = new InProcessApi();
let file: IssueFile;

/** As `npm run import` does it. */
async function bring(project: string, plan: Plan): Promise<Outcome[]> {
  let told = 0;
  const outcomes = await sendPlan(client, project, plan, (done) => {
    told = done;
  });
  expect(told).toBe(plan.records.length);
  return outcomes;
}

async function planOf(issues: readonly BeadsIssue[] = ISSUES): Promise<Plan> {
  file ??= await readIssueFile(FILE, undefined);
  return planImport({
    ...file,
    rows: issues.map((value, index) => ({ place: `line ${index + 1}`, value: { ...value } })),
  });
}

const count = (outcomes: readonly Outcome[], result: string) =>
  outcomes.filter((outcome) => outcome.result === result).length;

/** The ready list is the one that the file gives, in its order. */
async function expectReady(project: string, issues: readonly BeadsIssue[], outcomes: readonly Outcome[]) {
  const numbers = new Map(
    outcomes.map(({ external_id, record_id }) => [external_id, Number(record_id?.split("-")[2])]),
  );
  const expected = readyIn(issues, (id) => numbers.get(id) ?? 0);
  expect(await readyList(project)).toEqual(expected);
  return expected;
}

/** The open issues and everything that they lead to, directly or by others: what is ready depends on nothing else. */
const OPEN_AND_AROUND = (() => {
  const all = byId(ISSUES);
  const found = new Set(ISSUES.filter(({ status }) => status !== "closed"));
  for (const issue of found) {
    for (const id of [...blockersOf(issue), ...parentsOf(issue)]) {
      const other = all.get(id);
      if (other) found.add(other);
    }
  }
  return [...found];
})();

/** Always the same order that is no order. */
function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  let state = seed;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state;
  };
  return items
    .map((item) => ({ item, key: next() }))
    .sort((one, other) => one.key - other.key)
    .map(({ item }) => item);
}

describe("480 issues of a real project", () => {
  it("have no cycle; one that they are given is told, and loses one edge", async () => {
    const all = byId(ISSUES);
    const waitsFor = (id: string): string[] => {
      const issue = all.get(id);
      return issue ? [...blockersOf(issue), ...parentsOf(issue)] : [];
    };
    // Issues that wait for nothing are done with, over and over: what is left is on a cycle or waits for one.
    let left = ISSUES.map(({ id }) => id);
    for (let before = -1; before !== left.length; ) {
      before = left.length;
      const waiting = new Set(left);
      left = left.filter((id) => waitsFor(id).some((other) => waiting.has(other)));
    }
    expect(left).toEqual([]);

    const { project_id } = await makeProject();
    const child = ISSUES.find((issue) => parentsOf(issue).some((id) => all.has(id))) as BeadsIssue;
    const parent = all.get(String(parentsOf(child).find((id) => all.has(id)))) as BeadsIssue;
    const back = { issue_id: parent.id, depends_on_id: child.id, type: "blocks" };
    const plan = await planOf([{ ...parent, dependencies: [back] }, child]);
    const outcomes = await bring(project_id, plan);
    const { text, complete } = importReport(plan, outcomes, 1);
    expect([complete, text]).toEqual([
      true,
      expect.stringMatching(/Left out:\n {2}1 x .*: dependency '.*' .* left out: /),
    ]);
    await expectGraph(project_id);
  });

  it("come in, and what is ready then is what the file says, in its order; again they change nothing", async () => {
    const { project_id } = await makeProject();
    const plan = await planOf();
    const outcomes = await bring(project_id, plan);
    expect([count(outcomes, "created"), outcomes.length]).toEqual([COUNT, COUNT]);
    expect(importReport(plan, outcomes, 1).complete).toBe(true);
    expect(outcomes.flatMap((outcome) => outcome.warnings ?? [])).toEqual([]);
    const ready = await expectReady(project_id, ISSUES, outcomes);
    expect(ready.length).toBeGreaterThan(30);
    const again = await bring(project_id, await planOf());
    expect(count(again, "unchanged")).toBe(COUNT);

    // Some are opened again, and some are closed, elsewhere: what waits for them follows.
    const turned = new Set(shuffled(ISSUES, 7).slice(0, 90));
    const later = ISSUES.map((issue) =>
      turned.has(issue) ? { ...issue, status: issue.status === "closed" ? "open" : "closed" } : issue,
    );
    const third = await bring(project_id, await planOf(later));
    expect([count(third, "updated"), count(third, "unchanged")]).toEqual([90, COUNT - 90]);
    const readyThen = await expectReady(project_id, later, third);
    expect(readyThen).not.toEqual(ready);
    await expectGraph(project_id);
  }, 120_000);

  it("give the same ready list when they come in no order", async () => {
    const { project_id } = await makeProject();
    const issues = shuffled(OPEN_AND_AROUND, 42);
    const outcomes = await bring(project_id, await planOf(issues));
    expect(count(outcomes, "created")).toBe(issues.length);
    await expectReady(project_id, ISSUES, outcomes);
    await expectGraph(project_id);
  }, 120_000);
});
