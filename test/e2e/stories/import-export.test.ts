import { readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { ApiCaller } from "../../support/api-caller.ts";
import { runScript } from "../../support/command.ts";
import { system } from "../../support/shared-system.ts";

interface BeadsIssue {
  id: string;
  title: string;
  description?: string;
  status: string;
  priority: number;
  issue_type: string;
  created_at: string;
  closed_at?: string;
  close_reason?: string;
  labels?: string[];
  parent?: string;
  dependencies?: { issue_id: string; depends_on_id: string; type: string }[];
}

interface TrackerRecord {
  item_id: string;
  record_type: string;
  external_id: string;
  dependencies?: { to: string; kind: string }[];
  awaited_dependencies?: { external_id: string; kind: string }[];
  depends_on?: { ids: string[] }[];
  [attribute: string]: unknown;
}

let agent: ApiCaller;

beforeAll(() => {
  agent = ApiCaller.service(system);
});

const script = (name: string, ...args: string[]) => runScript(name, [...args, "--data", system.dataDir]);

async function recordsOf(project: string): Promise<TrackerRecord[]> {
  const { body } = await agent.get(`/api/v1/tracker/${project}`);
  expect(body.next_cursor).toBeNull();
  return (body.records as TrackerRecord[]).filter(({ record_type }) => record_type !== "reference");
}

/** What the tracker should make of an issue, in tables of its own: the importer's are under test. */
function expected(issue: BeadsIssue) {
  const type = { bug: "issue", feature: "feature", epic: "feature" }[issue.issue_type] ?? "task";
  const isClosed = issue.status === "closed";
  const isWorkedOn = ["in_progress", "hooked"].includes(issue.status);
  const opening = type === "feature" ? "planned" : "open";
  const closing = type === "feature" ? "completed" : "closed";
  return {
    external_id: issue.id,
    record_type: type,
    status: isClosed ? closing : isWorkedOn ? "in-progress" : opening,
    title: issue.title,
    description: issue.description || undefined,
    priority: `P${issue.priority}`,
    labels: issue.labels,
    created_at: issue.created_at,
    closed_at: issue.closed_at,
    close_reason: issue.close_reason,
  };
}

const KINDS: Record<string, string> = {
  blocks: "blocks",
  "parent-child": "parent",
  related: "related",
  "discovered-from": "discovered_from",
};

/** Every edge of the file that the tracker knows the kind of, as `from kind to`. */
function edgesIn(issues: readonly BeadsIssue[]): string[] {
  const edges = issues.flatMap(({ id, parent, dependencies = [] }) => [
    ...(parent ? [`${id} parent ${parent}`] : []),
    ...dependencies.flatMap(({ type, issue_id, depends_on_id }) =>
      KINDS[type] ? [`${issue_id} ${KINDS[type]} ${depends_on_id}`] : [],
    ),
  ]);
  return [...new Set(edges)].sort();
}

function picked(record: TrackerRecord, keys: readonly string[]) {
  return Object.fromEntries(keys.map((key) => [key, record[key]]));
}

const FILES: [string, string][] = [["an excerpt", resolve(import.meta.dirname, "../../fixtures/beads/issues.jsonl")]];
if (process.env.ENCELADUS_REAL_ISSUES) FILES.push(["the whole file", process.env.ENCELADUS_REAL_ISSUES]);

describe.each(FILES)("the issues of a real project, %s", (title, file) => {
  const issues = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as BeadsIssue);
  const [project, prefix, copy] = title === "an excerpt" ? ["few", "FEW", "few-copy"] : ["all", "ALL", "all-copy"];

  beforeAll(async () => {
    const person = ApiCaller.person(system);
    await person.createProject(project, prefix);
    await person.createProject(copy, `C${prefix.slice(1)}`);
  });

  it("are checked without being written", async () => {
    const { code, output } = await script("import", file, "--project", project, "--dry-run");
    expect([code, output]).toEqual([0, expect.stringContaining(`${issues.length} records can be imported`)]);
    expect(await recordsOf(project)).toEqual([]);
  });

  it("come in with all that the tracker has a place for", async () => {
    const { code, output, errors } = await script("import", file, "--project", project);
    expect([code, errors]).toEqual([0, ""]);
    expect(output).toContain(`created ${issues.length}, updated 0, unchanged 0, failed 0`);
    expect(output).toContain('dependencies of type "tracks"');
    const records = new Map((await recordsOf(project)).map((record) => [record.external_id, record]));
    expect(records.size).toBe(issues.length);
    for (const issue of issues) {
      const wanted = expected(issue);
      const record = records.get(issue.id);
      expect(record && picked(record, Object.keys(wanted))).toEqual(wanted);
    }
  });

  it("are connected as in the file; an edge to an issue that is not in it waits", async () => {
    const records = await recordsOf(project);
    const names = new Map(records.map(({ item_id, external_id }) => [item_id, external_id]));
    const made = records.flatMap(({ external_id, dependencies = [] }) =>
      dependencies.map(({ to, kind }) => `${external_id} ${kind} ${names.get(to)}`),
    );
    const waiting = records.flatMap(({ external_id, awaited_dependencies = [] }) =>
      awaited_dependencies.map((awaited) => `${external_id} ${awaited.kind} ${awaited.external_id}`),
    );
    const here = new Set(issues.map(({ id }) => id));
    const wanted = edgesIn(issues);
    const [inside, outside] = [true, false].map((isHere) =>
      wanted.filter((edge) => here.has(edge.split(" ")[2] ?? "") === isHere),
    );
    expect(made.sort()).toEqual(inside);
    expect(waiting.sort()).toEqual(outside);
    const blockers = records.flatMap(({ external_id, depends_on = [] }) =>
      depends_on.flatMap(({ ids }) => ids.map((id) => `${external_id} blocks ${names.get(id)}`)),
    );
    expect(blockers.sort()).toEqual(inside?.filter((edge) => edge.includes(" blocks ")));
  });

  it("are left alone when they come again", async () => {
    const before = await recordsOf(project);
    const { code, output } = await script("import", file, "--project", project);
    expect([code, output]).toEqual([0, expect.stringContaining(`unchanged ${issues.length}, failed 0`)]);
    expect(await recordsOf(project)).toEqual(before);
  });

  it("make an equal project from their export", async () => {
    const out = join(system.dataDir, `${project}.jsonl`);
    expect(await script("export", "--project", project, "--out", out)).toMatchObject({ code: 0, output: "" });
    const imported = await script("import", out, "--project", copy, "--format", "jsonl");
    expect([imported.code, imported.output]).toEqual([0, expect.stringContaining(`created ${issues.length}`)]);
    const { output: again } = await script("export", "--project", copy);
    expect(again).toBe(readFileSync(out, "utf8"));
    await rm(out);
  });
});

describe("a project that was filled by hand", () => {
  it("is equal after an export and an import, and takes its own export for what it is", async () => {
    const person = ApiCaller.person(system);
    await person.createProject("hand", "HND");
    await person.createProject("hand-copy", "HNC");
    const path = "/api/v1/tracker/hand";
    await person.post(`${path}/task`, {
      title: "Build it",
      description: "\n  As drawn.  \n",
      acceptance_criteria: ["it stands"],
      assigned_to: "ada",
      priority: "P1",
      labels: ["wood", "steel"],
    });
    await person.post(`${path}/issue`, {
      title: "It creaks",
      evidence: [{ description: "heard", steps_to_duplicate: ["walk on it"] }],
      severity: "high",
      related: "HND-TSK-001",
    });
    await person.post(`${path}/feature`, {
      title: "A bridge",
      user_story: "As a walker I want to cross",
      acceptance_criteria: ["it carries", "it lasts"],
      primary_task: "HND-TSK-001",
    });
    const criterion = { criterion_index: 0, evidence: "ten people", evidence_acceptance: true };
    await person.post(`${path}/feature/HND-FTR-001/acceptance-evidence`, criterion);
    await person.patch(`${path}/task/HND-TSK-001`, { action: "note", note: "Mind the wind" });
    await person.patch(`${path}/issue/HND-ISS-001`, { field: "checklist", value: ["DONE oil it"] });
    await person.patch(`${path}/feature/HND-FTR-001`, { field: "status", value: "in-progress" });

    const { output: first } = await script("export", "--project", "hand");
    const file = join(system.dataDir, "hand.jsonl");
    await writeFile(file, first);
    expect((await script("import", file, "--project", "hand-copy")).code).toBe(0);
    expect((await script("export", "--project", "hand-copy")).output).toBe(first);
    const feature = await agent.get("/api/v1/tracker/hand-copy/feature/HNC-FTR-001");
    expect(feature.body.record).toMatchObject({
      primary_task: "HNC-TSK-001",
      acceptance_criteria: [
        { description: "it carries", evidence: "ten people", evidence_acceptance: true },
        { description: "it lasts", evidence: "", evidence_acceptance: false },
      ],
    });
    const notes = await agent.get("/api/v1/tracker/pending-updates?project=hand-copy");
    expect(notes.body).toMatchObject({ count: 1, records: [{ item_id: "HNC-TSK-001", update: "Mind the wind" }] });

    const onItself = await script("import", file, "--project", "hand");
    expect(onItself.output).toContain("created 0");
    expect(await recordsOf("hand")).toHaveLength(3);
  });
});

describe("an import that cannot be", () => {
  it("says what is wrong, and how it is put right", async () => {
    const file = FILES[0]?.[1] ?? "";
    const unknown = await script("import", file, "--project", "unheard-of");
    expect([unknown.code, unknown.errors]).toEqual([
      1,
      expect.stringMatching(/There is no project 'unheard-of'.*\n\n {2}curl -X POST/),
    ]);
    const wrongKey = await script("import", file, "--project", "few", "--key", "wrong");
    expect([wrongKey.code, wrongKey.errors]).toEqual([1, expect.stringContaining("does not accept the key")]);
    const noApi = await runScript("import", [file, "--project", "few", "--data", join(system.dataDir, "nowhere")]);
    expect([noApi.code, noApi.errors]).toEqual([1, expect.stringContaining("npm start")]);
    expect((await script("import", "--project", "few")).code).toBe(2);
  });

  it("goes on past records that are refused, and ends with 1", async () => {
    const file = join(system.dataDir, "mixed.jsonl");
    const good = { id: "ok-1", title: "Fine", status: "open", issue_type: "task", created_at: "2026-01-01T00:00:00Z" };
    await writeFile(file, `${JSON.stringify({ ...good, id: "bad-1", title: "" })}\n${JSON.stringify(good)}\n`);
    await ApiCaller.person(system).createProject("mixed", "MIX");
    const { code, output } = await script("import", file, "--project", "mixed");
    expect([code, output]).toEqual([1, expect.stringContaining("created 1, updated 0, unchanged 0, failed 1")]);
    expect(output).toContain("bad-1: line 1: title: must not be blank");
  });
});
