import { ulid } from "ulid";

/** A new id that sorts by its time of creation (ULID, 26 characters). */
export function newId(): string {
  return ulid();
}
