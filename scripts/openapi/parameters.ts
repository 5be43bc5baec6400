import type { Operation } from "@enceladus/middleware/operation";
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

/**
 * The parameters of an operation on one of its paths.
 * @param path its path or its alias
 */
export function parametersOf(operation: Operation, path: string, schemas: Schemas): Parameter[] {
  return [
    ...pathParameters(operation, path, schemas),
    ...queryParameters(operation, schemas),
    ...(operation.idempotent ? [IDEMPOTENCY_KEY] : []),
  ];
}
