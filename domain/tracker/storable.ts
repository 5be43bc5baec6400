import { invalidInput } from "@enceladus/shared/errors";

/** The database takes 32 levels; the history keeps a value three levels further down. */
const MAX_DEPTH = 25;
/** The smallest magnitude that the database takes; the largest is beyond what JavaScript holds exactly. */
const SMALLEST = 1e-130;

function isStorableNumber(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Math.abs(value) >= SMALLEST && Number.isFinite(value);
}

/** What keeps a value from being stored as it is; undefined for one that will be read as it was written. */
function obstacle(value: unknown, depth: number): string | undefined {
  if (typeof value === "number") return isStorableNumber(value) ? undefined : "a number that loses digits";
  if (typeof value !== "object" || value === null) return undefined;
  if (depth === 0) return `more than ${MAX_DEPTH} levels`;
  // Neither key reads back: the one is no name for an attribute, the other becomes the prototype of its object.
  if (Object.hasOwn(value, "") || Object.hasOwn(value, "__proto__")) return "a key that cannot be stored";
  for (const inner of Object.values(value)) {
    const found = obstacle(inner, depth - 1);
    if (found) return found;
  }
  return undefined;
}

/**
 * Refuses JSON that the database would not give back as it was: the hash of its history entry would not fit any more.
 * @throws DomainError INVALID_INPUT
 */
export function assertStorable(field: string, value: unknown): void {
  const found = obstacle(value, MAX_DEPTH);
  if (found) throw invalidInput(`${field}: the value has ${found}.`);
}
