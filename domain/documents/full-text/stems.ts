import { spellings } from "./fold.ts";
import { isSmallWord, LANGUAGES, type Language } from "./language.ts";
import type { Word } from "./words.ts";

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

/** The stem of a word; not where that would be a small word, as German rules make `und` of `under`. */
function stemmed(spelling: string, language: Language, stemmers: Stemmers): string {
  if (!INFLECTED.test(spelling)) return spelling;
  const stem = stemmers[language](spelling);
  return isSmallWord(stem, language) ? spelling : stem;
}

/** Gives a plain word of a document, as it is written, the terms under which the index has it. */
type TermsOf = (text: string) => string[];

/** How the words of documents in a language get their terms. */
export function termsIn(language: Language, stemmers: Stemmers): TermsOf {
  return (text) => spellings(text).map((spelling) => stemmed(spelling, language, stemmers));
}

/** Under which terms the index has a word of a document; each of them once. */
export function termsOfWord(word: Word, termsOf: TermsOf): string[] {
  if (word.kind === "plain") return [...new Set(termsOf(word.text))];
  const whole = [word.text, ...word.pieces].flatMap(spellings);
  return [...new Set([...whole, ...word.parts.flatMap(termsOf)])];
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
        ...LANGUAGES.map((language) => stemmed(spelling, language, stemmers)),
      ]),
    ),
  ];
}
