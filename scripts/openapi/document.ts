import type { Auth, Credential, Operation } from "@enceladus/middleware/operation";
import { DEFAULT_BODY_LIMIT } from "@enceladus/middleware/read-body";
import { ID_TOKEN_COOKIE, REFRESH_TOKEN_COOKIE } from "@enceladus/middleware/session-cookies";
import { COMMON_ERRORS, ERROR_SCHEMA, errorComponents } from "./errors.ts";
import { type Parameter, parametersOf } from "./parameters.ts";
import { type JsonSchema, Schemas } from "./schemas.ts";

/** An operation as the document describes it. */
export interface OperationObject {
  operationId: string;
  tags: [string];
  summary: string;
  description?: string;
  deprecated?: true;
  security: Readonly<Record<string, readonly string[]>>[];
  "x-required-scope"?: string;
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: { "application/json": { schema: JsonSchema } }; description?: string };
  responses: Record<string, ResponseObject>;
}

export interface ResponseObject {
  $ref?: string;
  description?: string;
  content?: { "application/json": { schema: JsonSchema } };
}

/** An OpenAPI 3.1 document, as far as this API needs it. */
export interface OpenApiDocument {
  openapi: "3.1.1";
  info: { title: string; version: string; description: string; license: { name: string; identifier: string } };
  servers: { url: string; description: string }[];
  tags: { name: string }[];
  paths: Record<string, Record<string, OperationObject>>;
  components: {
    schemas: Record<string, unknown>;
    responses: Record<string, unknown>;
    securitySchemes: Record<string, unknown>;
  };
}

const DESCRIPTION = [
  "The HTTP API of Enceladus, generated from the operations that the functions declare.",
  "Every error has the one body of `#/components/schemas/Error`; errors are never cached. Every path answers `OPTIONS`",
  "with 204. Without a credential any path is a 401; with one, an unknown path is a 404 and an unknown method a 405.",
].join("\n");

const SECURITY: Readonly<Record<Credential, string>> = {
  cookie: "sessionCookie",
  "internal-key": "internalKey",
  "agent-key": "agentKey",
};

/** The scheme of calls that read the refresh token by themselves. */
export const REFRESH_COOKIE = "refreshCookie";

/** The scheme of calls that the gateway lets in by their signature. */
const SIGNATURE = "awsSignature";

const SECURITY_SCHEMES = {
  [REFRESH_COOKIE]: {
    type: "apiKey",
    in: "cookie",
    name: REFRESH_TOKEN_COOKIE,
    description: "The refresh token of a signed-in person.",
  },
  sessionCookie: {
    type: "apiKey",
    in: "cookie",
    name: ID_TOKEN_COOKIE,
    description: "The id token of a signed-in person.",
  },
  internalKey: {
    type: "apiKey",
    in: "header",
    name: "X-Coordination-Internal-Key",
    description: "The key of trusted services.",
  },
  agentKey: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "enc_<id>_<secret>",
    description:
      "The key of an agent, with the scopes and projects that it was issued for. X-Coordination-Internal-Key takes it too.",
  },
  [SIGNATURE]: {
    type: "apiKey",
    in: "header",
    name: "Authorization",
    "x-amazon-apigateway-authtype": "awsSigv4",
    description:
      "A signature of AWS (SigV4, service `execute-api`) by a role that may call this route. API Gateway refuses any " +
      'other request with 403 and a body of its own, `{"message": "Forbidden"}`.',
  },
} as const;

function securityOf(auth: Auth): OperationObject["security"] {
  if (auth === "public") return [];
  if (auth === "session") return [{ [REFRESH_COOKIE]: [] }];
  if (auth === "iam") return [{ [SIGNATURE]: [] }];
  return auth.map((credential) => ({ [SECURITY[credential]]: [] }));
}

function requestBody(operation: Operation, schemas: Schemas): OperationObject["requestBody"] {
  if (!operation.body) return undefined;
  const limit = operation.bodyLimit ?? DEFAULT_BODY_LIMIT;
  const { required = [] } = schemas.inline(operation.body, "input");
  return {
    // An absent body reads as {}, which is enough where no field is required.
    required: required.length > 0,
    description: `At most ${limit} bytes.`,
    content: { "application/json": { schema: schemas.of(operation.body, "input") } },
  };
}

function responses(operation: Operation, schemas: Schemas): Record<string, ResponseObject> {
  const common = COMMON_ERRORS.filter(({ applies }) => applies(operation)).map(
    ({ status, name }) => [String(status), { $ref: `#/components/responses/${name}` }] as const,
  );
  const own = Object.entries(operation.responses).map(([status, { description, schema }]) => {
    const bodiless = status === "204" || status === "304";
    const content = { "application/json": { schema: schemas.of(schema, "output") } };
    return [status, bodiless ? { description } : { description, content }] as const;
  });
  return Object.fromEntries([...common, ...own]);
}

function operationObject(operation: Operation, path: string, schemas: Schemas): OperationObject {
  const { id, tag, summary, description, scope, auth } = operation;
  const isAlias = path !== operation.path;
  const parameters = parametersOf(operation, path, schemas);
  const body = requestBody(operation, schemas);
  return {
    operationId: isAlias ? `${id}Alias` : id,
    tags: [tag],
    summary,
    ...(description && { description }),
    ...(isAlias && { deprecated: true as const }),
    security: securityOf(auth),
    ...(scope && { "x-required-scope": scope }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: responses(operation, schemas),
  };
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}

/**
 * The OpenAPI document of a set of operations, in a stable order.
 * @throws Error when two operations share an id or a route
 */
export function openApiDocument(operations: readonly Operation[], version: string): OpenApiDocument {
  const schemas = new Schemas();
  const paths = new Map<string, Map<string, OperationObject>>();
  const ids = new Set<string>();
  for (const operation of operations) {
    for (const path of operation.alias ? [operation.path, operation.alias] : [operation.path]) {
      const found = operationObject(operation, path, schemas);
      const method = operation.method.toLowerCase();
      const methods = paths.get(path) ?? new Map<string, OperationObject>();
      if (methods.has(method)) throw new Error(`${operation.method} ${path} is declared twice`);
      if (ids.has(found.operationId)) throw new Error(`the id ${found.operationId} is used twice`);
      ids.add(found.operationId);
      paths.set(path, methods.set(method, found));
    }
  }
  const tags = [...new Set(operations.map(({ tag }) => tag))].sort();
  return {
    openapi: "3.1.1",
    info: { title: "Enceladus", version, description: DESCRIPTION, license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url: "/", description: "The address that the deployment or `npm start` prints" }],
    tags: tags.map((name) => ({ name })),
    paths: Object.fromEntries(
      [...paths].sort(byName).map(([path, methods]) => [path, Object.fromEntries([...methods].sort(byName))]),
    ),
    components: {
      schemas: { Error: ERROR_SCHEMA, ...schemas.components() },
      responses: errorComponents(),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}
