import type { AuditedRow } from "../../domain/governance/index.ts";

/** A value deeper than that is told of by a word. Nothing that we write nests so deep; what others write may. */
const MAX_DEPTH = 16;
const TOO_DEEP = "(nested too deep)";

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * An attribute of an image as a plain value. Own code, because the client's decoder throws for what it does not know, and
 * an audit must be able to look at everything. Numbers stay text; a type that does not exist is no value.
 */
function plainValue(attribute: unknown, depth: number): unknown {
  if (!isObject(attribute)) return undefined;
  if (depth > MAX_DEPTH) return TOO_DEEP;
  const [[type, value] = []] = Object.entries(attribute);
  switch (type) {
    case "S":
    case "N":
    case "B":
      return typeof value === "string" ? value : undefined;
    case "BOOL":
      return typeof value === "boolean" ? value : undefined;
    case "NULL":
      return null;
    case "L":
      return Array.isArray(value) ? value.map((item) => plainValue(item, depth + 1)) : undefined;
    case "M":
      return plainMap(value, depth + 1);
    case "SS":
    case "NS":
    case "BS":
      return Array.isArray(value) ? value.filter((item) => typeof item === "string") : undefined;
    default:
      return undefined;
  }
}

function plainMap(attributes: unknown, depth: number): Record<string, unknown> | undefined {
  if (!isObject(attributes)) return undefined;
  return Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [name, plainValue(attribute, depth)]),
  );
}

/** A row from its image with typed attributes, whatever it holds; undefined where there is no image. */
export function rowOf(image: unknown): AuditedRow | undefined {
  return plainMap(image, 0);
}
