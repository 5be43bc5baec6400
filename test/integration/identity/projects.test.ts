import type { Operation } from "@enceladus/middleware/operation";
import { parameterNames } from "@enceladus/middleware/router";
import { GRANTABLE_SCOPES } from "@enceladus/shared/scopes";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import { type Answer, callFunction } from "../../support/call-function.ts";
import { LEAST_REQUEST, putSpec, submit } from "../../support/deploy-api.ts";
import { LEAST_DOCUMENT, putDocument } from "../../support/document-api.ts";
import { httpFunctions } from "../../support/http-functions.ts";
import { makeProject } from "../../support/projects.ts";
import { callsDuring, signIn } from "../../support/services.ts";
import { call, create, LEAST, patch } from "../../support/tracker-api.ts";
import { rowsOf } from "../../support/tracker-rows.ts";

type Fields = Readonly<Record<string, unknown>>;

interface Sample {
  type?: string;
  body?: Fields;
  query?: Readonly<Record<string, string>>;
  /** What has to happen before, and what it adds to the body. */
  prepare?: () => Promise<Fields>;
  /** Whether it is about a thing with an id of its own, which has to be looked at to know its project. */
  ofDocument?: true;
  /** The thing in the path where that is not a record: one of the foreign project's. */
  thing?: () => string;
}

/**
 * How each operation that agents may call is called with success on a record of the project: its type, a body and a
 * query. An operation that is missing here has nobody who looks whether it keeps to the projects of a key.
 */
const SAMPLES: Readonly<Record<string, Sample>> = {
  listPendingUpdates: { query: { project: "PROJECT" } },
  listRecords: {},
  importRecords: { body: { records: [{ external_id: "a", type: "task", title: "x", status: "open" }] } },
  createRecord: { body: LEAST.task },
  getRecord: {},
  getRecordHistory: {},
  verifyProjectChains: {},
  updateRecord: { body: { field: "priority", value: "P0" } },
  logWork: { body: { description: "x" } },
  listReady: {},
  claimNext: { body: { provider: "claude" } },
  explainRecord: {},
  checkoutRecord: { body: { provider: "claude" }, prepare: released },
  heartbeat: { body: { lease_id: "x" }, prepare: held },
  releaseRecord: { body: {} },
  putDependency: { body: { kind: "related" } },
  removeDependency: { query: { kind: "related" }, prepare: related },
  createDocument: { body: { project_id: "PROJECT", ...LEAST_DOCUMENT } },
  postDocument: { body: { project_id: "PROJECT", ...LEAST_DOCUMENT } },
  listDocuments: { query: { project: "PROJECT" } },
  searchDocuments: { query: { project: "PROJECT" } },
  getDocument: { ofDocument: true },
  updateDocument: { ofDocument: true, body: { title: "x" } },
  getDocumentHistory: { ofDocument: true },
  searchReference: { query: { project: "PROJECT", query: "x" } },
  submitDeployRequest: { body: { project_id: "PROJECT", ...LEAST_REQUEST } },
  getDeployState: {},
  setDeployState: { body: { state: "ACTIVE" } },
  triggerDeployment: {},
  getDeploySpec: { thing: () => spec, query: { project: "PROJECT" } },
  listDeployHistory: {},
  listPendingRequests: {},
  getDeployRequest: { thing: () => request, query: { project: "PROJECT" } },
  cancelDeployRequest: { thing: () => request, query: { project: "PROJECT" }, prepare: pending },
  postAcceptanceEvidence: { type: "feature", body: { criterion_index: 0, evidence: "x" } },
};

const operations = (await httpFunctions()).flatMap(({ handler, operations }) =>
  operations
    .filter(({ auth }) => auth.includes("agent-key"))
    .flatMap((operation) =>
      [operation.path, operation.alias]
        .filter((path) => path !== undefined)
        .map((path) => ({ title: `${operation.method} ${path}`, handler, operation, path })),
    ),
);
type Callable = (typeof operations)[number];

let ids: Readonly<Record<string, string>>;
let foreign: string;
/** As long as the foreign one, and nobody's. */
let unknown: string;
let limited: Record<string, string>;
/** One of the foreign project's; none has the other id, which is as long. */
let document: string;
/** Those of the foreign project's deployments. */
let request: string;
let spec: string;
const NO_DOCUMENT = "DOC-000000000000";

beforeAll(async () => {
  const home = (await makeProject()).project_id;
  foreign = (await makeProject()).project_id;
  unknown = foreign.replace("p-", "q-");
  const [task, feature] = await Promise.all([create(foreign, "task"), create(foreign, "feature")]);
  ids = { task, feature };
  await patch(foreign, task, { action: "note", note: "read me" });
  document = await putDocument(foreign);
  await pending();
  spec = await putSpec(foreign);
  limited = byKey((await issueKey({ scopes: [...GRANTABLE_SCOPES], projects: [home] })).secret);
});

async function released(): Promise<Fields> {
  await call("DELETE", `/${foreign}/task/${ids.task}/checkout`, {});
  return {};
}

async function pending(): Promise<Fields> {
  request = (await submit(foreign)).request_id;
  return {};
}

async function held(): Promise<Fields> {
  await released();
  const { body } = await call("POST", `/${foreign}/task/${ids.task}/checkout`, { provider: "claude" });
  return { lease_id: (body.lease as { lease_id: string }).lease_id };
}

async function related(): Promise<Fields> {
  await released();
  await call("PUT", `/${foreign}/task/${ids.task}/dependencies/${ids.feature}`, { kind: "related" });
  return {};
}

const inProject = (text: string, project: string) => text.replaceAll("PROJECT", project);

/** Calls an operation on a record of the foreign project's, in a project of whatever name. */
async function send(
  { handler, operation, path }: Callable,
  project: string,
  headers: Record<string, string>,
  change: Partial<{ method: string; body: unknown; query: Record<string, string> }> = {},
): Promise<Answer<unknown>> {
  const { type = "task", body, query, ofDocument, thing } = SAMPLES[operation.id] ?? {};
  const ofRecord = [project, type, ids[type] ?? "", ids.feature ?? ""];
  const ofThing = thing && [thing()];
  const values = ofDocument ? [project === foreign ? document : NO_DOCUMENT] : (ofThing ?? ofRecord);
  const filled = parameterNames(path).reduce((at, name, index) => at.replace(`{${name}}`, values[index] ?? ""), path);
  const asked = query && JSON.parse(inProject(JSON.stringify(query), project));
  const sent = body && JSON.parse(inProject(JSON.stringify(body), project));
  return callFunction(handler, {
    method: operation.method,
    path: filled,
    headers,
    ...(sent && { body: sent }),
    ...change,
    query: { ...asked, ...change.query },
  });
}

/** What a client sees, to the byte, with another name for the project and its document. */
function seen({ status, headers, text }: Answer<unknown>, project: string) {
  const id = project === foreign ? document : NO_DOCUMENT;
  return { status, headers, text: text.replaceAll(project, "PROJECT").replaceAll(id, "DOCUMENT") };
}

describe.each(operations.map((one) => [one.title, one] as const))("%s", (_title, callable) => {
  const { operation } = callable;

  it("says how it keeps to the projects of a key, and has somebody who looks", () => {
    expect(operation.project).toBeDefined();
    expect(Object.keys(SAMPLES)).toContain(operation.id);
  });

  it("is there for those who may see the project", async () => {
    const { body, prepare } = SAMPLES[operation.id] ?? {};
    const change = prepare && { body: { ...body, ...(await prepare()) } };
    const answer = await send(callable, foreign, { cookie: signIn() }, change);
    expect([answer.status < 300, answer.text]).toEqual([true, answer.text]);
  });

  it("answers a key on a project that it may not see just as on one that does not exist, and looks at neither", async () => {
    const changes: Parameters<typeof send>[3][] = [
      {},
      { body: "no json" },
      { body: { field: 5 } },
      { method: "PUT" },
      { query: { limit: "0" } },
      { query: { cursor: "x" } },
    ];
    const before = await rowsOf(foreign);
    for (const change of changes) {
      const calls = await callsDuring(async () => {
        const onForeign = seen(await send(callable, foreign, limited, change), foreign);
        const onUnknown = seen(await send(callable, unknown, limited, change), unknown);
        expect(onForeign).toEqual(onUnknown);
        expect(onForeign.text).not.toContain(ids.task);
      });
      const looked = calls.filter(({ request }) => !JSON.stringify(request).includes("agent-keys"));
      const looks = SAMPLES[operation.id]?.ofDocument
        ? looked.filter(({ operation }) => operation !== "GetItem")
        : looked;
      expect(looks).toEqual([]);
      const ofPerson = seen(await send(callable, unknown, { cookie: signIn() }, change), unknown);
      expect(seen(await send(callable, foreign, limited, change), foreign)).toEqual(ofPerson);
    }
    expect(await rowsOf(foreign)).toEqual(before);
  });
});

it("an operation for agents without a word about projects is a type error", () => {
  const description = { id: "x", method: "GET", path: "/x", tag: "x", summary: "x", responses: {} } as const;
  const rest = { ...description, handler: async () => ({ status: 200, body: {} }) };
  type Spec = Parameters<typeof import("@enceladus/middleware/operation").operation>[0];
  const specs: Spec[] = [
    { ...rest, auth: ["cookie", "agent-key"], scope: "tracker:read", project: "in-handler" },
    { ...rest, auth: ["cookie"], scope: "projects:read" },
    { ...rest, auth: "public" },
    // @ts-expect-error no word about projects
    { ...rest, auth: ["cookie", "agent-key"], scope: "tracker:read" },
    // @ts-expect-error a right that no agent can hold
    { ...rest, auth: ["cookie", "agent-key"], scope: "projects:read", project: "in-handler" },
    // @ts-expect-error no scope
    { ...rest, auth: ["cookie"] },
    // @ts-expect-error a scope that nobody checks
    { ...rest, auth: "public", scope: "tracker:read" },
  ];
  expect(specs satisfies Pick<Operation, "id">[]).toHaveLength(7);
});
