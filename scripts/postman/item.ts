import { type Credential, type Operation, takesIdempotencyKey } from "@enceladus/middleware/operation";
import { parameterNames } from "@enceladus/middleware/router";
import { ID_TOKEN_COOKIE, REFRESH_TOKEN_COOKIE } from "@enceladus/middleware/session-cookies";
import type { Step } from "./scenario.ts";

/** Who makes a call. */
export type Caller = Credential | "nobody";

interface Header {
  key: string;
  value: string;
}

/** A request of a Postman collection, format 2.1. */
export interface Item {
  id: string;
  name: string;
  request: {
    method: string;
    url: { raw: string; host: string[]; path: string[]; query?: Header[] };
    header: Header[];
    auth?: { type: "awsv4"; awsv4: readonly (Header & { type: "string" })[] } | { type: "noauth" };
    body?: { mode: "raw"; raw: string; options: { raw: { language: "json" } } };
    description?: string;
  };
  event: readonly { listen: "test"; script: { type: "text/javascript"; exec: readonly string[] } }[];
}

const CREDENTIALS: Readonly<Record<Caller, readonly Header[]>> = {
  cookie: [{ key: "Cookie", value: `${ID_TOKEN_COOKIE}={{idToken}}` }],
  "agent-key": [{ key: "Authorization", value: "Bearer {{agentKey}}" }],
  "internal-key": [{ key: "X-Coordination-Internal-Key", value: "{{internalKey}}" }],
  nobody: [],
};

const SIGNATURE = {
  type: "awsv4",
  awsv4: [
    ["accessKey", "{{awsAccessKeyId}}"],
    ["secretKey", "{{awsSecretAccessKey}}"],
    ["region", "{{region}}"],
    ["service", "execute-api"],
  ].map(([key = "", value = ""]) => ({ key, value, type: "string" as const })),
} as const;

/** What goes on behind the API takes seconds, most of them those for which a queue gathers messages. */
const LONGEST_WAIT_MS = 90_000;
const WAIT_MS = 500;

function accessOf(operation: Operation, caller: Caller): Pick<Item["request"], "header" | "auth"> {
  const noauth = { type: "noauth" } as const;
  if (operation.auth === "iam") return { header: [], auth: SIGNATURE };
  if (operation.auth === "session") {
    return { header: [{ key: "Cookie", value: `${REFRESH_TOKEN_COOKIE}={{refreshToken}}` }], auth: noauth };
  }
  return { header: [...CREDENTIALS[caller]], auth: noauth };
}

function pathOf(operation: Operation, { params = {} }: Step, isOlder: boolean): string {
  const names = parameterNames(operation.path);
  const path = isOlder && operation.alias ? operation.alias : operation.path;
  // An alias has the same parameters in the same order, perhaps by other names.
  return parameterNames(path).reduce((filled, name, index) => {
    const value = params[names[index] ?? name];
    if (value === undefined) throw new Error(`the call of ${operation.id} has no value for ${name}`);
    return filled.replace(`{${name}}`, value);
  }, path as string);
}

function successOf(operation: Operation): number {
  const successes = Object.keys(operation.responses)
    .map(Number)
    .filter((status) => status < 300);
  const [status, ...others] = successes;
  if (status === undefined || others.length > 0) throw new Error(`the call of ${operation.id} needs a status`);
  return status;
}

/** Where a field of the answer is, as a script says it. */
function valueAt(path: string): string {
  return `answer.${path.replaceAll(".", "?.")}`;
}

/** The checks of an answer, and what is kept of it. */
function checks({ saves = {} }: Step, status: number, declared: readonly number[]): string[] {
  const ofErrors = [
    `pm.test("has the envelope of errors", () => {`,
    `  pm.expect(answer.error).to.be.a("string").that.is.not.empty;`,
    `  pm.expect(answer.error_envelope).to.include({ message: answer.error });`,
    `  pm.expect(answer.error_envelope.code).to.match(/^[A-Z_]+$/);`,
    `  pm.expect(answer.error_envelope.retryable).to.be.a("boolean");`,
    `});`,
  ];
  return [
    `pm.test("is answered with ${status}", () => pm.expect(pm.response.code, pm.response.text()).to.equal(${status}));`,
    `pm.test("has a status that is declared", () => pm.expect(${JSON.stringify(declared)}).to.include(pm.response.code));`,
    `pm.test("says whether it is a success", () => pm.expect(answer.success).to.equal(pm.response.code < 400));`,
    ...(status >= 400 ? ofErrors : []),
    ...Object.entries(saves).flatMap(([name, path]) => [
      `pm.test("tells ${path}", () => pm.expect(${valueAt(path)}).to.be.a("string").that.is.not.empty);`,
      `pm.collectionVariables.set("${name}", ${valueAt(path)});`,
    ]),
  ];
}

/** What Postman runs after the answer: the checks, or the same request again while what is waited for is not there. */
function script(step: Step, status: number, declared: readonly number[]): string[] {
  const answer = `const answer = pm.response.text() === "" ? {} : pm.response.json();`;
  const all = checks(step, status, declared);
  if (step.awaits === undefined) return [answer, ...all];
  return [
    answer,
    `const since = Number(pm.collectionVariables.get("waitingSince")) || Date.now();`,
    `const isThere = pm.response.code !== 200 || ${valueAt(step.awaits)} !== undefined;`,
    `if (isThere || Date.now() - since > ${LONGEST_WAIT_MS}) {`,
    `  pm.collectionVariables.unset("waitingSince");`,
    ...all.map((line) => `  ${line}`),
    `} else {`,
    `  pm.collectionVariables.set("waitingSince", since);`,
    `  pm.execution.setNextRequest(pm.info.requestId);`,
    `  setTimeout(() => {}, ${WAIT_MS});`,
    `}`,
  ];
}

/**
 * A step as a request of the collection.
 * @param id unique in the collection, and the same in every run of the generator
 * @param declared the statuses that the operation's documentation has
 * @param isOlder whether the older path is called, where there is one
 * @throws Error for a step that does not fit its operation
 */
export function itemOf(
  step: Step,
  operation: Operation,
  { id, caller, declared, isOlder }: { id: string; caller: Caller; declared: readonly number[]; isOlder: boolean },
): Item {
  const status = step.status ?? successOf(operation);
  if (!declared.includes(status)) throw new Error(`${operation.id} does not declare the status ${status}`);
  const path = pathOf(operation, step, isOlder);
  const query = Object.entries(step.query ?? {}).map(([key, value]) => ({ key, value }));
  const search = query.length > 0 ? `?${query.map(({ key, value }) => `${key}=${value}`).join("&")}` : "";
  const { header, auth } = accessOf(operation, caller);
  const body = step.body !== undefined && {
    mode: "raw" as const,
    raw: JSON.stringify(step.body, null, 2),
    options: { raw: { language: "json" as const } },
  };
  return {
    id,
    name: `${operation.summary}${step.status !== undefined && status >= 400 ? `: ${status}` : ""}`,
    request: {
      method: operation.method,
      url: {
        raw: `{{baseUrl}}${path}${search}`,
        host: ["{{baseUrl}}"],
        path: path.split("/").slice(1),
        ...(query.length > 0 && { query }),
      },
      header: [
        ...header,
        ...(body ? [{ key: "Content-Type", value: "application/json" }] : []),
        ...(takesIdempotencyKey(operation) ? [{ key: "Idempotency-Key", value: "{{$guid}}" }] : []),
      ],
      ...(auth && { auth }),
      ...(body && { body }),
      ...(operation.description && { description: operation.description }),
    },
    event: [{ listen: "test", script: { type: "text/javascript", exec: script(step, status, declared) } }],
  };
}
