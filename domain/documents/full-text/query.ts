import { invalidInput } from "@enceladus/shared/errors";
import { characters } from "@enceladus/shared/text";
import { spellings } from "./fold.ts";
import { loadStemmers, termsInAnyDocument } from "./stems.ts";
import { wordsOf } from "./words.ts";

/** A word that every match has. */
export interface QueryWord {
  /** As it was typed. */
  text: string;
  /** A match has at least one of these terms: spellings of the word, and its stems. */
  terms: readonly string[];
  /** Of an identifier: what a match must have of it where no document has it whole. */
  parts?: readonly QueryWord[];
}

export const LONGEST_QUERY = 500;
/** Each word, and each part of an identifier, is a few reads. */
export const MOST_WORDS = 16;

/**
 * The words that a search is for; repeated ones count once.
 * @throws DomainError INVALID_INPUT for a text that is too long, has no word, or too many
 */
export async function readQuery(text: string): Promise<QueryWord[]> {
  if (characters(text) > LONGEST_QUERY) throw invalidInput(`text has more than ${LONGEST_QUERY} characters.`);
  const stemmers = await loadStemmers();
  const plain = (word: string): QueryWord => ({ text: word, terms: termsInAnyDocument(word, stemmers) });
  const words = new Map<string, QueryWord>();
  for (const word of wordsOf(text)) {
    const read = word.kind === "plain" ? plain(word.text) : { ...identifier(word.text), parts: word.parts.map(plain) };
    words.set(read.terms.join(" "), words.get(read.terms.join(" ")) ?? read);
  }
  if (words.size === 0) throw invalidInput("text has no word that could be looked for.");
  const count = [...words.values()].reduce((sum, { parts = [] }) => sum + Math.max(1, parts.length), 0);
  if (count > MOST_WORDS) throw invalidInput(`text has more than ${MOST_WORDS} different words.`);
  return [...words.values()];
}

function identifier(text: string): QueryWord {
  return { text, terms: spellings(text) };
}
