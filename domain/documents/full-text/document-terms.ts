import { languageOf } from "./language.ts";
import { loadStemmers, termsIn, termsOfWord } from "./stems.ts";
import { type Word, wordsOf } from "./words.ts";

/** How often a document has a term. */
export interface Occurrences {
  inTitle: number;
  inBody: number;
}

/** What the index holds of a document. */
export interface DocumentTerms {
  terms: ReadonlyMap<string, Occurrences>;
  /** Words of title and body, also those that are not in the index. */
  length: number;
  /** How many terms are not in the index since the document has too many different ones. */
  leftOut: number;
}

/** Each term is a row; a novel has about so many different words. */
export const MOST_TERMS = 5_000;

interface Counted extends Occurrences {
  word: Word;
}

function countWords(title: string, body: string): { counted: Map<string, Counted>; length: number } {
  const counted = new Map<string, Counted>();
  let length = 0;
  const count = (text: string, field: keyof Occurrences) => {
    for (const word of wordsOf(text)) {
      length += 1;
      const known = counted.get(word.text);
      if (known) known[field] += 1;
      else counted.set(word.text, { word, inTitle: 0, inBody: 0, [field]: 1 });
    }
  };
  count(title, "inTitle");
  count(body, "inBody");
  return { counted, length };
}

/** The title's terms, then the most frequent ones; among equals the order of the terms, so that it is always the same. */
function mostTelling([term, left]: [string, Occurrences], [other, right]: [string, Occurrences]): number {
  return right.inTitle - left.inTitle || right.inBody - left.inBody || (term < other ? -1 : 1);
}

/**
 * The terms of a document. The same document has the same terms whenever it is asked for.
 * @param body Markdown
 */
export async function termsOfDocument(title: string, body: string): Promise<DocumentTerms> {
  const stemmers = await loadStemmers();
  const { counted, length } = countWords(title, body);
  const occurrences = (text: string) => {
    const { inTitle = 0, inBody = 0 } = counted.get(text) ?? {};
    return inTitle + inBody;
  };
  const termsOf = termsIn(languageOf(occurrences), stemmers);
  const terms = new Map<string, Occurrences>();
  for (const { word, inTitle, inBody } of counted.values()) {
    for (const term of termsOfWord(word, termsOf)) {
      const known = terms.get(term);
      if (known) {
        known.inTitle += inTitle;
        known.inBody += inBody;
      } else terms.set(term, { inTitle, inBody });
    }
  }
  if (terms.size <= MOST_TERMS) return { terms, length, leftOut: 0 };
  const kept = [...terms].sort(mostTelling).slice(0, MOST_TERMS);
  return { terms: new Map(kept), length, leftOut: terms.size - MOST_TERMS };
}
