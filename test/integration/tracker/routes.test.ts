import { beforeAll, describe, expect, it } from "@jest/globals";
import { handler } from "../../../functions/tracker-mutation/handler.ts";
import { callFunction } from "../../support/call-function.ts";
import { anyName, makeProject } from "../../support/projects.ts";
import { callsDuring, clearFaults, injectFault } from "../../support/services.ts";
import { call, create, LEAST, pathOf, type TrackerBody } from "../../support/tracker-api.ts";
import { rowsOf } from "../../support/tracker-rows.ts";

let project: string;
let task: string;

beforeAll(async () => {
  project = (await makeProject()).project_id;
  task = await create(project, "task");
});

describe("who calls", () => {
  it("is asked before anything else, also where the path leads nowhere", async () => {
    for (const path of [pathOf(project, task), "/no/such/path/at/all", `/${anyName()}/task/X-TSK-001`]) {
      const answer = await call("GET", path, undefined, { as: "stranger" });
      expect(answer.status).toBe(401);
      expect(answer.body).toMatchObject({
        success: false,
        error: expect.stringContaining("Authentication required"),
        error_envelope: { code: "PERMISSION_DENIED", retryable: false },
      });
    }
  });

  it("is a person with a cookie or a service with the key", async () => {
    for (const as of ["person", "service"] as const) {
      expect((await call("GET", pathOf(project, task), undefined, { as })).status).toBe(200);
    }
  });

  it("is not told by a wrong key, which does not spoil a cookie either", async () => {
    const headers = { "X-Coordination-Internal-Key": "wrong" };
    expect((await call("GET", pathOf(project, task), undefined, { as: "stranger", headers })).status).toBe(401);
    expect((await call("GET", pathOf(project, task), undefined, { as: "person", headers })).status).toBe(200);
  });
});

describe("a path", () => {
  it("may leave out the prefix, end in a slash, and come in an event of payload 1.0", async () => {
    const headers = { "X-Coordination-Internal-Key": String(process.env.COORDINATION_INTERNAL_API_KEY) };
    const path = `/tracker${pathOf(project, task)}`;
    const short = await callFunction<TrackerBody>(handler, { method: "GET", path: `${path}/`, headers });
    expect(short.body.record.item_id).toBe(task);
    const old = await handler({ httpMethod: "GET", path: `/api/v1${path}`, headers }, { awsRequestId: "old" });
    expect(old).toMatchObject({ statusCode: 200, headers: { "X-Request-Id": "old" } });
  });

  it("names a record in any case; answers name it in capitals", async () => {
    const path = `/${project}/task/${task.toLowerCase()}`;
    expect((await call("GET", path)).body.record.item_id).toBe(task);
    expect((await call("POST", `${path}/log`, { description: "x" })).body.record_id).toBe(task);
  });

  it.each([
    ["GET", "/"],
    ["GET", "/PROJECT/task/X-1"],
    ["GET", "/%50/task/X-1"],
    ["GET", "/p.x/task/X-1"],
    ["GET", "/p/Task/X-1"],
    ["GET", "/p/tasks/X-1"],
    ["GET", "/p/reference/X-1"],
    ["GET", "/p/task/X.1"],
    ["GET", "/p/task/X%2F1"],
    ["GET", "/p/task/X-1/unknown"],
    ["POST", "/p/epic"],
    ["POST", "/p/counter"],
    ["POST", "/p/task/X-1/checkout/more"],
  ])("leads nowhere: %s %s", async (method, path) => {
    const answer = await call(method, path, {});
    expect(answer.status).toBe(404);
    expect(answer.body.error).toContain("No route matched");
    expect(answer.body.error_envelope).toMatchObject({ code: "NOT_FOUND", retryable: false });
  });

  it("of the older kind, without the service in it, changes a record", async () => {
    const headers = { "X-Coordination-Internal-Key": String(process.env.COORDINATION_INTERNAL_API_KEY) };
    const body = { field: "priority", value: "P1" };
    const answer = await callFunction<TrackerBody>(handler, {
      method: "PATCH",
      path: pathOf(project, task),
      headers,
      body,
    });
    expect(answer).toMatchObject({ status: 200, body: { success: true, field: "priority" } });
  });

  it("with a type and an id that disagree leads to no record", async () => {
    const answer = await call("GET", `/${project}/issue/${task}`);
    expect(answer.status).toBe(404);
    expect(answer.body.error).toContain("Record not found");
  });

  it("with an id of any form is looked up", async () => {
    for (const id of ["TSK-001", "1", "a_b", "-"]) {
      const answer = await call("GET", `/${project}/task/${id}`);
      expect(answer.status).toBe(404);
      expect(answer.body.error).toContain("Record not found");
    }
  });
});

describe("a project that does not exist", () => {
  const body = { ...LEAST.task, field: "priority", value: "P0", description: "x", criterion_index: 0, provider: "p" };

  it.each([
    ["GET", "/task/X-TSK-001"],
    ["POST", "/task"],
    ["PATCH", "/task/X-TSK-001"],
    ["POST", "/task/X-TSK-001/log"],
    ["POST", "/task/X-TSK-001/checkout"],
    ["DELETE", "/task/X-TSK-001/checkout"],
    ["POST", "/task/X-TSK-001/acceptance-evidence"],
    ["POST", "/imports"],
    ["PUT", "/task/X-TSK-001"],
    ["DELETE", "/task"],
  ])("is a 404 before method and body are looked at: %s …%s", async (method, path) => {
    const name = anyName();
    const answer = await call(method, `/${name}${path}`, method === "GET" ? undefined : "no json");
    expect(answer.status).toBe(404);
    expect(answer.body.error).toContain("is not registered");
    const proper = await call(method, `/${name}${path}`, method === "GET" ? undefined : body);
    expect(proper.text).toBe(answer.text);
  });

  it("is there as soon as it is created, though it was looked for before", async () => {
    const name = anyName();
    expect((await call("POST", `/${name}/task`, LEAST.task)).status).toBe(404);
    await makeProject({ name });
    expect((await call("POST", `/${name}/task`, LEAST.task)).status).toBe(201);
  });

  it("cannot be told from one whose registry cannot be read: then the record decides", async () => {
    const { project_id } = await makeProject();
    await injectFault({ service: "dynamodb", operation: "GetItem", match: "projects", error: "AccessDeniedException" });
    const answer = await call("GET", `/${project_id}/task/X-TSK-001`);
    await clearFaults();
    expect(answer.status).toBe(404);
    expect(answer.body.error).toContain("Record not found");
  });

  it("is needed to create: if it cannot be read, that is an error of ours", async () => {
    const { project_id } = await makeProject();
    await injectFault({ service: "dynamodb", operation: "GetItem", error: "AccessDeniedException", times: 10 });
    const answer = await call("POST", `/${project_id}/task`, LEAST.task);
    await clearFaults();
    expect(answer.status).toBe(500);
    expect(answer.body.error).toContain("Database read failed");
    expect(answer.body.error_envelope).toMatchObject({ code: "INTERNAL_ERROR", retryable: true });
    expect((await rowsOf(project_id)).filter(({ record_type }) => record_type !== "reference")).toEqual([]);
  });
});

describe("a method that a path does not have", () => {
  it.each([
    ["PUT", "", "GET"],
    ["POST", "", "GET"],
    ["GET", "/task", "POST"],
    ["PUT", "/task/ID", "GET, PATCH"],
    ["DELETE", "/task/ID", "GET, PATCH"],
    ["GET", "/task/ID/log", "POST"],
    ["PATCH", "/task/ID/checkout", "POST, DELETE"],
    ["GET", "/task/ID/acceptance-evidence", "POST"],
    ["GET", "/imports", "POST"],
  ])("%s …%s is a 405 that names %s", async (method, path, allowed) => {
    const answer = await call(method, `/${project}${path.replace("ID", task)}`);
    expect(answer.status).toBe(405);
    expect(answer.body.error).toContain("not allowed");
    expect(answer.body.error_envelope.code).toBe("METHOD_NOT_ALLOWED");
    expect(new Set(answer.headers.Allow?.split(", "))).toEqual(new Set([...allowed.split(", "), "OPTIONS"]));
  });
});

describe("a body", () => {
  const routes = () =>
    [
      ["POST", `/${project}/task`],
      ["PATCH", pathOf(project, task)],
      ["POST", `${pathOf(project, task)}/log`],
      ["POST", `${pathOf(project, task)}/checkout`],
      ["DELETE", `${pathOf(project, task)}/checkout`],
      ["POST", `${pathOf(project, task)}/acceptance-evidence`],
      ["POST", `/${project}/imports`],
    ] as const;

  it("that is no JSON is refused on every route", async () => {
    for (const [method, path] of routes()) {
      const answer = await call(method, path, '{"a":');
      expect(answer.status).toBe(400);
      expect(answer.body.error).toContain("Invalid JSON body");
    }
  });

  it("that is no object is refused on every route", async () => {
    for (const [method, path] of routes()) {
      for (const body of ["[]", "null", "5", '"text"']) {
        const answer = await call(method, path, body);
        expect(answer.status).toBe(400);
        expect(answer.body.error).toContain("JSON body must be an object");
      }
    }
  });

  it("of more than 256 KiB is refused on every route but imports", async () => {
    for (const [method, path] of routes().slice(0, -1)) {
      const answer = await call(method, path, JSON.stringify({ description: "x".repeat(262_144) }));
      expect(answer.status).toBe(413);
      expect(answer.body.error_envelope.code).toBe("PAYLOAD_TOO_LARGE");
    }
  });

  it("that is missing counts as empty", async () => {
    expect((await call("POST", `/${project}/task`)).body.error).toContain("title");
    expect((await call("PATCH", pathOf(project, task))).body.error).toContain("Field 'field' is required");
    expect((await call("POST", `${pathOf(project, task)}/log`)).body.error).toContain("description");
    expect((await call("DELETE", `${pathOf(project, task)}/checkout`)).status).toBe(200);
  });

  it("with a wrong type in it is a 400 that names the field", async () => {
    const wrong: [method: string, path: string, body: object, field: string][] = [
      ["POST", `/${project}/task`, { ...LEAST.task, title: ["a"] }, "title"],
      ["POST", `/${project}/task`, { ...LEAST.task, write_source: "claude" }, "write_source"],
      ["POST", `/${project}/task`, { ...LEAST.task, write_source: ["claude"] }, "write_source"],
      ["POST", `/${project}/task`, { ...LEAST.task, acceptance_criteria: 5 }, "acceptance_criteria"],
      ["POST", `/${project}/task`, { ...LEAST.task, related: 5 }, "related"],
      ["POST", `/${project}/task`, { ...LEAST.task, coordination: 5 }, "coordination"],
      ["PATCH", pathOf(project, task), { field: "status", value: 5 }, "status"],
      [
        "PATCH",
        pathOf(project, task),
        { field: "status", value: "in-progress", transition_evidence: [] },
        "transition_evidence",
      ],
      [
        "PATCH",
        pathOf(project, task),
        { field: "status", value: "open", transition_evidence: { commit_sha: 5 } },
        "commit_sha",
      ],
      ["PATCH", pathOf(project, task), { field: "priority", value: "P0", expected_version: "1" }, "expected_version"],
      ["PATCH", pathOf(project, task), { action: "note", note: 5 }, "note"],
      ["POST", `${pathOf(project, task)}/log`, { description: {} }, "description"],
      ["POST", `${pathOf(project, task)}/checkout`, { provider: 5 }, "provider"],
      ["POST", `${pathOf(project, task)}/checkout`, { provider: "p", lease_seconds: 59 }, "lease_seconds"],
      ["POST", `${pathOf(project, task)}/checkout`, { provider: "p", lease_seconds: 86_401 }, "lease_seconds"],
      ["DELETE", `${pathOf(project, task)}/checkout`, { force: "yes" }, "force"],
      ["POST", `${pathOf(project, task)}/acceptance-evidence`, { criterion_index: true }, "criterion_index"],
      [
        "POST",
        `${pathOf(project, task)}/acceptance-evidence`,
        { criterion_index: 0, evidence_acceptance: 5 },
        "evidence_acceptance",
      ],
    ];
    for (const [method, path, body, field] of wrong) {
      const answer = await call(method, path, body);
      expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining(field)]);
      expect(answer.body.error_envelope.code).toBe("INVALID_INPUT");
    }
  });

  it("is judged before the record is read", async () => {
    const path = `/${project}/task/X-TSK-404`;
    const bad: [string, string, object][] = [
      ["PATCH", path, { field: "record_type", value: "issue" }],
      ["PATCH", path, { field: "parent", value: "X-ISS-1" }],
      ["PATCH", path, { action: "dance" }],
      ["PATCH", path, { action: "note" }],
      ["PATCH", path, { field: "active_agent_session", value: "perhaps" }],
      ["POST", `${path}/log`, { description: " " }],
      ["POST", `${path}/checkout`, {}],
      ["POST", `${path}/acceptance-evidence`, { criterion_index: "one" }],
      ["POST", `${path}/acceptance-evidence`, { criterion_index: 0, evidence_acceptance: true }],
    ];
    for (const [method, at, body] of bad) {
      const calls = await callsDuring(async () => {
        const answer = await call(method, at, body);
        expect([at, answer.status]).toEqual([at, 400]);
      });
      expect(calls).toEqual([]);
    }
  });
});

describe("a record that does not exist", () => {
  it.each([
    ["GET", "", undefined],
    ["PATCH", "", { field: "priority", value: "P0" }],
    ["PATCH", "", { field: "status", value: "in-progress" }],
    ["PATCH", "", { field: "active_agent_session", value: true, provider: "p" }],
    ["PATCH", "", { action: "close" }],
    ["PATCH", "", { action: "reopen" }],
    ["PATCH", "", { action: "note", note: "x" }],
    ["POST", "/log", { description: "x" }],
    ["POST", "/checkout", { provider: "p" }],
    ["DELETE", "/checkout", {}],
    ["POST", "/acceptance-evidence", { criterion_index: 0 }],
  ])("is a 404: %s …%s", async (method, path, body) => {
    const answer = await call(method, `/${project}/task/X-TSK-404${path}`, body);
    expect(answer.status).toBe(404);
    expect(answer.body).toMatchObject({
      success: false,
      error: expect.stringContaining("Record not found"),
      error_envelope: { code: "NOT_FOUND", retryable: false },
    });
  });
});

describe("a database that fails", () => {
  it.each([
    ["GetItem", "GET", "", undefined, "Database read failed"],
    ["TransactWriteItems", "POST", "/log", { description: "x" }, "Database write failed"],
    ["TransactWriteItems", "PATCH", "", { field: "priority", value: "P0" }, "Database write failed"],
  ])("in %s is a 500 that may be repeated", async (operation, method, path, body, message) => {
    await injectFault({ service: "dynamodb", operation, error: "AccessDeniedException" });
    const answer = await call(method, `${pathOf(project, task)}${path}`, body);
    await clearFaults();
    expect(answer.status).toBe(500);
    expect(answer.body).toMatchObject({
      error: expect.stringContaining(message),
      error_envelope: { code: "INTERNAL_ERROR", retryable: true, details: {} },
    });
    expect(answer.text).not.toContain("AccessDenied");
  });

  it("in a query is a 500 too", async () => {
    await injectFault({ service: "dynamodb", operation: "Query", error: "AccessDeniedException" });
    const answer = await call("GET", `/${project}`);
    await clearFaults();
    expect([answer.status, answer.body.error]).toEqual([500, expect.stringContaining("Database query failed")]);
  });
});
