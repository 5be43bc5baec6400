import type { Occurrences } from "./document-terms.ts";
import type { Posting, Status } from "./posting.ts";
import { MOST_POSTINGS, PostingList } from "./posting-list.ts";
import type { QueryWord } from "./query.ts";

/** A word of the query as it was looked for, with how many documents have it, about. */
export interface FoundWord {
  text: string;
  documents: number;
}

/** A document that has every word. */
export interface Candidate {
  documentId: string;
  length: number;
  /** What it has of each word, in the order of the words. */
  occurrences: Occurrences[];
}

export interface Matches {
  words: FoundWord[];
  candidates: Candidate[];
  /** Whether there may be more: the rarest word is in more documents than are looked through. */
  isSample: boolean;
}

/** Where matches may be. */
export interface Within {
  projectId: string;
  statuses: readonly Status[];
}

/** A word with the lists of its terms. */
interface OpenWord {
  word: QueryWord;
  lists: PostingList[];
}

async function open(word: QueryWord, { projectId, statuses }: Within): Promise<OpenWord> {
  const lists = word.terms.flatMap((term) => statuses.map((status) => PostingList.open({ projectId, status, term })));
  return { word, lists: await Promise.all(lists) };
}

/** As many as the longest of the lists: most documents that have one term of a word have the others too. */
function sizeOf({ lists }: OpenWord): number {
  return Math.max(...lists.map(({ size }) => size));
}

/** An identifier that no document has whole is looked for by its parts. */
async function openAll(words: readonly QueryWord[], within: Within): Promise<OpenWord[]> {
  const opened = await Promise.all(words.map((word) => open(word, within)));
  const replaced = opened.map((found) => {
    const parts = sizeOf(found) === 0 ? (found.word.parts ?? []) : [];
    return parts.length > 0 ? Promise.all(parts.map((part) => open(part, within))) : [found];
  });
  return (await Promise.all(replaced)).flat();
}

/** A document that has several terms of a word has it as often as the most frequent of them. */
function merged(postings: Iterable<Posting>): Map<string, Posting> {
  const byDocument = new Map<string, Posting>();
  for (const posting of postings) {
    const { documentId, inTitle, inBody } = posting;
    const known = byDocument.get(documentId);
    byDocument.set(documentId, {
      ...posting,
      inTitle: Math.max(inTitle, known?.inTitle ?? 0),
      inBody: Math.max(inBody, known?.inBody ?? 0),
    });
  }
  return byDocument;
}

/** A read of one posting costs as much as one of so many in a row. */
const IN_A_ROW = 32;

/** What some documents have of a word: read one by one, or, where that is cheaper, by reading the lists on. */
async function ofWord({ lists }: OpenWord, documentIds: readonly string[]): Promise<Map<string, Posting>> {
  const found = lists.map(async (list) => {
    if (list.size <= Math.min(MOST_POSTINGS, IN_A_ROW * documentIds.length)) await list.readOn();
    return list.of(documentIds);
  });
  return merged((await Promise.all(found)).flat());
}

/**
 * Finds the documents that have every word. Only the lists of the rarest word are read through, at most `MOST_POSTINGS`
 * of each; of the others no more than what the documents that are still in question have there. So the work grows with
 * the documents that have the rarest word, not with those that have a frequent one or none.
 */
export async function findMatches(query: readonly QueryWord[], within: Within): Promise<Matches> {
  const opened = await openAll(query, within);
  const rarestFirst = opened.toSorted((left, right) => sizeOf(left) - sizeOf(right));
  const [rarest, ...others] = rarestFirst;
  if (!rarest || sizeOf(rarest) === 0) return { words: [], candidates: [], isSample: false };
  await Promise.all(rarest.lists.map((list) => list.readOn()));
  const first = merged(rarest.lists.flatMap((list) => [...list.postings]));
  let candidates = [...first.values()].map(({ documentId, length, inTitle, inBody }): Candidate => {
    return { documentId, length, occurrences: [{ inTitle, inBody }] };
  });
  for (const other of others) {
    if (candidates.length === 0) break;
    const found = await ofWord(
      other,
      candidates.map(({ documentId }) => documentId),
    );
    candidates = candidates.flatMap((candidate) => {
      const posting = found.get(candidate.documentId);
      if (!posting) return [];
      const { inTitle, inBody } = posting;
      return [{ ...candidate, occurrences: [...candidate.occurrences, { inTitle, inBody }] }];
    });
  }
  const words = rarestFirst.map((found) => ({ text: found.word.text, documents: sizeOf(found) }));
  return { words, candidates, isSample: rarest.lists.some(({ isComplete }) => !isComplete) };
}
