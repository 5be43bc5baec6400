import fc from "fast-check";
import * as z from "zod";

/** As much of JSON Schema as the schemas of operations come out as. */
interface JsonSchema {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
}

function nested(depth: number): unknown {
  return JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`);
}

/** What nobody should send, and somebody will. */
export const hostileText = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "\u0000",
    "\u202e\ufeff",
    "😀".repeat(600),
    "x".repeat(3_000),
    "x".repeat(60_000),
    "__proto__",
    "constructor",
    "../../etc/passwd",
    "%00%zz",
    "' OR 1=1 --",
    "{{7*7}}",
    "[".repeat(500),
    '["a",["b"]]',
    "-1",
    "1e999",
    "null",
    "2026-13-45T99:99:99Z",
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
);

export const hostileValue = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    1e-320,
    2 ** 60,
    -(2 ** 53),
    [],
    {},
    [null],
    [[]],
    [{}],
  ),
  fc.constantFrom<unknown>(nested(40), nested(3_000), JSON.parse('{"__proto__":{"a":1}}'), { "": { "": [""] } }),
  fc.jsonValue({ maxDepth: 4, stringUnit: "binary" }),
);

function text(
  { pattern, minLength = 0, maxLength = 60 }: JsonSchema,
  words: fc.Arbitrary<string>,
): fc.Arbitrary<unknown> {
  const longest = Math.max(minLength, Math.min(maxLength, 60));
  const free = fc.string({ unit: "grapheme", minLength, maxLength: longest });
  return pattern ? fc.oneof(fc.stringMatching(new RegExp(pattern)), free) : fc.oneof(words, free);
}

function ofType(type: string, schema: JsonSchema, words: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  const { minimum = -1_000, maximum = 1_000, items = {}, minItems = 0, maxItems = 4, properties = {} } = schema;
  switch (type) {
    case "string":
      return text(schema, words);
    case "integer":
      return fc.integer({ min: Math.ceil(minimum), max: Math.floor(Math.max(minimum, maximum)) });
    case "number":
      return fc.double({ min: minimum, max: maximum, noNaN: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array":
      return fc.array(mixed(items, words), {
        minLength: minItems,
        maxLength: Math.max(minItems, Math.min(maxItems, 4)),
      });
    default: {
      const entries = Object.entries(properties).map(([name, property]) => [name, mixed(property, words)] as const);
      const requiredKeys = (schema.required ?? []).filter((name) => name in properties);
      return fc.record(Object.fromEntries(entries), { requiredKeys });
    }
  }
}

/** Values that fit the schema. */
function fitting(schema: JsonSchema, words: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const alternatives = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (alternatives && alternatives.length > 0) return fc.oneof(...alternatives.map((one) => fitting(one, words)));
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  const known = types.filter((type) => type !== undefined);
  if (known.length === 0)
    return fc.oneof(words, fc.array(words, { maxLength: 3 }), fc.jsonValue({ maxDepth: 2 }), hostileValue);
  return fc.oneof(...known.map((type) => ofType(type, schema, words)));
}

/** Mostly what fits, sometimes what does not. */
function mixed(schema: JsonSchema, words: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 40, arbitrary: fitting(schema, words) }, { weight: 1, arbitrary: hostileValue });
}

/**
 * Values for a schema, most of them right and some of them wrong in one place or another.
 * @param words texts that mean something to the operations
 */
export function valuesFor(schema: z.ZodType, words: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
  return mixed(json, words);
}

/** The names of an object schema's fields. */
export function fieldsOf(schema: z.ZodType | undefined): string[] {
  if (!schema) return [];
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
  return Object.keys(json.properties ?? {});
}
