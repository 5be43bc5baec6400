import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import { describe, expect, it } from "@jest/globals";
import { Validator } from "@seriousme/openapi-schema-validator";
import * as z from "zod";
import { openApiDocument } from "../../../scripts/openapi/document.ts";
import { knownPaths, knownPathsText } from "../../../scripts/openapi/known-paths.ts";
import { apiReference } from "../../../scripts/openapi/reference.ts";
import { generatedFiles, staleFiles } from "../../../scripts/openapi.ts";

const thing = z.object({ id: z.string(), size: z.number().default(1) }).meta({ id: "Thing" });

const update = operation({
  id: "updateThing",
  method: "PATCH",
  path: "/api/v1/things/{id}",
  alias: "/{old}",
  summary: "Changes a thing",
  tag: "things",
  auth: ["cookie", "internal-key", "agent-key"],
  scope: "tracker:write",
  project: "in-handler",
  params: z.object({
    id: z
      .string()
      .regex(/^[a-z]+$/)
      .meta({ description: "Its id" }),
  }),
  query: z.object({ dry: z.string().optional(), why: z.string() }),
  body: thing,
  bodyLimit: 1_000,
  versioned: true,
  fenced: true,
  responses: { 200: { description: "The thing", schema: z.object({ success: z.literal(true), thing }) } },
  handler: async () => reply(200, {}),
});

const read = operation({
  id: "readThing",
  method: "GET",
  path: "/api/v1/things/{id}",
  summary: "Reads a thing",
  tag: "things",
  auth: ["cookie"],
  scope: "tracker:read",
  params: z.object({ id: z.string() }),
  responses: {
    200: { description: "The thing", schema: z.object({ success: z.literal(true) }) },
    304: { description: "The caller has it already", schema: z.undefined() },
  },
  handler: async () => reply(200, {}),
});

const signOut = operation({
  id: "signOut",
  method: "POST",
  path: "/api/v1/sign-out",
  summary: "Signs out",
  tag: "things",
  auth: "session",
  idempotencyKey: "ignored",
  responses: { 200: { description: "Signed out", schema: z.object({}) } },
  handler: async () => reply(200, {}),
});

const ping = operation({
  id: "ping",
  method: "GET",
  path: "/api/v1/ping",
  summary: "Answers",
  tag: "health",
  auth: "public",
  responses: { 204: { description: "Nothing", schema: z.null() } },
  handler: async () => reply(204, undefined),
});

const prepare = operation({
  id: "prepareThing",
  method: "POST",
  path: "/api/v1/preparations",
  summary: "Prepares a thing",
  tag: "things",
  auth: "iam",
  readOnly: true,
  body: thing,
  responses: { 200: { description: "Prepared", schema: z.object({}) } },
  handler: async () => reply(200, {}),
});

function validation(text: string) {
  return new Validator().validate(JSON.parse(text) as Parameters<Validator["validate"]>[0]);
}

const document = openApiDocument([update, read, signOut, ping, prepare], "1.2.3");
const patch = document.paths["/api/v1/things/{id}"]?.patch;
const get = document.paths["/api/v1/ping"]?.get;

describe("an operation in the document", () => {
  it("has its parameters, the required ones marked", () => {
    expect(patch?.parameters).toMatchObject([
      { name: "id", in: "path", required: true, description: "Its id", schema: { pattern: "^[a-z]+$" } },
      { name: "dry", in: "query", required: false },
      { name: "why", in: "query", required: true },
      { name: "Idempotency-Key", in: "header", required: false },
      { name: "If-Match", in: "header", required: false },
      { name: "X-Lease-Fence", in: "header", required: false },
    ]);
  });

  it("has the headers that it takes, and no others", () => {
    const headers = (path: string, method: string) =>
      document.paths[path]?.[method]?.parameters?.filter((found) => found.in === "header").map(({ name }) => name);
    expect(headers("/api/v1/things/{id}", "get")).toStrictEqual(["If-None-Match"]);
    expect(headers("/api/v1/sign-out", "post") ?? []).toStrictEqual([]);
    expect(headers("/api/v1/preparations", "post") ?? []).toStrictEqual([]);
    expect(headers("/api/v1/ping", "get") ?? []).toStrictEqual([]);
  });

  it("has its body, with the limit", () => {
    expect(patch?.requestBody).toMatchObject({ required: true, description: "At most 1000 bytes." });
  });

  it("says which credentials it takes, and which scope", () => {
    expect(patch).toMatchObject({
      security: [{ sessionCookie: [] }, { internalKey: [] }, { agentKey: [] }],
      "x-required-scope": "tracker:write",
    });
    expect(get?.security).toStrictEqual([]);
    const signed = document.paths["/api/v1/preparations"]?.post;
    expect(signed?.security).toStrictEqual([{ awsSignature: [] }]);
    expect(document.components.securitySchemes).toHaveProperty("awsSignature.x-amazon-apigateway-authtype", "awsSigv4");
  });

  it("has the errors that can happen, and no others", () => {
    expect(Object.keys(patch?.responses ?? {})).toStrictEqual([
      "200",
      "400",
      "401",
      "403",
      "404",
      "409",
      "412",
      "413",
      "422",
      "428",
      "500",
      "503",
    ]);
    const signedOut = document.paths["/api/v1/sign-out"]?.post?.responses ?? {};
    expect(Object.keys(signedOut)).toStrictEqual(["200", "400", "401", "403", "500", "503"]);
    expect(Object.keys(get?.responses ?? {})).toStrictEqual(["204", "500"]);
    const prepared = document.paths["/api/v1/preparations"]?.post?.responses ?? {};
    expect(Object.keys(prepared)).toStrictEqual(["200", "400", "413", "500"]);
  });

  it("describes no body for an answer that has none", () => {
    expect(get?.responses["204"]).toStrictEqual({ description: "Nothing" });
    const unchanged = document.paths["/api/v1/things/{id}"]?.get?.responses["304"];
    expect(unchanged).toStrictEqual({ description: "The caller has it already" });
  });

  it("stands under its alias too, deprecated, with the alias's own names", () => {
    expect(document.paths["/{old}"]?.patch).toMatchObject({
      operationId: "updateThingAlias",
      deprecated: true,
      parameters: expect.arrayContaining([
        expect.objectContaining({ name: "old", in: "path", schema: { type: "string", pattern: "^[a-z]+$" } }),
      ]),
    });
  });
});

describe("a named schema", () => {
  it("becomes a component, two where it is sent otherwise than answered", () => {
    const { ThingOutput, Thing } = document.components.schemas as Record<string, { required: string[] }>;
    expect(Thing?.required).toStrictEqual(["id"]);
    expect(ThingOutput?.required).toStrictEqual(["id", "size"]);
  });
});

describe("the document", () => {
  it("is valid OpenAPI 3.1", async () => {
    expect(await validation(JSON.stringify(document))).toMatchObject({ valid: true });
  });

  it("does not depend on the order of the operations", () => {
    expect(openApiDocument([prepare, ping, signOut, read, update], "1.2.3")).toStrictEqual(document);
  });

  it("refuses an id or a route that is there already", () => {
    expect(() => openApiDocument([ping, ping], "1")).toThrow("GET /api/v1/ping is declared twice");
    expect(() => openApiDocument([ping, { ...ping, path: "/api/v1/pong" }], "1")).toThrow("the id ping is used twice");
  });
});

describe("the known paths", () => {
  it("are those below the prefix, without aliases that would match anything", () => {
    expect(knownPaths(document)).toStrictEqual({
      guarded: { "/api/v1/preparations": ["POST"], "/api/v1/things/{id}": ["GET", "PATCH"] },
      open: { "/api/v1/ping": ["GET"], "/api/v1/sign-out": ["POST"] },
    });
  });

  it("are written a line each", () => {
    const text = knownPathsText({ guarded: { "/a": ["GET", "POST"] }, open: {} });
    expect(text).toBe('{\n  "guarded": {\n    "/a": ["GET", "POST"]\n  },\n  "open": {}\n}\n');
  });
});

describe("the reference", () => {
  it("has every operation with its fields", () => {
    const text = apiReference(document);
    expect(text).toContain("### PATCH /api/v1/things/{id}");
    expect(text).toContain(
      "Called with the session cookie, the internal key or the key of an agent, scope `tracker:write`.",
    );
    expect(text).toContain("Called with a signature of AWS (SigV4).");
    expect(text).toContain("| `why` | query | string | yes |  |");
    expect(text).toContain("An older path, kept for older clients.");
  });
});

describe("the generated files of this repository", () => {
  it("are what the operations say", async () => {
    expect(await staleFiles()).toStrictEqual([]);
  });

  it("hold a valid document", async () => {
    const text = (await generatedFiles()).get("docs/openapi.json") ?? "";
    expect(await validation(text)).toMatchObject({ valid: true });
  });
});
