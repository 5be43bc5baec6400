import { beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import { deploy, patchState, submit } from "../../support/deploy-api.ts";
import { ownDeployQueue } from "../../support/deploy-queue.ts";
import { putDeployRow, putDeployRows, requestRows } from "../../support/deploy-rows.ts";
import { anyName, makeProject } from "../../support/projects.ts";
import { actAs, callsDuring, clearFaults, injectFault } from "../../support/services.ts";

let project: string;

beforeAll(async () => {
  actAs("deployIntake");
  await ownDeployQueue();
});

beforeEach(async () => {
  project = (await makeProject()).project_id;
});

const inProject = (more: Record<string, string> = {}) => ({ query: { project, ...more } });
const cancel = (id: string, headers: Record<string, string> = {}) =>
  deploy("POST", `/cancel/${id}`, undefined, { ...inProject(), headers });
const getRequest = (id: string, headers: Record<string, string> = {}) =>
  deploy("GET", `/request/${id}`, undefined, { ...inProject(), headers });

describe("a request", () => {
  it("is read as it is, without the keys of the table, and what is JSON as what it says", async () => {
    const { request_id: id } = await submit(project, { github_config: { repo: "x" }, changes: ["one"] });
    const { status, body } = await getRequest(id);
    expect([status, body]).toMatchObject([
      200,
      { success: true, project_id: project, request_id: id, status: "pending", github_config: { repo: "x" } },
    ]);
    for (const name of ["record_id", "record_type", "pending_key"]) expect(body).not.toHaveProperty(name);
  });

  it("has a tag, with which an unchanged one is 304", async () => {
    const { request_id: id } = await submit(project);
    const tag = (await getRequest(id)).headers.ETag ?? "";
    expect((await getRequest(id, { "If-None-Match": tag })).status).toBe(304);
    await cancel(id);
    expect((await getRequest(id, { "If-None-Match": tag })).status).toBe(200);
  });

  it("is a 404 where there is none, and a 400 where its project is not named", async () => {
    const { request_id: id } = await submit(project);
    expect((await getRequest("REQ-X")).status).toBe(404);
    expect((await deploy("GET", `/request/${id}`, undefined, { query: { project: anyName() } })).status).toBe(404);
    expect((await deploy("GET", `/request/${id}`)).status).toBe(400);
    expect((await getRequest("what.else")).status).toBe(404);
  });
});

interface Sown {
  request_id: string;
  submitted_at: string;
}

/** Pending requests, of which some have no key in the index: rows of other writers. */
function sown(count: number, at: (index: number) => number): (Sown & Record<string, unknown>)[] {
  return Array.from({ length: count }, (_, index) => {
    const submitted_at = `${new Date(at(index)).toISOString().slice(0, 19)}Z`;
    const request_id = `REQ-${submitted_at.replaceAll(/[-:]/g, "")}-${String(index).padStart(6, "0")}`;
    return {
      project_id: project,
      record_id: `request#${request_id}`,
      record_type: "request",
      request_id,
      submitted_at,
      status: "pending",
      summary: `Request ${index}`,
      change_type: "patch",
      submitted_by: "somebody",
      ...(index % 3 > 0 && { pending_key: `${submitted_at}#${request_id}` }),
    };
  });
}

describe("the pending requests of a project", () => {
  const list = (query: Record<string, string> = {}) => deploy("GET", `/pending/${project}`, undefined, { query });

  it("are listed the oldest first, with what is worth knowing of each", async () => {
    const { request_id: first } = await submit(project);
    await putDeployRow({ ...(await requestRows(project))[0], blocked_reason: "it clashes" });
    const { body } = await list();
    expect(body).toEqual({
      success: true,
      project_id: project,
      count: 1,
      requests: [
        {
          request_id: first,
          status: "pending",
          change_type: "patch",
          deployment_type: "github_public_static",
          summary: expect.stringMatching(/./),
          submitted_at: expect.stringMatching(/Z$/),
          submitted_by: "api-user",
          blocked_reason: "it clashes",
        },
      ],
    });
    expect((await list({ fields: "summary" })).body.requests).toEqual([
      { request_id: first, summary: "Make it better" },
    ]);
  });

  it("come in pages that leave nothing out and repeat nothing, those without a key in the index too", async () => {
    const rows = sown(350, (index) => Date.now() - 3_600_000 + Math.floor(index / 2) * 1_000);
    await putDeployRows([...rows].reverse());
    for (const [limit, size] of [
      [undefined, 50],
      ["7", 7],
      ["1000", 200],
      ["nonsense", 50],
    ] as const) {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const { status, body } = await list({ ...(limit && { limit }), ...(cursor && { cursor }) });
        expect(status).toBe(200);
        expect(body.count).toBe(Math.min(size, rows.length - found.length));
        found.push(...body.requests.map(({ request_id }) => request_id));
        cursor = body.next_cursor;
        // One small page is enough to see its size, and that the next goes on behind it.
      } while (cursor && (size > 7 || found.length < 21));
      expect(found).toEqual(rows.slice(0, found.length).map(({ request_id }) => request_id));
    }
    expect((await list({ limit: "0" })).body.count).toBe(1);
    expect((await list({ limit: "-5" })).body.count).toBe(1);
  });

  it("are none of a project that nobody has registered", async () => {
    const name = anyName();
    const { status, body } = await deploy("GET", `/pending/${name}`);
    expect([status, body]).toEqual([200, { success: true, project_id: name, count: 0, requests: [] }]);
  });

  it("have cursors of their own", async () => {
    await putDeployRows(sown(2, () => Date.now()));
    const { next_cursor: cursor = "" } = (await list({ limit: "1" })).body;
    expect(cursor).toMatch(/./);
    const elsewhere = await deploy("GET", `/pending/${anyName()}`, undefined, { query: { cursor } });
    const history = await deploy("GET", `/history/${project}`, undefined, { query: { cursor } });
    expect([elsewhere.status, history.status, (await list({ cursor: "x" })).status]).toEqual([400, 400, 400]);
  });
});

describe("the deployments of a project", () => {
  it("are listed the latest first, in pages", async () => {
    const rows = Array.from({ length: 60 }, (_, index) => {
      const minute = String(index).padStart(2, "0");
      const deploy_id = `DEP-20260101T12${minute}00Z`;
      return {
        project_id: project,
        record_id: `deploy#${deploy_id}`,
        record_type: "deploy",
        deploy_id,
        spec_id: `SPEC-${index}`,
        version: `1.0.${index}`,
        deployed_at: `2026-01-01T12:${minute}:00Z`,
        duration_seconds: index,
      };
    });
    await putDeployRows(rows);
    const ids = rows.map(({ deploy_id }) => deploy_id).reverse();
    const list = async (query: Record<string, string> = {}) =>
      (await deploy("GET", `/history/${project}`, undefined, { query })).body;
    const named = ({ deployments }: Awaited<ReturnType<typeof list>>) => deployments.map(({ deploy_id }) => deploy_id);
    const first = await list();
    expect(named(first)).toEqual(ids.slice(0, 10));
    expect(first.deployments[0]).toEqual(
      expect.objectContaining({ version: "1.0.59", duration_seconds: 59, project_id: project }),
    );
    expect(first.deployments[0]).not.toHaveProperty("record_id");
    const second = await list({ limit: "99", cursor: first.next_cursor ?? "" });
    expect([named(second), second.next_cursor]).toEqual([ids.slice(10), undefined]);
    expect(named(await list({ limit: "99" }))).toHaveLength(50);
  });

  it("are none of a project that nobody has registered", async () => {
    const name = anyName();
    const { status, body } = await deploy("GET", `/history/${name}`);
    expect([status, body]).toEqual([200, { success: true, project_id: name, deployments: [] }]);
  });
});

describe("a spec", () => {
  const spec = {
    spec_id: "SPEC-20260101T120000Z",
    status: "queued_non_ui",
    created_at: "2026-01-01T12:00:00Z",
    deployment_type: "lambda_update",
    deployment_category: "non_ui",
    included_request_ids: ["REQ-1"],
    aggregated_changes: [],
    aggregated_release_summary: "Better",
    all_related_record_ids: [],
    non_ui_service_group: "lambda",
    non_ui_target_arns: [],
  };
  const analysis = { status: "pass", file_overlaps: [], warnings: [] };
  const getSpec = (id: string, query: Record<string, string>, headers: Record<string, string> = {}) =>
    deploy("GET", `/status/${id}`, undefined, { query, headers });

  beforeEach(async () => {
    await putDeployRow({
      ...spec,
      project_id: project,
      record_id: `spec#${spec.spec_id}`,
      record_type: "spec",
      integration_analysis: JSON.stringify(analysis),
      non_ui_targets: JSON.stringify({ targets: [] }),
    });
  });

  it("is read flat, and what is JSON as what it says", async () => {
    const { status, body, headers } = await getSpec(spec.spec_id, { project });
    const parsed = { integration_analysis: analysis, non_ui_targets: { targets: [] } };
    expect([status, body]).toEqual([200, { success: true, project_id: project, ...spec, ...parsed }]);
    expect((await getSpec(spec.spec_id, { project }, { "If-None-Match": headers.ETag ?? "" })).status).toBe(304);
  });

  it("needs its project, from the query or from the body", async () => {
    expect((await getSpec(spec.spec_id, {})).status).toBe(400);
    expect((await deploy("GET", `/status/${spec.spec_id}`, { project_id: project })).status).toBe(200);
    expect((await deploy("GET", `/status/${spec.spec_id}`, "{")).status).toBe(400);
  });

  it("is a 404 where there is none, and under a path that cannot be one", async () => {
    expect((await getSpec("SPEC-NONE", { project })).status).toBe(404);
    expect((await getSpec("spec-lower", { project })).status).toBe(404);
    expect((await getSpec(`${spec.spec_id}/more`, { project })).status).toBe(404);
  });
});

it.each([
  ["GET", "/status/SPEC-1", { service: "dynamodb", operation: "GetItem" }],
  ["GET", "/request/REQ-1", { service: "dynamodb", operation: "GetItem" }],
  ["GET", "/pending/PROJECT", { service: "dynamodb", operation: "Query" }],
  ["GET", "/history/PROJECT", { service: "dynamodb", operation: "Query" }],
  ["POST", "/cancel/REQ-1", { service: "dynamodb", operation: "TransactWriteItems" }],
] as const)("%s %s is a 500 where the table does not answer", async (method, path, fault) => {
  await injectFault({ ...fault, match: project, error: "AccessDeniedException", times: 9 });
  const { status, body } = await deploy(method, path.replace("PROJECT", project), undefined, inProject());
  await clearFaults();
  expect([status, body.error_envelope]).toMatchObject([500, { code: "INTERNAL_ERROR", retryable: true }]);
});

describe("a project that a key may not see", () => {
  it.each([
    ["GET", "/state/PROJECT"],
    ["PATCH", "/state/PROJECT"],
    ["POST", "/trigger/PROJECT"],
    ["GET", "/history/PROJECT"],
    ["GET", "/pending/PROJECT"],
    ["GET", "/status/SPEC-20260101T120000Z"],
    ["GET", "/request/REQUEST"],
    ["POST", "/cancel/REQUEST"],
  ])("%s %s answers to the byte as for one that does not exist, and does not look", async (method, path) => {
    const home = (await makeProject()).project_id;
    const call = {
      as: "nobody",
      headers: byKey((await issueKey({ scopes: ["deploy:*"], projects: [home] })).secret),
    } as const;
    const { request_id: request } = await submit(project);
    await patchState(project, { state: "PAUSED", reason: "a secret of the project" });
    const before = await requestRows(project);
    const ask = async (name: string) => {
      const at = path.replace("PROJECT", name).replace("REQUEST", request);
      const body = method === "PATCH" ? { state: "ACTIVE" } : undefined;
      const { status, headers, text } = await deploy(method, at, body, { ...call, query: { project: name } });
      return { status, headers, text: text.replaceAll(name, "NAME") };
    };
    const unknown = await ask(anyName());
    const calls = await callsDuring(async () => {
      expect(await ask(project)).toEqual(unknown);
    });
    const looks = calls.filter(({ request }) => JSON.stringify(request).includes(project));
    expect([looks, await requestRows(project)]).toEqual([[], before]);
  });
});
