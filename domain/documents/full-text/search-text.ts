import { positionIn } from "@enceladus/shared/collect-page";
import { type CursorPosition, encodeCursor } from "@enceladus/shared/cursor";
import { type Candidate, findMatches, type Matches } from "./matching.ts";
import { STATUSES, type Status } from "./posting.ts";
import { readTotals } from "./postings-store.ts";
import { readQuery } from "./query.ts";
import { betterFirst, scoreOf } from "./ranking.ts";
import { type Totals, totalsIn } from "./totals.ts";

export interface TextSearch {
  projectId: string;
  /** What to look for: a match has all of its words. */
  text: string;
  /** Absent: whatever the status. One that no document can have matches nothing. */
  status?: string | undefined;
  /** Matches on a page. */
  limit: number;
  cursor?: string | undefined;
}

/** Where a document has a word of the query. */
export interface MatchedWord {
  /** As it was typed; of an identifier that no document has whole, a part of it. */
  word: string;
  fields: ("title" | "body")[];
}

export interface TextMatch {
  documentId: string;
  score: number;
  matched: MatchedWord[];
}

export interface TextMatches {
  /** The best first; of equals the one with the lower id. */
  matches: TextMatch[];
  nextCursor: string | null;
  total: number;
  /** There may be more: the rarest word is in more documents than are looked through. */
  totalIsLowerBound: boolean;
}

/** Where a page ends, and the totals that its scores were worked out with: they hold for all pages of a list. */
interface Position extends CursorPosition {
  score: number;
  id: string;
  documents: number;
  length: number;
}

function isPosition(position: CursorPosition): position is Position {
  const { score, id, documents, length } = position;
  return [score, documents, length].every((part) => typeof part === "number" && part >= 0) && typeof id === "string";
}

function matchOf({ documentId, length, occurrences }: Candidate, { words }: Matches, totals: Totals): TextMatch {
  const found = words.flatMap(({ text, documents }, index) => {
    const had = occurrences[index];
    return had ? [{ text, documents, occurrences: had }] : [];
  });
  const matched = found.map(({ text, occurrences: { inTitle, inBody } }): MatchedWord => {
    return {
      word: text,
      fields: [...(inTitle > 0 ? (["title"] as const) : []), ...(inBody > 0 ? (["body"] as const) : [])],
    };
  });
  return { documentId, score: scoreOf(found, length, totals), matched };
}

/**
 * Searches titles and bodies of a project's documents by the words in them, ranked; nothing but the index is read. It is
 * brought up to date a moment after a document has changed, so that a match may be of the version before.
 * @throws DomainError INVALID_INPUT (text, cursor), INTERNAL_ERROR
 */
export async function searchText({ projectId, text, status, limit, cursor }: TextSearch): Promise<TextMatches> {
  const scope = ["full-text", projectId, text, status ?? null];
  const start = positionIn(cursor, scope, isPosition);
  const query = await readQuery(text);
  const statuses: readonly Status[] = STATUSES.filter((each) => status === undefined || each === status);
  if (statuses.length === 0) return { matches: [], nextCursor: null, total: 0, totalIsLowerBound: false };
  const [row, found] = await Promise.all([
    start ? undefined : readTotals(projectId),
    findMatches(query, { projectId, statuses }),
  ]);
  const totals: Totals = start && isPosition(start) ? start : totalsIn(row, statuses);
  const ranked = found.candidates.map((candidate) => matchOf(candidate, found, totals)).sort(betterFirst);
  const behind = start && isPosition(start) ? { score: start.score, documentId: start.id } : undefined;
  const rest = behind ? ranked.filter((match) => betterFirst(behind, match) < 0) : ranked;
  const matches = rest.slice(0, limit);
  const last = matches.at(-1);
  const more = last !== undefined && rest.length > matches.length;
  const { documents, length } = totals;
  return {
    matches,
    nextCursor: more ? encodeCursor({ score: last.score, id: last.documentId, documents, length }, scope) : null,
    total: ranked.length,
    totalIsLowerBound: found.isSample,
  };
}
