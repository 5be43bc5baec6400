import { spellings } from "./fold.ts";
import type { Word } from "./words.ts";

/** The languages whose word endings are known. Words of others are found as they are written. */
export const LANGUAGES = ["english", "german"] as const;
export type Language = (typeof LANGUAGES)[number];

type Stemmer = (word: string) => string;
export type Stemmers = Readonly<Record<Language, Stemmer>>;

/** Loaded at the first text: most calls of a function have none. */
export async function loadStemmers(): Promise<Stemmers> {
  const { stem } = await import("porter2");
  const { stemmer } = await import("@orama/stemmers/german");
  return { english: stem, german: stemmer };
}

/** Endings are those of words in Latin letters; shorter ones have none. */
const INFLECTED = /^[a-z]{3,}$/;

function stemmed(spelling: string, stem: Stemmer): string {
  return INFLECTED.test(spelling) ? stem(spelling) : spelling;
}

/**
 * Under which terms the index has a plain word of a document.
 * @param text as it is written
 */
function termsOfPlain(text: string, stem: Stemmer): string[] {
  return spellings(text).map((spelling) => stemmed(spelling, stem));
}

/** Under which terms the index has a word of a document in some language; each of them once. */
export function termsInDocument(word: Word, stem: Stemmer): string[] {
  if (word.kind === "plain") return [...new Set(termsOfPlain(word.text, stem))];
  return [...new Set([...spellings(word.text), ...word.parts.flatMap((part) => termsOfPlain(part, stem))])];
}

/**
 * The terms of which a document has at least one if it has the plain word, whatever its language: the stems of the word
 * in each language, and itself, since an identifier is not stemmed.
 */
export function termsInAnyDocument(text: string, stemmers: Stemmers): string[] {
  return [
    ...new Set(
      spellings(text).flatMap((spelling) => [
        spelling,
        ...LANGUAGES.map((language) => stemmed(spelling, stemmers[language])),
      ]),
    ),
  ];
}
