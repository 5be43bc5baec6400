import { isChange, type Operation, takesIdempotencyKey } from "@enceladus/middleware/operation";
import { parameterNames } from "@enceladus/middleware/router";
import type { ObjectSchema, Schemas } from "./schemas.ts";

/** A parameter as OpenAPI describes it. */
export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required: boolean;
  description?: string;
  schema: Readonly<Record<string, unknown>>;
}

const IDEMPOTENCY_KEY: Parameter = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "Makes a repeated call answer what the first one did, for 24 hours, instead of acting twice.",
  schema: { type: "string", minLength: 1, maxLength: 128 },
};

const IF_MATCH: Parameter = {
  name: "If-Match",
  in: "header",
  required: false,
  description:
    "The ETag of the version that the write was made for, or a list of them; where it is another one by now: 412.",
  schema: { type: "string", maxLength: 1_000 },
};

const LEASE_FENCE: Parameter = {
  name: "X-Lease-Fence",
  in: "header",
  required: false,
  description: "The fence of the caller's lease (or `fence` in the body); where a newer lease was granted: 409.",
  schema: { type: "integer", minimum: 0 },
};

const IF_NONE_MATCH: Parameter = {
  name: "If-None-Match",
  in: "header",
  required: false,
  description: "The ETag of what the caller has; where it is still the same: 304 without a body.",
  schema: { type: "string" },
};

function parameter(
  kind: "path" | "query",
  name: string,
  required: boolean,
  schema: Readonly<Record<string, unknown>> = { type: "string" },
): Parameter {
  const { description, ...plain } = schema;
  return { name, in: kind, required, ...(typeof description === "string" && { description }), schema: plain };
}

function pathParameters(operation: Operation, path: string, schemas: Schemas): Parameter[] {
  const { properties = {} }: ObjectSchema = operation.params ? schemas.inline(operation.params, "input") : {};
  // An alias may name its parameters differently; it has them in the same order.
  const own = parameterNames(operation.path);
  return parameterNames(path).map((name, index) => parameter("path", name, true, properties[own[index] ?? name]));
}

function queryParameters(operation: Operation, schemas: Schemas): Parameter[] {
  if (!operation.query) return [];
  const { properties = {}, required = [] } = schemas.inline(operation.query, "input");
  return Object.entries(properties).map(([name, schema]) => parameter("query", name, required.includes(name), schema));
}

function headerParameters(operation: Operation): Parameter[] {
  return [
    ...(takesIdempotencyKey(operation) ? [IDEMPOTENCY_KEY] : []),
    ...(isChange(operation) && operation.versioned ? [IF_MATCH] : []),
    ...(isChange(operation) && operation.fenced ? [LEASE_FENCE] : []),
    ...(304 in operation.responses ? [IF_NONE_MATCH] : []),
  ];
}

/**
 * The parameters of an operation on one of its paths.
 * @param path its path or its alias
 */
export function parametersOf(operation: Operation, path: string, schemas: Schemas): Parameter[] {
  return [
    ...pathParameters(operation, path, schemas),
    ...queryParameters(operation, schemas),
    ...headerParameters(operation),
  ];
}
