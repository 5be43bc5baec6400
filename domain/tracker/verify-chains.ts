import { setTimeout as wait } from "node:timers/promises";
import { type ListRequest, positionIn, SLACK } from "@enceladus/shared/collect-page";
import { type CursorPosition, encodeCursor } from "@enceladus/shared/cursor";
import pLimit from "p-limit";
import {
  BEFORE_FIRST,
  type ChainBreak,
  type ChainedRecord,
  type ChainLink,
  firstBreak,
  headOf,
} from "./chain-check.ts";
import { type EntryPage, queryEntries } from "./history-store.ts";
import { isRecordType } from "./record.ts";
import { pagesOf, queryHeads, readHead } from "./record-store.ts";

const DEFAULT_LIMIT = 100;
/** A page ends at about so many entries, and begins no other read after so long. */
const MAX_ENTRIES = 2_000;
const MAX_MS = 3_000;
/** Chains that are read at once, and entries of one that are read at once. */
const AT_ONCE = 10;
const RUN = 500;
const SECOND_LOOK_MS = 100;

/** What a page of the audit has found; the numbers of all pages add up to those of the project. */
export interface Verification {
  recordsChecked: number;
  /** Entries that are as they should be. */
  entriesChecked: number;
  firstBroken: (ChainBreak & { itemId: string }) | null;
  nextCursor: string | null;
}

/** The chain of a record, or a part of it. */
interface Part {
  record: ChainedRecord;
  /** The entry that was checked last by an earlier page; 0 for none. */
  from: number;
  /** The entry with which the part ends; undefined where it goes to the end of the chain. */
  to: number | undefined;
}

interface Outcome {
  part: Part;
  state: "intact" | "broken" | "unfinished";
  /** The last entry that is as it should be. */
  checked: number;
  broken?: ChainBreak;
}

/** Type and id as the key has them: an attribute may be edited, a key may not. */
function partsOfKey({ record_id }: ChainedRecord): { type: string; itemId: string } {
  const [type = "", ...rest] = record_id.split("#");
  return { type, itemId: rest.join("#") };
}

/** A position is behind a record, or inside its chain. Nothing in it is trusted; a sort key has at most 1,024 bytes. */
function isPosition({ record_id, seq = 1, ...rest }: CursorPosition): boolean {
  const isKey = typeof record_id === "string" && record_id !== "" && Buffer.byteLength(record_id) <= 1_024;
  return isKey && Number.isSafeInteger(seq) && Number(seq) > 0 && Object.keys(rest).length === 0;
}

/**
 * The chains for one page, in the order of their records' keys: as many as are wanted and as their heads say will fit. A
 * chain that is longer than a page is one part, and the last.
 */
async function partsOfPage(
  projectId: string,
  start: CursorPosition | undefined,
  limit: number,
): Promise<{ parts: Part[]; more: boolean }> {
  const parts: Part[] = [];
  let budget = MAX_ENTRIES;
  const from = start && { recordId: String(start.record_id), including: start.seq !== undefined };
  const rows = pagesOf(
    (page) => queryHeads(projectId, from, page),
    undefined,
    () => limit - parts.length + SLACK,
  );
  for await (const record of rows) {
    if (!isRecordType(partsOfKey(record).type)) continue;
    const { seq } = headOf(record);
    const done = record.record_id === start?.record_id ? Number(start.seq) : 0;
    const first = done < seq ? done : 0;
    const left = seq - first;
    if (parts.length === limit || (parts.length > 0 && left > budget)) return { parts, more: true };
    parts.push({ record, from: first, to: left > budget ? first + budget : undefined });
    budget -= left;
  }
  return { parts, more: false };
}

interface Run {
  page: EntryPage;
  broken: ChainBreak | undefined;
}

/**
 * Checks the entries behind a number.
 * @param before the entry with that number; undefined to begin with one that an earlier page has checked: it is read
 *   again, and only what it follows is taken as it says
 */
async function checkRun(
  record: ChainedRecord,
  before: ChainLink | undefined,
  after: number,
  limit: number,
): Promise<Run> {
  const look = () => queryEntries(record, { order: "oldest-first", limit, after: after || undefined });
  const judge = (page: EntryPage, newest: number) =>
    firstBreak(page.entries, record, {
      before: before ?? { seq: after, hash: page.entries[0]?.prev_hash },
      isEnd: page.last === undefined,
      newest,
    });
  const page = await look();
  const broken = judge(page, headOf(record).seq);
  if (!broken) return { page, broken };
  // The chain may have grown since the record was read, and of a transaction one item may be seen before another is:
  // only what is still broken later is broken.
  await wait(SECOND_LOOK_MS);
  const later = await look();
  const now = await readHead(record);
  return { page: later, broken: judge(later, headOf(now ?? record).seq) };
}

async function checkPart(part: Part, deadline: number): Promise<Outcome> {
  const { record, from, to } = part;
  const head = headOf(record).seq;
  // One more than there should be, to see whether there is.
  const end = to ?? head + 1;
  let before = from === 0 ? BEFORE_FIRST : undefined;
  let checked = Math.max(0, from - 1);
  for (;;) {
    const { page, broken } = await checkRun(record, before, checked, Math.min(end - checked, RUN));
    if (broken) return { part, state: "broken", checked: Math.max(from, broken.seq - 1), broken };
    before = page.entries.at(-1) ?? before;
    checked = before?.seq ?? checked;
    if (page.last === undefined || (to === undefined && checked >= end)) return { part, state: "intact", checked };
    const isLate = checked < head && Date.now() > deadline;
    if (checked >= end || isLate) return { part, state: "unfinished", checked };
  }
}

/** Checks chains side by side, and gives what came of them up to the first one that ends the page. */
async function checkInOrder(parts: readonly Part[], deadline: number): Promise<Outcome[]> {
  const limit = pLimit(AT_ONCE);
  let isOver = false;
  const check = async (part: Part, index: number): Promise<Outcome | undefined> => {
    if (isOver || (index > 0 && Date.now() > deadline)) return undefined;
    const outcome = await checkPart(part, deadline);
    isOver ||= outcome.state !== "intact";
    return outcome;
  };
  try {
    const all = await Promise.all(parts.map((part, index) => limit(check, part, index)));
    const end = all.findIndex((outcome) => outcome?.state !== "intact");
    return all.slice(0, end === -1 ? all.length : end + 1).filter((outcome) => outcome !== undefined);
  } finally {
    limit.clearQueue();
  }
}

/** Where the next page starts: inside a chain, behind a record, or nowhere. */
function positionBehind({ part, state, checked }: Outcome, isLast: boolean): CursorPosition | undefined {
  const { record_id } = part.record;
  if (state === "unfinished") return { record_id, seq: checked };
  return isLast ? undefined : { record_id };
}

/**
 * Checks the chains of a project's records, in the order of their keys, until something is broken or the page is full.
 * @throws DomainError INVALID_INPUT (cursor), INTERNAL_ERROR
 */
export async function verifyChains(
  projectId: string,
  { limit = DEFAULT_LIMIT, cursor }: ListRequest,
): Promise<Verification> {
  const deadline = Date.now() + MAX_MS;
  const scope = ["audit", projectId];
  const { parts, more } = await partsOfPage(projectId, positionIn(cursor, scope, isPosition), limit);
  const outcomes = await checkInOrder(parts, deadline);
  const last = outcomes.at(-1);
  const next = last && positionBehind(last, outcomes.length === parts.length && !more);
  return {
    recordsChecked: outcomes.filter(({ state }) => state !== "unfinished").length,
    entriesChecked: outcomes.reduce((sum, { part, checked }) => sum + checked - part.from, 0),
    firstBroken: last?.broken ? { itemId: partsOfKey(last.part.record).itemId, ...last.broken } : null,
    nextCursor: next ? encodeCursor(next, scope) : null,
  };
}
