/** A call of the collection, with values that make sense together. `{{name}}` is a variable of the run. */
export interface Step {
  /** Id of the operation. */
  call: string;
  /** Path parameters, by their names in the operation's own path. */
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
  body?: unknown;
  /** The answer's status, where it is not the one success that is declared. */
  status?: number;
  /** Variables that later steps use -> where their values are in the answer, `key.id`. */
  saves?: Readonly<Record<string, string>>;
  /** A field of the answer: the call is repeated until it is there. For what goes on behind the API. */
  awaits?: string;
}

const record = { project: "{{project}}", type: "task", id: "{{task}}" };
const inProject = { project: "{{project}}" };
const ofProject = { projectId: "{{project}}" };
const document = { documentId: "{{document}}" };
const session = { session_id: "postman", provider: "postman" };

/** Done once, by a person: what the others work with. */
export const OPENING: readonly Step[] = [
  { call: "createProject", body: { name: "{{project}}", prefix: "{{prefix}}", summary: "A tour of the API" } },
  { call: "getProject", params: { projectName: "{{project}}" } },
  { call: "listProjects", query: { active: "true", limit: "5" } },
  {
    call: "issueAgentKey",
    body: {
      agent: "postman",
      scopes: ["tracker:*", "documents:*", "deploy:*", "reference:read"],
      projects: ["{{project}}"],
      expires_in_days: 1,
    },
    saves: { agentKey: "secret", keyId: "key.id" },
  },
  { call: "listAgentKeys", query: { limit: "5" } },
];

/** Done with each credential that an operation takes. */
export const WORK: readonly Step[] = [
  // First, so that it has come to its spec when the rest is done.
  {
    call: "submitDeployRequest",
    body: {
      project_id: "{{project}}",
      change_type: "patch",
      deployment_type: "lambda_update",
      summary: "Answer sooner",
      changes: ["A smaller bundle"],
      pre_deploy_hooks: ["doc_prep"],
      non_ui_config: { service_group: "lambda", target_arn: "arn:aws:lambda:us-east-1:123456789012:function:tour" },
    },
    saves: { request: "request_id" },
  },
  {
    call: "createRecord",
    params: { project: "{{project}}", type: "task" },
    body: { title: "Look around", acceptance_criteria: ["everything was seen"], priority: "P1", provider: "postman" },
    saves: { task: "record_id" },
  },
  {
    call: "createRecord",
    params: { project: "{{project}}", type: "task" },
    body: { title: "Take a picture", acceptance_criteria: ["it is sharp"], provider: "postman" },
    saves: { other: "record_id" },
  },
  {
    call: "createRecord",
    params: { project: "{{project}}", type: "feature" },
    body: {
      title: "A tour by night",
      user_story: "As a visitor I want to see the lights",
      acceptance_criteria: ["the lights are on"],
      provider: "postman",
    },
    saves: { feature: "record_id" },
  },
  {
    call: "importRecords",
    params: inProject,
    body: { records: [{ external_id: "tour-1", type: "task", title: "Buy a ticket", status: "open" }] },
  },
  { call: "listRecords", params: inProject, query: { view: "summary", limit: "10" } },
  { call: "getRecord", params: record },
  {
    call: "updateRecord",
    params: record,
    body: { field: "description", value: "North side first", provider: "postman" },
  },
  {
    call: "putDependency",
    params: { ...record, otherId: "{{other}}" },
    body: { kind: "related", provider: "postman" },
    status: 201,
  },
  {
    call: "removeDependency",
    params: { ...record, otherId: "{{other}}" },
    query: { kind: "related" },
    body: { provider: "postman" },
  },
  { call: "explainRecord", params: record },
  { call: "listReady", params: inProject, query: { limit: "10" } },
  { call: "checkoutRecord", params: record, body: session, saves: { lease: "lease.lease_id" } },
  { call: "heartbeat", params: record, body: { ...session, lease_id: "{{lease}}" } },
  { call: "logWork", params: record, body: { ...session, description: "Saw the north side" } },
  {
    call: "postAcceptanceEvidence",
    params: { ...record, type: "feature", id: "{{feature}}" },
    body: { ...session, criterion_index: 0, evidence: "Saw all of it", evidence_acceptance: true },
  },
  { call: "releaseRecord", params: record, body: session },
  { call: "claimNext", params: inProject, body: { session_id: "postman-next", provider: "postman" } },
  { call: "getRecordHistory", params: record },
  { call: "verifyProjectChains", params: inProject },
  { call: "listPendingUpdates", query: { project: "{{project}}" } },
  { call: "listPendingUpdates", query: { all: "true", limit: "5" } },
  {
    call: "createDocument",
    body: {
      project_id: "{{project}}",
      title: "Guide",
      content: "# Guide\n\nStart at the north side.\n",
      keywords: ["tour"],
    },
    saves: { document: "document_id" },
  },
  { call: "postDocument", body: { project_id: "{{project}}", title: "Map", content: "# Map\n\nNorth is up.\n" } },
  { call: "getDocument", params: document },
  { call: "updateDocument", params: document, body: { content: "# Guide\n\nStart at the south side.\n" } },
  { call: "getDocumentHistory", params: document },
  { call: "listDocuments", query: { project: "{{project}}" } },
  { call: "searchDocuments", query: { project: "{{project}}", title: "guide" } },
  { call: "searchReference", query: { project: "{{project}}", query: "tour" } },
  { call: "prepareDocuments", params: { projectName: "{{project}}" }, body: { dry_run: true } },
  { call: "setDeployState", params: ofProject, body: { state: "ACTIVE", reason: "Open for visitors" } },
  { call: "getDeployState", params: ofProject },
  {
    call: "submitDeployRequest",
    body: { project_id: "{{project}}", change_type: "minor", summary: "A new path", auto_trigger: false },
    saves: { heldRequest: "request_id" },
  },
  { call: "listPendingRequests", params: ofProject },
  {
    call: "cancelDeployRequest",
    params: { requestId: "{{heldRequest}}" },
    body: { project_id: "{{project}}" },
  },
  { call: "triggerDeployment", params: ofProject },
  {
    call: "getDeployRequest",
    params: { requestId: "{{request}}" },
    query: { project: "{{project}}" },
    saves: { spec: "spec_id" },
    awaits: "spec_id",
  },
  { call: "getDeploySpec", params: { specId: "{{spec}}" }, query: { project: "{{project}}" } },
  { call: "listDeployHistory", params: ofProject },
];

/** What is refused, and how. */
export const REFUSALS: readonly Step[] = [
  { call: "createProject", body: { name: "Not a name" }, status: 400 },
  { call: "createProject", body: { name: "{{project}}", prefix: "{{prefix}}", summary: "Again" }, status: 409 },
  { call: "getProject", params: { projectName: "no-such-project" }, status: 404 },
  { call: "getRecord", params: { ...record, id: "{{prefix}}-TSK-999" }, status: 404 },
  {
    call: "updateRecord",
    params: record,
    body: { field: "title", value: "Mine", provider: "other" },
    status: 409,
  },
  { call: "getDocument", params: { documentId: "DOC-000000000000" }, status: 404 },
  { call: "searchReference", query: { project: "no-such-project", query: "tour" }, status: 404 },
  {
    call: "createDocument",
    body: { project_id: "no-such-project", title: "Guide", content: "# Guide\n" },
    status: 404,
  },
  {
    call: "submitDeployRequest",
    body: { project_id: "no-such-project", change_type: "patch", summary: "Nothing" },
    status: 404,
  },
];

/** Done last: after it nothing of the run is of any use to anybody. */
export const CLOSING: readonly Step[] = [
  { call: "revokeAgentKey", params: { id: "{{keyId}}" } },
  // Not before: Postman keeps the cookies that it is given, and would send them with everybody's calls.
  { call: "refreshSession" },
  { call: "revokeSession" },
];
