import { randomBytes } from "node:crypto";
import { ulid } from "ulid";

const RANDOM_CHARACTERS = 16;

/**
 * A new id that sorts by its time of creation (ULID, 26 characters). All its randomness is drawn at once: `ulid` by
 * itself asks the system for every character, which takes longer than the rest of a write together.
 */
export function newId(): string {
  const bytes = randomBytes(RANDOM_CHARACTERS).values();
  return ulid(undefined, () => (bytes.next().value ?? 0) / 256);
}
