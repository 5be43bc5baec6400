import { isDeepStrictEqual } from "node:util";
import * as z from "zod";

/** A JSON Schema as OpenAPI 3.1 has it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** An object schema, as far as tables and parameters need it. */
export interface ObjectSchema extends JsonSchema {
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
}

function withRefs(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => withRefs(item, rename));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = key === "$ref" && typeof inner === "string" ? /^#\/\$defs\/(.+)$/.exec(inner)?.[1] : undefined;
      return [key, name === undefined ? withRefs(inner, rename) : `#/components/schemas/${rename(name)}`];
    }),
  );
}

/**
 * Turns zod schemas into JSON Schemas. Those that carry a name (`.meta({ id })`) are collected as components and
 * referred to.
 */
export class Schemas {
  readonly #components = new Map<string, JsonSchema>();

  /** @param io whether the schema describes what is sent or what is answered */
  of(schema: z.ZodType, io: "input" | "output"): ObjectSchema {
    const { $defs, $schema: _, ...plain } = z.toJSONSchema(schema, { io, unrepresentable: "any", cycles: "ref" });
    const named = Object.entries(($defs ?? {}) as Record<string, JsonSchema>);
    const names = new Map(named.map(([name, definition]) => [name, this.#nameOf(name, definition, io)]));
    const rename = (name: string) => names.get(name) ?? name;
    for (const [name, definition] of named) {
      this.#components.set(rename(name), withRefs(definition, rename) as JsonSchema);
    }
    return withRefs(plain, rename) as ObjectSchema;
  }

  /** The same, but the outermost schema is spelled out though it may have a name. */
  inline(schema: z.ZodType, io: "input" | "output"): ObjectSchema {
    const found = this.of(schema, io);
    const name = typeof found.$ref === "string" ? found.$ref.replace("#/components/schemas/", "") : undefined;
    return name === undefined ? found : (this.#components.get(name) ?? found);
  }

  /** A schema may look different when it is sent than when it is answered: then it is two components. */
  #nameOf(name: string, definition: JsonSchema, io: "input" | "output"): string {
    const known = this.#components.get(name);
    const same =
      known === undefined ||
      isDeepStrictEqual(
        known,
        withRefs(definition, (inner) => inner),
      );
    return same ? name : `${name}${io === "input" ? "Input" : "Output"}`;
  }

  /** All named schemas so far, by name. */
  components(): Record<string, JsonSchema> {
    return Object.fromEntries([...this.#components].sort(([left], [right]) => (left < right ? -1 : 1)));
  }
}
