import { beforeEach, describe, expect, it } from "@jest/globals";
import { makeProject } from "../../support/projects.ts";
import { call, create, pathOf, read, set } from "../../support/tracker-api.ts";
import { chainOf, expectAllIntact, linksOf, stored } from "../../support/tracker-rows.ts";

let project: string;
let prefix: string;

const issue = (external_id: string, more: object = {}) => ({
  external_id,
  type: "task",
  title: `Title of ${external_id}`,
  status: "open",
  created_at: "2020-05-01T10:00:00Z",
  ...more,
});

async function bring(...records: object[]) {
  const answer = await call("POST", `/${project}/imports`, { records });
  expect([answer.text, answer.status]).toEqual([answer.text, 200]);
  return answer.body.records as unknown as Record<string, string>[];
}

const results = async (...records: object[]) => (await bring(...records)).map(({ result }) => result);

const links = async (node: string) => (await linksOf(node)).map(({ link }) => link).sort();

beforeEach(async () => {
  const made = await makeProject();
  project = made.project_id;
  prefix = made.prefix;
});

describe("an issue from elsewhere", () => {
  it("becomes a record with all its attributes, whatever gates there are", async () => {
    const closed = issue("bd-1", {
      title: "  Done long ago ",
      description: "\n kept as it is \n",
      status: "closed",
      priority: "P1",
      labels: ["a", "b", "a", " "],
      updated_at: "2020-06-01T12:00:00.500+02:00",
      closed_at: "2020-06-01T10:00:00Z",
      close_reason: "done",
      attributes: { assigned_to: "ada", commit_sha: "0".repeat(40), notes: "anything" },
    });
    expect(await bring(closed)).toEqual([{ external_id: "bd-1", result: "created", record_id: `${prefix}-TSK-001` }]);
    expect(await read(project, `${prefix}-TSK-001`)).toMatchObject({
      external_id: "bd-1",
      title: "Done long ago",
      description: "\n kept as it is \n",
      status: "closed",
      priority: "P1",
      labels: ["a", "b"],
      created_at: "2020-05-01T10:00:00Z",
      external_updated_at: "2020-06-01T10:00:00Z",
      closed_at: "2020-06-01T10:00:00Z",
      close_reason: "done",
      assigned_to: "ada",
      commit_sha: "0".repeat(40),
      notes: "anything",
      sync_version: 1,
      history: [{ status: "created", description: "imported from bd-1: Done long ago" }],
    });
    const [entry] = await chainOf(project, `${prefix}-TSK-001`);
    expect(entry?.operation).toBe("imported");
  });

  it.each([
    ["task", "in_progress", "in-progress"],
    ["task", "In Progress", "in-progress"],
    ["task", "hooked", "in-progress"],
    ["task", "coding-complete", "coding-complete"],
    ["task", "done", "closed"],
    ["issue", "pinned", "open"],
    ["issue", "closed", "closed"],
    ["feature", "open", "planned"],
    ["feature", "closed", "completed"],
    ["feature", "production", "production"],
  ])("that is a %s and %s is %s here", async (type, status, here) => {
    const [{ record_id } = {}] = await bring(issue("bd-1", { type, status }));
    expect(await read(project, String(record_id))).toMatchObject({ record_type: type, status: here });
  });

  it.each([
    ["a status without counterpart", { status: "weird" }, "status 'weird' has no counterpart for a task"],
    ["a status that is a word of JavaScript", { status: "constructor" }, "has no counterpart"],
    ["a time that is none", { created_at: "01/02/2020" }, "created_at: a time"],
    ["a blank title", { title: " " }, "title: must not be blank"],
    ["a title that is too long", { title: "x".repeat(501) }, "title: at most 500"],
    ["itself for a parent", { parent: "bd-1" }, "a record cannot depend on itself"],
    ["what the system keeps", { attributes: { fence: 3 } }, "attributes.fence: cannot be brought along"],
    ["somebody's lock", { attributes: { active_agent_session: true } }, "cannot be brought along"],
    ["what dependencies say", { attributes: { depends_on: ["x"] } }, "cannot be brought along"],
    ["evidence that is none", { type: "issue", attributes: { evidence: [{}] } }, "evidence[0].description"],
  ])("with %s is refused with the reason, and stops none of the others", async (_, fault, reason) => {
    const [bad, good] = await bring(issue("bd-1", fault), issue("bd-2"));
    expect(bad).toEqual({ external_id: "bd-1", result: "failed", reason: expect.stringContaining(reason) });
    expect(good?.result).toBe("created");
  });
});

describe("the same issue again", () => {
  it("changes nothing when it is the same", async () => {
    const same = [
      issue("bd-1", { labels: ["a"], parent: "bd-9", attributes: { update: "look", intent: "x" } }),
      issue("bd-2"),
    ];
    expect(await results(...same)).toEqual(["created", "created"]);
    const before = await stored(project, `${prefix}-TSK-001`);
    expect(await results(...same)).toEqual(["unchanged", "unchanged"]);
    expect(await stored(project, `${prefix}-TSK-001`)).toEqual(before);
  });

  it("brings the record up to date, and leaves what was done here besides", async () => {
    const feature = { type: "feature", attributes: { acceptance_criteria: ["works", "lasts"] } };
    await bring(issue("bd-1", { ...feature, description: "old", labels: ["a"] }));
    const id = `${prefix}-FTR-001`;
    const shown = { criterion_index: 1, evidence: "seen", evidence_acceptance: true };
    await call("POST", `${pathOf(project, id)}/acceptance-evidence`, shown);
    await set(project, id, "assigned_to", "ada");
    expect(await results(issue("bd-1", { ...feature, title: "New" }))).toEqual(["updated"]);
    const record = await read(project, id);
    expect(record).toMatchObject({
      title: "New",
      assigned_to: "ada",
      acceptance_criteria: [
        { description: "works", evidence_acceptance: false },
        { description: "lasts", evidence: "seen", evidence_acceptance: true },
      ],
    });
    expect([record.description, record.labels]).toEqual([undefined, undefined]);
    expect(record.history.at(-1)?.description).toBe("imported again from bd-1");
  });

  it("cannot become another type", async () => {
    await bring(issue("bd-1"));
    const reason = "it is a task here, not a feature";
    expect(await bring(issue("bd-1", { type: "feature" }))).toEqual([
      { external_id: "bd-1", result: "failed", record_id: `${prefix}-TSK-001`, reason },
    ]);
  });

  it("within one call counts last", async () => {
    expect(await results(issue("bd-1"), issue("bd-1", { title: "Newer" }))).toEqual(["created", "updated"]);
  });

  it("is a record that was made here, when it bears that record's id", async () => {
    const id = await create(project, "task");
    expect(await results(issue(id, { title: "From an export" }))).toEqual(["updated"]);
    const { title, external_id } = await read(project, id);
    expect([title, external_id]).toEqual(["From an export", undefined]);
  });
});

describe("dependencies from elsewhere", () => {
  const all = [
    issue("a", {
      dependencies: [
        { external_id: "b", kind: "blocks" },
        { external_id: "b", kind: "related" },
        { external_id: "f", kind: "parent" },
        { external_id: "f", kind: "discovered_from" },
      ],
    }),
    issue("b"),
    issue("f", { type: "feature" }),
  ];

  async function expectConnected(): Promise<void> {
    const records = await expectAllIntact(project);
    const [ofA, ofB, ofF] = ["a", "b", "f"].map((name) => records.find(({ external_id }) => external_id === name));
    const [a, b, f] = [ofA, ofB, ofF].map((record) => record?.item_id ?? "") as [string, string, string];
    expect(ofA?.dependencies).toHaveLength(4);
    expect(ofA?.dependencies).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ to: b, kind: "blocks" }),
        expect.objectContaining({ to: b, kind: "related" }),
        expect.objectContaining({ to: f, kind: "parent" }),
        expect.objectContaining({ to: f, kind: "discovered_from" }),
      ]),
    );
    expect(ofA).toMatchObject({ depends_on: [{ type: "task", ids: [b] }], related_task_ids: [b] });
    expect(ofA).not.toHaveProperty("awaited_dependencies");
    // The field takes parents of the same type only.
    expect(ofA).not.toHaveProperty("parent");
    expect(ofB).toMatchObject({ related_task_ids: [a] });
    expect(await links(a)).toEqual([
      `out#blocks#${b}`,
      `out#discovered_from#${f}`,
      `out#parent#${f}`,
      `out#related#${b}`,
    ]);
    expect(await links(b)).toEqual([`in#blocks#${a}`, `in#related#${a}`]);
    expect(await links(f)).toEqual([`in#discovered_from#${a}`, `in#parent#${a}`]);
    for (const name of ["b", "f"]) expect(await links(`${project}#external#${name}`)).toEqual(["record"]);
  }

  it("are made whichever end comes first", async () => {
    await bring(...all);
    await expectConnected();
  });

  it("are made when everything is there already", async () => {
    await bring(...all.toReversed());
    await expectConnected();
  });

  it("are made over several calls, and once only", async () => {
    for (const one of all) await bring(one);
    await expectConnected();
    const results = await bring(...all);
    expect(results.map(({ result }) => result)).toEqual(["unchanged", "unchanged", "unchanged"]);
    await expectConnected();
  });

  it("are made when a hundred importers bring the ends at once", async () => {
    const ends = Array.from({ length: 20 }, () => all).flat();
    await Promise.all(ends.map((one) => call("POST", `/${project}/imports`, { records: [one] })));
    // A record that another importer is about to create is told as failed; a repetition settles it.
    await bring(...all);
    await expectConnected();
    expect(await expectAllIntact(project)).toHaveLength(3);
  });

  it("wait, and can be seen to wait, for an end that never comes", async () => {
    await bring(issue("a", { dependencies: [{ external_id: "nowhere", kind: "blocks" }] }));
    const record = await read(project, `${prefix}-TSK-001`);
    expect(record.awaited_dependencies).toEqual([{ external_id: "nowhere", kind: "blocks" }]);
    expect(await links(`${project}#external#nowhere`)).toEqual([`pending#blocks#${prefix}-TSK-001`]);
  });

  it("may be a hundred, most of them not here yet", async () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ external_id: `x${index}`, kind: "blocks" }));
    await bring(issue("a", { dependencies: many }), issue("x7"), issue("x99"));
    const record = await stored(project, `${prefix}-TSK-001`);
    expect([record.dependencies, (record.awaited_dependencies as unknown[]).length]).toMatchObject([
      [{ kind: "blocks" }, { kind: "blocks" }],
      98,
    ]);
    const more = [...many, { external_id: "y", kind: "blocks" }];
    expect((await bring(issue("b", { dependencies: more })))[0]?.reason).toContain("at most 100");
  });

  it("set the parent where the types are equal; of several the named one", async () => {
    const parents = ["p", "q"].map((external_id) => ({ external_id, kind: "parent" }));
    await bring(issue("p"), issue("q"), issue("c", { parent: "p", dependencies: parents }));
    expect(await read(project, `${prefix}-TSK-003`)).toMatchObject({ parent: `${prefix}-TSK-001` });
  });

  it("may name records that were made here by their ids", async () => {
    const id = await create(project, "task");
    await bring(issue("a", { dependencies: [{ external_id: id, kind: "blocks" }] }));
    expect(await links(id)).toEqual([`in#blocks#${prefix}-TSK-002`]);
  });
});

describe("two importers of one issue at once", () => {
  it("create it once", async () => {
    const attempts = Array.from({ length: 20 }, () =>
      call("POST", `/${project}/imports`, { records: [issue("bd-1")] }),
    );
    const outcomes = (await Promise.all(attempts)).map(({ status, body }) => [status, body.records[0]?.result]);
    expect(outcomes.filter(([, result]) => result === "created")).toHaveLength(1);
    expect(outcomes.filter(([status]) => status !== 200)).toEqual([]);
    expect(await expectAllIntact(project)).toHaveLength(1);
  });
});

describe("a call", () => {
  it("carries from one to 25 records", async () => {
    const many = Array.from({ length: 26 }, (_, index) => issue(`bd-${index}`));
    for (const records of [[], many]) expect((await call("POST", `/${project}/imports`, { records })).status).toBe(400);
  });

  it.each([
    ["an id", issue("x".repeat(501))],
    ["a parent", issue("a", { parent: "x".repeat(501) })],
    ["a dependency", issue("a", { dependencies: [{ external_id: "x".repeat(501), kind: "blocks" }] })],
  ])("with %s that is too long for a key is refused", async (_, record) => {
    expect((await call("POST", `/${project}/imports`, { records: [record] })).status).toBe(400);
  });

  it("takes the longest names that there may be", async () => {
    const long = "語".repeat(500);
    expect(await results(issue(long, { title: "Long", parent: "字".repeat(500) }))).toEqual(["created"]);
  });

  it("needs a project that there is", async () => {
    const answer = await call("POST", "/unheard-of/imports", { records: [issue("a")] });
    expect([answer.status, answer.body.error]).toEqual([404, expect.stringContaining("is not registered")]);
  });
});
