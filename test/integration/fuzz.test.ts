import { CORS } from "@enceladus/middleware/cors";
import { type Credential, type Operation, takesCredential } from "@enceladus/middleware/operation";
import { parameterNames } from "@enceladus/middleware/router";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { gatewayEvent } from "../../scripts/packages/gateway-event.ts";
import { byKey, issueKey } from "../support/agent-keys.ts";
import { checkExplained } from "../support/explained-refusal.ts";
import { type HttpFunction, httpFunctions } from "../support/http-functions.ts";
import { makeProject } from "../support/projects.ts";
import { fieldsOf, hostileText, valuesFor } from "../support/schema-values.ts";
import { signIn } from "../support/services.ts";
import { create, LEAST } from "../support/tracker-api.ts";

/** Requests; `FUZZ_RUNS` asks for more, of another kind each time (`FUZZ_SEED` repeats a kind). */
const RUNS = Number(process.env.FUZZ_RUNS ?? 2_000);
const SEED = process.env.FUZZ_RUNS === undefined ? 2_026 : Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const AT_ONCE = 10;

const functions = await httpFunctions();
const project = (await makeProject()).project_id;
const TYPES = ["task", "task", "issue", "feature"] as const;
const ids = await Promise.all(TYPES.map((type) => create(project, type)));
const KEY = { "x-coordination-internal-key": String(process.env.COORDINATION_INTERNAL_API_KEY) };
const COOKIE = { Cookie: signIn() };

const AGENT = byKey((await issueKey({ projects: [project] })).secret);
const GOOD: Readonly<Record<Credential, Record<string, string>>> = {
  cookie: COOKIE,
  "internal-key": KEY,
  "agent-key": AGENT,
};

/** Mostly a credential that the operation accepts. */
function credentialsFor({ auth }: Operation): fc.Arbitrary<Record<string, string>> {
  const accepted: readonly Credential[] = takesCredential(auth) ? auth : ["cookie"];
  const good = accepted.map((credential) => GOOD[credential]);
  const bad = fc.constantFrom<Record<string, string>>(
    KEY,
    AGENT,
    {},
    { Cookie: "enceladus_id_token=%E0%A4%A; =;;" },
    byKey(`enc_01M82QV7SBCSQ9NYN8GYQBZGAJ_${"A".repeat(43)}`),
    byKey("enc_"),
  );
  return fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...good) }, { weight: 1, arbitrary: bad });
}

/** Texts that lead somewhere. */
const words = fc.constantFrom(
  project,
  ...ids,
  ...["task", "issue", "feature", "reference", "blocks", "parent", "related"],
  ...["open", "in-progress", "closed", "planned", "completed", "production", "committed", "pushed"],
  ...["status", "title", "parent", "primary_task", "related_task_ids", "depends_on", "acceptance_criteria", "evidence"],
  ...["update", "labels", "category", "active_agent_session", "history", "checklist", "owners"],
  ...["close", "reopen", "note", "true", "false", "1", "claude", "mcp_server", "full", "summary", "10"],
  "0123456789abcdef0123456789abcdef01234567",
  "2026-01-31T12:00:00Z",
);

/** What stands for the parameters of a path that leads to a record. */
const RECORDS: Readonly<Record<string, string | undefined>>[] = ids.map((id, index) => ({
  project,
  type: TYPES[index],
  id,
}));
const MEANT: Readonly<Record<string, fc.Arbitrary<string>>> = {
  project: fc.constant(project),
  projectName: fc.constant(project),
  type: fc.constantFrom("task", "issue", "feature"),
  id: fc.constantFrom(...ids),
  otherId: fc.constantFrom(...ids),
};

/** Segments as they may stand in a path, odd encodings and all. */
const oddSegment = fc.oneof(
  fc.constantFrom(
    "%",
    "%zz",
    "%00",
    "..",
    ".",
    "%2e%2e",
    "a%2Fb",
    "%E0%A4%A",
    "%F0%9F%98%80",
    "__proto__",
    "",
    " ",
    "%20",
  ),
  fc.constantFrom("X".repeat(3_000), "a".repeat(101), "-", "_", "0", "constructor", "task#X", "a?b=c", "\u0000", "é"),
  fc.string({ maxLength: 10 }).map(encodeURIComponent),
  words,
);

function pathsOf(operation: Operation): fc.Arbitrary<string> {
  const names = parameterNames(operation.path);
  const segments = names.map((name) =>
    fc.oneof({ weight: 20, arbitrary: MEANT[name] ?? words }, { weight: 1, arbitrary: oddSegment }),
  );
  const meant = fc.constantFrom(...RECORDS).map((record) => names.map((name) => record[name] ?? project));
  const filled = fc
    .oneof({ weight: 2, arbitrary: meant }, { weight: 1, arbitrary: fc.tuple(...segments) })
    .map((values) =>
      names.reduce((path, name, index) => path.replace(`{${name}}`, () => String(values[index])), operation.path),
    );
  const odd = fc.constantFrom<(path: string) => string>(
    (path) => path.replace("/api/v1", ""),
    (path) => `${path}/`,
    (path) => `${path}/more`,
    (path) => path.replaceAll("/", "//"),
    (path) => path.toUpperCase(),
  );
  const plain = fc.constant((path: string) => path);
  return fc
    .tuple(filled, fc.oneof({ weight: 15, arbitrary: plain }, { weight: 1, arbitrary: odd }))
    .map(([path, variant]) => variant(path));
}

const oddHeaders = fc.record(
  {
    "Idempotency-Key": fc.oneof(fc.string({ maxLength: 10 }), hostileText),
    "If-None-Match": fc.oneof(fc.constantFrom("*", '"1"', 'W/"1"', "1"), hostileText),
    "If-Match": fc.oneof(fc.constantFrom("*", '"1"', '"2"', 'W/"1", "2"', "nonsense"), hostileText),
    "X-Lease-Fence": fc.oneof(fc.constantFrom("0", "1", "-1", "many"), hostileText),
    Origin: fc.constantFrom(...Array<string>(8).fill("https://app.example.com"), "https://evil.example", "null", ""),
    "Sec-Fetch-Site": fc.constantFrom("same-origin", "none", "cross-site"),
    "Content-Type": fc.constantFrom("text/plain", "application/json; charset=utf-16", ""),
    Authorization: fc.constantFrom("Bearer x", "Basic eDp5", ""),
    "X-Requested-With": hostileText,
  },
  { requiredKeys: [] },
);

const brokenBody = fc.constantFrom(
  "{",
  "[]",
  "null",
  '"text"',
  "5",
  "\u0000",
  '{"a":1}}',
  '{"title":"\\ud800"}',
  '{"\\udc00":1}',
  `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
  `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`,
  `{"value":${"[".repeat(100_000)}${"]".repeat(100_000)},"field":"x","title":"x"}`,
  `{"description":"${"x".repeat(300_000)}"}`,
  `{"description":"${"x".repeat(1_100_000)}"}`,
  '{"__proto__":{"title":"x"},"title":"y"}',
  '{"title":"a","title":"b"}',
  '{"value":1e400,"field":"x"}',
);

/** Bodies that get far, for the operations that few random ones get through. */
const GOOD_BODIES: Readonly<Record<string, readonly object[]>> = {
  createRecord: Object.values(LEAST),
  updateRecord: [
    { field: "status", value: "in-progress", transition_evidence: { revert_reason: "x" } },
    { field: "anything", value: 1 },
    { field: "related_task_ids", value: ids },
    { field: "active_agent_session", value: true, provider: "claude" },
    { action: "close" },
    { action: "reopen" },
    { action: "note", note: "x" },
  ],
  logWork: [{ description: "x" }],
  checkoutRecord: [{ provider: "claude" }],
  postAcceptanceEvidence: [{ criterion_index: 0, evidence: "x", evidence_acceptance: true }],
  importRecords: [{ records: [{ external_id: "a", type: "task", title: "x", status: "open" }] }],
  issueAgentKey: [{ agent: "claude", scopes: ["tracker:read"], projects: [project] }],
};

/** A good body with a few fields from a random one. */
function spoilt(good: object, random: unknown): object {
  const few = typeof random === "object" && random !== null ? Object.entries(random).slice(0, 2) : [];
  return { ...good, ...Object.fromEntries(few) };
}

/** The projects of other tests have prefixes that are drawn from A on; those that come about here begin with Z. */
function keptApart(body: unknown): unknown {
  const { prefix } = (body ?? {}) as { prefix?: unknown };
  return typeof prefix === "string" && prefix.length === 3
    ? { ...(body as object), prefix: `Z${prefix.slice(1)}` }
    : body;
}

function bodiesFor({ id, body }: Operation): fc.Arbitrary<unknown> {
  if (!body) return fc.constant(undefined);
  const random = valuesFor(body, words);
  const good = GOOD_BODIES[id];
  const sent = good
    ? fc.oneof(
        random,
        fc.tuple(fc.constantFrom(...good), random).map(([one, more]) => spoilt(one, more)),
      )
    : random;
  return fc.oneof({ weight: 12, arbitrary: sent.map(keptApart) }, { weight: 1, arbitrary: brokenBody });
}

const oftenUndefined = <Value>(arbitrary: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

interface Request {
  name: string;
  event: ReturnType<typeof gatewayEvent>;
  [fc.toStringMethod]: () => string;
}

/** A request as a report of a failure shows it. */
function inWords({ headers, queryStringParameters, body = "", requestContext, rawPath }: Request["event"]): string {
  const { Cookie: _, "x-coordination-internal-key": __, Authorization: ___, ...odd } = headers;
  const details = JSON.stringify({ headers: odd, query: queryStringParameters ?? {} });
  return `${requestContext.http.method} ${rawPath} ${details} ${body.slice(0, 2_000)}`;
}

function requestsOf({ name, operations }: HttpFunction): fc.Arbitrary<Request>[] {
  return operations.map((operation) => {
    const queryFields = [...fieldsOf(operation.query), "unknown", "__proto__"];
    const value = fc.oneof(words, fc.nat().map(String), hostileText);
    return fc
      .record({
        method: fc.oneof(
          { weight: 12, arbitrary: fc.constant<string>(operation.method) },
          {
            weight: 1,
            arbitrary: fc.constantFrom("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "TRACE", "", "get"),
          },
        ),
        path: pathsOf(operation),
        credential: credentialsFor(operation),
        headers: oftenUndefined(oddHeaders),
        query: oftenUndefined(fc.dictionary(fc.constantFrom(...queryFields), value, { maxKeys: 4 })),
        body: bodiesFor(operation),
        isBase64Encoded: fc.oneof(
          { weight: 20, arbitrary: fc.constant(false) },
          { weight: 1, arbitrary: fc.constant(true) },
        ),
        stage: fc.oneof(
          { weight: 20, arbitrary: fc.constant("$default") },
          { weight: 1, arbitrary: fc.constant("dev") },
        ),
      })
      .map(({ credential, headers, query: odd, isBase64Encoded, stage, ...parts }) => {
        // All projects of all tests are many, and each costs a query.
        const query = operation.id === "listProjects" ? { limit: "3", ...odd } : odd;
        const event = gatewayEvent({ ...parts, headers: { ...headers, ...credential }, ...(query && { query }) });
        const request = { ...event, isBase64Encoded, requestContext: { ...event.requestContext, stage } };
        return { name, event: request, [fc.toStringMethod]: () => inWords(request) };
      });
  });
}

interface Envelope {
  success: unknown;
  error: unknown;
  error_envelope: { code: unknown; message: unknown; retryable: unknown; details: unknown };
}

/** What holds of every answer, whatever was asked. */
async function expectProper({ name, event }: Request): Promise<void> {
  const { handler } = functions.find((one) => one.name === name) as HttpFunction;
  const answer = await handler(event, { awsRequestId: "fuzz", getRemainingTimeInMillis: () => 10_000 });
  const asked = `${event.requestContext.http.method} ${event.rawPath}: ${answer.statusCode} ${answer.body.slice(0, 500)}`;
  expect([asked, answer.statusCode < 500]).toEqual([asked, true]);
  expect(answer.headers).toMatchObject({
    "Access-Control-Allow-Origin": "https://app.example.com",
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Allow-Methods": CORS.methods.join(", "),
    "Access-Control-Allow-Headers": CORS.allowHeaders.join(", "),
    "Access-Control-Expose-Headers": CORS.exposeHeaders.join(", "),
    Vary: "Origin",
    "X-Request-Id": expect.stringMatching(/./),
  });
  for (const value of Object.values(answer.headers)) expect(value).toMatch(/^[\x20-\x7e]*$/);
  if (answer.statusCode < 400) return;
  expect(answer.headers).toMatchObject({ "Cache-Control": "no-store", "Content-Type": "application/json" });
  checkExplained(answer.statusCode, answer.body);
  const body = JSON.parse(answer.body) as Envelope;
  expect([asked, body]).toEqual([
    asked,
    expect.objectContaining({
      success: false,
      error: expect.stringMatching(/\S/),
      error_envelope: {
        code: expect.stringMatching(/^[A-Z][A-Z_]+$/),
        message: body.error,
        retryable: expect.any(Boolean),
        details: expect.any(Object),
      },
    }),
  ]);
}

describe("any request at all", () => {
  it(`is answered in the one way (${RUNS} requests)`, async () => {
    const request = fc.oneof(...functions.flatMap(requestsOf));
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: AT_ONCE, maxLength: AT_ONCE }), async (requests) => {
        await Promise.all(requests.map(expectProper));
      }),
      { numRuns: Math.ceil(RUNS / AT_ONCE), seed: SEED, endOnFailure: true },
    );
  }, 600_000);
});
