import { BatchWriteCommand, DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { type AnsweredProject, getProjects, newRequest, postProject } from "../../support/project-api.ts";
import { anyName, makeProject } from "../../support/projects.ts";
import { actAs, callsDuring, clearFaults, directDynamodb, injectFault, realName } from "../../support/services.ts";

const MANY = 260;
const AT = "2026-01-01T00:00:00Z";
/** A status of their own lets these projects be listed alone: other tests make projects at the same time. */
const STATUS = `listed-${anyName()}`;

const table = () => realName("tables", "projects");

function entry(number: number): Record<string, unknown> {
  return {
    project_id: `${STATUS}-${String(number).padStart(3, "0")}`,
    registry: "project",
    prefix: "LST",
    path: "projects/x",
    summary: `Number ${number}`,
    status: STATUS,
    created_at: AT,
    updated_at: AT,
    created_by: "test",
  };
}

const entries = Array.from({ length: MANY }, (_, number) => entry(number));
const ids = entries.map(({ project_id }) => project_id);

async function batches(requests: Record<string, unknown>[]): Promise<void> {
  for (let from = 0; from < requests.length; from += 25) {
    const RequestItems = { [table()]: requests.slice(from, from + 25) as never };
    await directDynamodb.send(new BatchWriteCommand({ RequestItems }));
  }
}

beforeAll(async () => {
  actAs("projectService");
  await batches(entries.map((Item) => ({ PutRequest: { Item } })));
});

afterEach(clearFaults);

afterAll(() => batches(ids.map((project_id) => ({ DeleteRequest: { Key: { project_id } } }))));

/** Every page, from the first to the last. */
async function pages(query: Record<string, string>): Promise<AnsweredProject[][]> {
  const found: AnsweredProject[][] = [];
  for (let cursor: string | undefined; ; ) {
    const { status, body } = await getProjects("", { ...query, ...(cursor && { cursor }) });
    expect(status).toBe(200);
    expect(body.count).toBe(body.projects.length);
    found.push(body.projects);
    cursor = body.next_cursor;
    if (cursor === undefined) return found;
  }
}

const idsOf = (projects: readonly AnsweredProject[]) => projects.map(({ project_id }) => project_id);

describe("the list of projects", () => {
  it("has every project once, in the order of the ids, without a limit on one page", async () => {
    const { status, body } = await getProjects("", { status: STATUS });
    expect(status).toBe(200);
    expect(body.success).toBe(true);
    expect(idsOf(body.projects)).toEqual(ids);
    expect(body.count).toBe(MANY);
    expect(body).not.toHaveProperty("next_cursor");
  });

  it.each([7, 100, 130, 200])("comes in pages of %i, each project once", async (limit) => {
    const query = { status: STATUS, limit: String(limit) };
    const found = await pages(query);
    expect(found.flatMap(idsOf)).toEqual(ids);
    expect(found.slice(0, -1).every((page) => page.length === limit)).toBe(true);
    expect(found.at(-1)).not.toHaveLength(0);
  });

  it("asks the registry once for a page without a filter", async () => {
    const calls = await callsDuring(() => getProjects("", { limit: "3" }));
    const queries = calls.map(({ request }) => (request as { IndexName: string }).IndexName);
    expect(queries.filter((index) => index === "registry-index")).toHaveLength(1);
    expect(queries.filter((index) => index === "project-updated-index")).toHaveLength(3);
  });

  it("shows each project with nulls for what is missing and without the index's attribute", async () => {
    const { body } = await getProjects("", { status: STATUS, limit: "1" });
    const { registry: _, ...first } = entries[0] ?? {};
    expect(body.projects).toEqual([{ ...first, parent: null, repo: null, days_since_active: null }]);
  });

  it("passes attributes through that operators have added", async () => {
    const { project_id } = await makeProject();
    const Item = {
      ...entry(0),
      project_id,
      status: `${STATUS}-configured`,
      doc_prep_config: { auto_include_reference: false, max_docs: 3, additional_docs: ["a"] },
      owners: new Set(["b", "a"]),
    };
    await directDynamodb.send(new PutCommand({ TableName: table(), Item }));
    const { body } = await getProjects("", { status: `${STATUS}-configured` });
    expect(body.projects[0]).toMatchObject({ doc_prep_config: Item.doc_prep_config, owners: ["a", "b"] });
    await directDynamodb.send(new DeleteCommand({ TableName: table(), Key: { project_id } }));
  });

  it("shows the fields that were asked for, and always the id", async () => {
    const query = { status: STATUS, limit: "2", fields: "summary,no_such_field,prefix" };
    const { body } = await getProjects("", query);
    expect(body.projects).toEqual([
      { project_id: ids[0], prefix: "LST", summary: "Number 0" },
      { project_id: ids[1], prefix: "LST", summary: "Number 1" },
    ]);
  });

  it("asks since when a project has been quiet only where that is shown", async () => {
    const lookUps = async (fields: string) => {
      const calls = await callsDuring(() => getProjects("", { status: STATUS, limit: "3", fields }));
      const queries = calls.map(({ request }) => (request as { IndexName: string }).IndexName);
      return queries.filter((index) => index === "project-updated-index").length;
    };
    expect(await lookUps("prefix")).toBe(0);
    expect(await lookUps("days_since_active")).toBe(3);
  });

  it("goes on with other fields than the page before had", async () => {
    const first = await getProjects("", { status: STATUS, limit: "2", fields: "prefix" });
    const cursor = first.body.next_cursor ?? "";
    const second = await getProjects("", { status: STATUS, limit: "2", cursor });
    expect(idsOf([...first.body.projects, ...second.body.projects])).toEqual(ids.slice(0, 4));
    expect(second.body.projects[0]).toHaveProperty("summary");
  });

  it.each(["", "Prefix", "prefix,", "a".repeat(65), Array(51).fill("a").join(",")])(
    "refuses %j as fields",
    async (fields) => {
      const { status, body } = await getProjects("", { fields });
      expect(status).toBe(400);
      expect(body.error).toContain("fields: must be a comma list of at most 50 names");
    },
  );

  it("leaves closed and archived projects out when only active ones are asked for", async () => {
    const states = ["planning", "development", "active_production", "closed", "archived"];
    const made = states.map((status, number) => ({ ...entry(number), project_id: `${anyName()}`, status }));
    await batches(made.map((Item) => ({ PutRequest: { Item } })));
    const ours = new Set(made.map(({ project_id }) => project_id));
    const statuses = async (query: Record<string, string>) =>
      (await pages(query))
        .flat()
        .filter(({ project_id }) => ours.has(project_id))
        .map(({ status }) => status)
        .sort();
    expect(await statuses({ active: "TRUE" })).toEqual(["active_production", "development", "planning"]);
    expect(await statuses({ active: "yes" })).toHaveLength(5);
    expect(await statuses({ active: "true", status: "closed" })).toEqual(["closed"]);
    await batches([...ours].map((project_id) => ({ DeleteRequest: { Key: { project_id } } })));
  });

  it("is empty for a status that no project has", async () => {
    const { body } = await getProjects("", { status: "no-such-status" });
    expect(body).toMatchObject({ success: true, projects: [], count: 0 });
  });

  it.each(["0", "201", "-1", "1.5", "ten", ""])("refuses the limit %j", async (limit) => {
    const { status, body } = await getProjects("", { limit });
    expect(status).toBe(400);
    expect(body.error).toContain("limit");
  });

  it("refuses a cursor that is broken or of another list", async () => {
    const { body } = await getProjects("", { status: STATUS, limit: "1" });
    for (const [cursor, status] of [
      ["nonsense", STATUS],
      [body.next_cursor ?? "", "planning"],
      ["", STATUS],
    ]) {
      const refused = await getProjects("", { cursor: cursor ?? "", status: status ?? "" });
      expect(refused.status).toBe(400);
      expect(refused.body.error).toBe("Invalid pagination cursor.");
    }
  });

  it("is a 500 when the registry cannot be read", async () => {
    await injectFault({ service: "dynamodb", operation: "Query", error: "AccessDeniedException" });
    const { status, body } = await getProjects("", { limit: "5" });
    expect(status).toBe(500);
    expect(body.error).toBe("Database read failed.");
  });

  it("says how long a project has been quiet, and null where that cannot be known", async () => {
    const { project_id } = await makeProject();
    const status = `${STATUS}-quiet`;
    const listed = async () => {
      await directDynamodb.send(new PutCommand({ TableName: table(), Item: { ...entry(0), project_id, status } }));
      return (await getProjects("", { status })).body.projects[0]?.days_since_active;
    };
    expect(await listed()).toBe(0);
    const match = { IndexName: "project-updated-index" };
    await injectFault({ service: "dynamodb", operation: "Query", match, error: "AccessDeniedException" });
    expect(await listed()).toBeNull();
    await directDynamodb.send(new DeleteCommand({ TableName: table(), Key: { project_id } }));
  });
});

describe("the list of projects while projects are created", () => {
  it("shows every project that was there before once, and no project twice", async () => {
    const before = ids;
    let creating = true;
    const created: string[] = [];
    const creator = (async () => {
      while (created.length < 25) {
        const request = newRequest();
        expect((await postProject(request)).status).toBe(201);
        created.push(request.name);
      }
      creating = false;
    })();
    while (creating) {
      const seen = (await pages({ limit: "150" })).flatMap(idsOf);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.filter((id) => before.includes(id))).toEqual(before);
      expect(seen).toEqual([...seen].sort());
    }
    await creator;
    const after = (await pages({ limit: "200" })).flatMap(idsOf);
    expect(after).toEqual(expect.arrayContaining(created));
  }, 60_000);
});
