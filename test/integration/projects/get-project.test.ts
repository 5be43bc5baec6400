import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { handler } from "../../../functions/project-service/handler.ts";
import { callFunction } from "../../support/call-function.ts";
import { getProjects, type ProjectAnswer } from "../../support/project-api.ts";
import { makeProject } from "../../support/projects.ts";
import {
  actAs,
  callsDuring,
  clearFaults,
  directDynamodb,
  injectFault,
  realName,
  services,
  signIn,
} from "../../support/services.ts";

beforeAll(() => actAs("projectService"));
afterEach(clearFaults);

function recordUpdated(project_id: string, updated_at: string) {
  const Item = { project_id, record_id: `task#${updated_at}`, record_type: "task", updated_at };
  return directDynamodb.send(new PutCommand({ TableName: realName("tables", "devops-project-tracker"), Item }));
}

describe("reading one project", () => {
  it("shows it as the list does, in two AWS calls", async () => {
    const project = await makeProject();
    const calls = await callsDuring(async () => {
      const { status, body } = await getProjects(`/${project.project_id}`);
      expect(status).toBe(200);
      expect(body).toEqual({ success: true, project: { ...project, days_since_active: 0 } });
    });
    expect(calls).toHaveLength(2);
  });

  it.each(["not-there", "Impossible", "a%20b", `x${"y".repeat(300)}`])("is a 404 for %s", async (name) => {
    const { status, body } = await getProjects(`/${name}`);
    expect(status).toBe(404);
    expect(body.error_envelope.code).toBe("NOT_FOUND");
    expect(body.error).toContain(decodeURIComponent(name));
  });

  it("is a 500 when the registry cannot be read", async () => {
    const { project_id } = await makeProject();
    await injectFault({ service: "dynamodb", operation: "GetItem", error: "AccessDeniedException" });
    const { status, body } = await getProjects(`/${project_id}`);
    expect(status).toBe(500);
    expect(body.error).toBe("Database read failed.");
  });

  it("counts the days since the latest change, whatever the clock of its writer said", async () => {
    const { project_id } = await makeProject();
    await recordUpdated(project_id, "2020-01-01T00:00:00Z");
    expect((await getProjects(`/${project_id}`)).body.project.days_since_active).toBe(0);
    await recordUpdated(project_id, "2999-01-01T00:00:00Z");
    expect((await getProjects(`/${project_id}`)).body.project.days_since_active).toBe(0);
    await recordUpdated(project_id, "soon");
    expect((await getProjects(`/${project_id}`)).body.project.days_since_active).toBeNull();
  });
});

describe("the entity tag of a project", () => {
  it("stays while nothing changes, and spares the answer", async () => {
    const { project_id } = await makeProject();
    const first = await getProjects(`/${project_id}`);
    const tag = first.headers.ETag ?? "";
    expect(tag).toMatch(/^"h-[0-9a-f]{16}"$/);
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
      const again = await getProjects(`/${project_id}`, {}, { "If-None-Match": known });
      expect(again).toMatchObject({ status: 304, text: "" });
      expect(again.headers.ETag).toBe(tag);
    }
    expect((await getProjects(`/${project_id}`, {}, { "If-None-Match": '"other"' })).status).toBe(200);
  });

  it("changes with anything that is answered", async () => {
    const { project_id } = await makeProject();
    const tag = (await getProjects(`/${project_id}`)).headers.ETag ?? "";
    await directDynamodb.send(
      new UpdateCommand({
        TableName: realName("tables", "projects"),
        Key: { project_id },
        UpdateExpression: "SET summary = :s",
        ExpressionAttributeValues: { ":s": "Another" },
      }),
    );
    const again = await getProjects(`/${project_id}`, {}, { "If-None-Match": tag });
    expect(again.status).toBe(200);
    expect(again.headers.ETag).not.toBe(tag);
  });
});

describe("the paths of the project service", () => {
  const call = (method: string, path: string, headers: Record<string, string> = { cookie: signIn() }) =>
    callFunction<ProjectAnswer>(handler, { method, path, headers });

  it.each([
    ["PUT", "/api/v1/projects", "GET, POST, OPTIONS"],
    ["DELETE", "/api/v1/projects", "GET, POST, OPTIONS"],
    ["POST", "/api/v1/projects/any", "GET, OPTIONS"],
    ["PATCH", "/api/v1/projects/any", "GET, OPTIONS"],
  ])("refuse %s %s and say what is allowed", async (method, path, allowed) => {
    const { status, headers } = await call(method, path);
    expect(status).toBe(405);
    expect(headers.Allow?.split(", ").sort()).toEqual(allowed.split(", ").sort());
  });

  it.each(["/api/v1/projects/a/b", "/api/v1/project", "/"])("lead nowhere else: %s", async (path) => {
    expect((await call("GET", path)).status).toBe(404);
  });

  it("are for signed-in people only, not for the internal key", async () => {
    const key = { "X-Coordination-Internal-Key": services.internalKey };
    for (const [method, path] of [
      ["GET", "/api/v1/projects"],
      ["POST", "/api/v1/projects"],
      ["GET", "/api/v1/projects/any"],
      ["DELETE", "/api/v1/projects"],
      ["GET", "/nowhere"],
    ] as const) {
      const { status, body } = await call(method, path, key);
      expect(status).toBe(401);
      expect(body.error).toBe("Authentication required. Please sign in.");
    }
  });

  it("answer preflights to everybody", async () => {
    expect((await call("OPTIONS", "/api/v1/projects", {})).status).toBe(204);
    expect((await call("OPTIONS", "/api/v1/projects/any", {})).status).toBe(204);
  });
});
