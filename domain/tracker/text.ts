import { invalidInput } from "@enceladus/shared/errors";
import { characters } from "@enceladus/shared/text";

/** Characters that texts may have. */
export const LIMITS = {
  title: 500,
  text: 50_000,
  log: 10_000,
  labels: 32,
  label: 64,
  /** Of an item id: what a path takes, and short enough for every key that ids are part of. */
  id: 100,
} as const;

/** @throws DomainError INVALID_INPUT for a text longer than any field takes */
export function withinText(field: string, text: string, limit: number = LIMITS.text): string {
  if (characters(text) > limit) throw invalidInput(`${field}: at most ${limit} characters are allowed.`);
  return text;
}

/** What a table says of a word from outside; never what every object has by nature (`constructor`). */
export function meaningOf<Meaning>(table: Readonly<Record<string, Meaning>>, word: string): Meaning | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}
