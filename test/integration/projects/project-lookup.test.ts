import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { forgetProjects, getProject, projectByPrefix } from "../../../domain/projects/index.ts";
import { anyName, anyPrefix, makeProject } from "../../support/projects.ts";
import { actAs, callsDuring, clearFaults, directDynamodb, injectFault, realName } from "../../support/services.ts";

beforeAll(() => actAs("projectService"));
beforeEach(forgetProjects);
afterEach(async () => {
  jest.restoreAllMocks();
  await clearFaults();
});

function remove(project_id: unknown) {
  return directDynamodb.send(new DeleteCommand({ TableName: realName("tables", "projects"), Key: { project_id } }));
}

describe.each([
  { title: "by id", look: getProject, keyOf: "project_id", fresh: anyName, operation: "GetItem" },
  { title: "by prefix", look: projectByPrefix, keyOf: "prefix", fresh: anyPrefix, operation: "Query" },
] as const)("a project looked up $title", ({ look, keyOf, fresh, operation }) => {
  it("is found with one call, and with none for five minutes", async () => {
    const project = await makeProject();
    const key = project[keyOf];
    const found = { kind: "found", project: expect.objectContaining({ project_id: project.project_id }) };
    expect(await callsDuring(async () => expect(await look(key)).toEqual(found))).toHaveLength(1);
    await remove(project.project_id);
    expect(await callsDuring(async () => expect(await look(key)).toEqual(found))).toHaveLength(0);
    const now = Date.now();
    jest.spyOn(Date, "now").mockReturnValue(now + 300_001);
    expect(await look(key)).toEqual({ kind: "missing" });
  });

  it("is there at once after it was missing", async () => {
    const key = fresh();
    expect(await look(key)).toEqual({ kind: "missing" });
    await makeProject(keyOf === "prefix" ? { prefix: key } : { name: key });
    expect((await look(key)).kind).toBe("found");
  });

  it("is unknown while the registry cannot be read, which is not remembered", async () => {
    const project = await makeProject();
    await injectFault({ service: "dynamodb", operation, error: "AccessDeniedException" });
    expect(await look(project[keyOf])).toEqual({ kind: "unknown", cause: expect.any(Error) });
    expect((await look(project[keyOf])).kind).toBe("found");
  });

  it("is missing without a call where the text cannot be one", async () => {
    const calls = await callsDuring(async () => {
      for (const text of ["", "no such", "Ab", "x".repeat(51)]) expect(await look(text)).toEqual({ kind: "missing" });
    });
    expect(calls).toHaveLength(0);
  });
});

it("does not show the attribute of the registry's index", async () => {
  const { project_id } = await makeProject();
  const found = await getProject(project_id);
  expect(found).not.toHaveProperty("project.registry");
});
