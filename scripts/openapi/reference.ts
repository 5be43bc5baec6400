import type { OpenApiDocument, OperationObject } from "./document.ts";
import type { Parameter } from "./parameters.ts";
import type { JsonSchema, ObjectSchema } from "./schemas.ts";

const COMPONENT = "#/components/schemas/";

function list(value: unknown): JsonSchema[] {
  return Array.isArray(value) ? (value as JsonSchema[]) : [];
}

/** A schema in a few words: `string`, `"open" \| "closed"`, `array of string`. */
export function typeInWords(schema: JsonSchema): string {
  if (typeof schema.$ref === "string") return `[${schema.$ref.replace(COMPONENT, "")}](#${anchor(schema.$ref)})`;
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(" \\| ");
  const alternatives = [...list(schema.anyOf), ...list(schema.oneOf)];
  if (alternatives.length > 0) return [...new Set(alternatives.map(typeInWords))].join(" \\| ");
  if (schema.type === "array") return `array of ${typeInWords((schema.items as JsonSchema | undefined) ?? {})}`;
  if (Array.isArray(schema.type)) return schema.type.join(" \\| ");
  return typeof schema.type === "string" ? schema.type : "any";
}

function anchor(ref: string): string {
  return ref.replace(COMPONENT, "").toLowerCase();
}

const LIMITS: Readonly<Record<string, (value: unknown) => string>> = {
  default: (value) => `default \`${JSON.stringify(value)}\``,
  minLength: (value) => `at least ${value} characters`,
  maxLength: (value) => `at most ${value} characters`,
  minimum: (value) => `at least ${value}`,
  maximum: (value) => `at most ${value}`,
  minItems: (value) => `at least ${value} items`,
  maxItems: (value) => `at most ${value} items`,
  pattern: (value) => `matches \`${String(value).replaceAll("|", "\\|")}\``,
};

/** Integers as JSON Schema writes them are bounded by what a double holds: nobody needs to read that. */
function isNoLimit(value: unknown): boolean {
  return typeof value === "number" && Math.abs(value) === Number.MAX_SAFE_INTEGER;
}

function notes(schema: JsonSchema): string {
  const limits = Object.entries(LIMITS)
    .filter(([key]) => schema[key] !== undefined && !isNoLimit(schema[key]))
    .map(([key, words]) => words(schema[key]));
  const description = typeof schema.description === "string" ? [schema.description.replace(/\.$/, "")] : [];
  return [...description, ...limits].join("; ").replaceAll("\n", " ");
}

function fieldTable(schema: ObjectSchema): string[] {
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length === 0) return [];
  const rows = fields.map(([name, field]) => {
    const required = schema.required?.includes(name) ? "yes" : "";
    return `| \`${name}\` | ${typeInWords(field)} | ${required} | ${notes(field)} |`;
  });
  return ["| field | type | required | |", "| --- | --- | --- | --- |", ...rows, ""];
}

function parameterTable(parameters: readonly Parameter[]): string[] {
  if (parameters.length === 0) return [];
  const rows = parameters.map((parameter) => {
    const { name, required, schema, description } = parameter;
    const words = notes({ ...schema, ...(description && { description }) });
    return `| \`${name}\` | ${parameter.in} | ${typeInWords(schema)} | ${required ? "yes" : ""} | ${words} |`;
  });
  return ["| parameter | in | type | required | |", "| --- | --- | --- | --- | --- |", ...rows, ""];
}

function resolved(document: OpenApiDocument, schema: JsonSchema): ObjectSchema {
  if (typeof schema.$ref !== "string") return schema;
  return (document.components.schemas[schema.$ref.replace(COMPONENT, "")] ?? {}) as ObjectSchema;
}

const CALLERS: Readonly<Record<string, string>> = {
  sessionCookie: "the session cookie",
  refreshCookie: "the refresh cookie",
  internalKey: "the internal key",
  agentKey: "the key of an agent",
  awsSignature: "a signature of AWS (SigV4)",
};
const anyOf = new Intl.ListFormat("en-GB", { type: "disjunction" });

function callers({ security, ...operation }: OperationObject): string {
  const names = security.flatMap((alternative) => Object.keys(alternative));
  const who = names.length > 0 ? anyOf.format(names.map((name) => CALLERS[name] ?? name)) : "anybody";
  const scope = operation["x-required-scope"];
  return `Called with ${who}${scope ? `, scope \`${scope}\`` : ""}.`;
}

function responseList(document: OpenApiDocument, operation: OperationObject): string[] {
  const lines = Object.entries(operation.responses).map(([status, response]) => {
    const name = response.$ref?.replace("#/components/responses/", "");
    if (name !== undefined) {
      const { description } = document.components.responses[name] as { description: string };
      return `- **${status}** ${description}`;
    }
    const schema = response.content?.["application/json"].schema;
    const fields = schema ? Object.entries(resolved(document, schema).properties ?? {}) : [];
    const shape = fields.map(([field, type]) => `\`${field}\`: ${typeInWords(type)}`).join(", ");
    return `- **${status}** ${response.description}${shape ? ` (${shape})` : ""}`;
  });
  return [...lines, ""];
}

function operationSection(
  document: OpenApiDocument,
  method: string,
  path: string,
  operation: OperationObject,
): string[] {
  const { summary, description, deprecated, parameters = [], requestBody } = operation;
  const body = requestBody ? resolved(document, requestBody.content["application/json"].schema) : undefined;
  return [
    `### ${method.toUpperCase()} ${path}`,
    "",
    `${summary}.${deprecated ? " An older path, kept for older clients." : ""}`,
    "",
    ...(description ? [description, ""] : []),
    callers(operation),
    "",
    ...parameterTable(parameters),
    ...(body ? [`Body (JSON). ${requestBody?.description ?? ""}`, "", ...fieldTable(body)] : []),
    "Answers:",
    "",
    ...responseList(document, operation),
  ];
}

/** The document as Markdown to read: docs/api.md. */
export function apiReference(document: OpenApiDocument): string {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const sections = document.tags.flatMap(({ name }) => [
    `## ${name}`,
    "",
    ...all
      .filter(({ operation }) => operation.tags.includes(name))
      .flatMap(({ method, path, operation }) => operationSection(document, method, path, operation)),
  ]);
  const schemas = Object.entries(document.components.schemas).flatMap(([name, schema]) => {
    const { description } = schema as JsonSchema;
    const words = typeof description === "string" ? [description, ""] : [];
    return [`### ${name}`, "", ...words, ...fieldTable(schema as ObjectSchema)];
  });
  return `${[
    "# API reference",
    "",
    "Generated by `npm run openapi`; the same as a machine reads it: [openapi.json](openapi.json).",
    "",
    document.info.description,
    "",
    ...sections,
    "## Schemas",
    "",
    ...schemas,
  ].join("\n")}`;
}
