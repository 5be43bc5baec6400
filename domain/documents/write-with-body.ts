import { awsErrorName } from "@enceladus/shared/aws-errors";
import type { TransactItem } from "@enceladus/shared/dynamodb";
import { DomainError } from "@enceladus/shared/errors";
import { newId } from "@enceladus/shared/ids";
import { log } from "@enceladus/shared/log";
import { doneBefore, markDone } from "@enceladus/shared/once";
import { timestamp } from "@enceladus/shared/time";
import pRetry from "p-retry";
import type { DocumentWriter } from "./attribution.ts";
import { type Body, type BodyLocation, isOwnBody, isSamePlace, locationFor, locationOf } from "./body.ts";
import { CONTENT_TYPE, type StoredDocument, versionOf } from "./document.ts";
import { nextEntry, withHead } from "./document-entry.ts";
import { putEntry } from "./document-history-store.ts";
import { writeDocument } from "./document-store.ts";
import { announce, type LooseBody, left, placed } from "./loose-body-store.ts";
import { takeBack } from "./settle-body.ts";

/** What is to be written, decided on a document as it was read. */
export interface DocumentWrite<Result> {
  /** As read; undefined for a document that must not exist yet. */
  before: StoredDocument | undefined;
  /** As decided: without stamps, and without what a body says of itself. */
  after: StoredDocument;
  /** The content that the row is to name; undefined where it keeps the one that it has. */
  body: Body | undefined;
  /** What the history calls it. */
  operation: string;
  writer: DocumentWriter;
  /** Stands for the call where its caller has given it a key: whoever repeats the call writes nothing more. */
  onceKey: string | undefined;
  /** What comes of the call. Plain JSON and pure: it is kept with the write where the call has a key. */
  result: (written: StoredDocument) => Result;
}

/** What came of it, also of an earlier run of the same call; or the document as it is now, if that is not as read. */
export type Written<Result> =
  | { kind: "written"; result: Result }
  | { kind: "lost"; current: StoredDocument | undefined };

/** Somebody else is at work on the same items; what comes of it is known in a moment. */
class Contended extends Error {}

/** Contenders spread out further the longer it takes, and give up while their function still has time to say so. */
const CONTENTION = { retries: 12, maxRetryTime: 7_000, minTimeout: 20, maxTimeout: 800, factor: 2, randomize: true };

async function untilSettled<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await pRetry(attempt, { ...CONTENTION, shouldRetry: ({ error }) => error instanceof Contended });
  } catch (error) {
    if (!(error instanceof Contended)) throw error;
    const options = { retryAfterSeconds: 1, cause: error };
    throw new DomainError("UNAVAILABLE", "Too many requests are writing this document at once.", {}, options);
  }
}

function stamped<Result>({ before, after, body, writer }: DocumentWrite<Result>, now: number): StoredDocument {
  const place = body && locationFor(after, body);
  const at = timestamp(now);
  return {
    ...after,
    ...(!before && { created_by: writer.label, created_at: at }),
    ...(body &&
      place && {
        s3_bucket: place.bucket,
        s3_key: place.key,
        content_type: CONTENT_TYPE,
        content_hash: body.hash,
        size_bytes: body.bytes.byteLength,
      }),
    title_lower: after.title.toLowerCase(),
    version: (before ? versionOf(before) : 0) + 1,
    updated_at: at,
    updated_by: writer.label,
    write_id: newId(),
  };
}

/** A write whose stamps and history entry are made: they stay the same however often it is tried. */
interface Prepared<Result> {
  before: StoredDocument | undefined;
  document: StoredDocument;
  result: Result;
  onceKey: string | undefined;
  entry: TransactItem;
  mark: TransactItem | undefined;
}

function prepare<Result>(write: DocumentWrite<Result>, now: number): Prepared<Result> {
  const { before, operation, writer, onceKey, result: resultOf } = write;
  const draft = stamped(write, now);
  const entry = nextEntry(before, draft, operation, writer.principal);
  const document = withHead(draft, entry);
  const result = resultOf(document);
  const mark = onceKey === undefined ? undefined : markDone(onceKey, result, now);
  return { before, document, result, onceKey, entry: putEntry(entry), mark };
}

/** `unannounced`: the body is not held for this write any more; it may be gone. */
type Committed<Result> = Written<Result> | { kind: "unannounced" };

/** @param loose what the transaction does to loose bodies; the one that it names comes first */
async function commitOnce<Result>(
  { before, document, result, onceKey, entry, mark }: Prepared<Result>,
  loose: readonly TransactItem[],
): Promise<Committed<Result>> {
  const outcome = await writeDocument(before, document, [entry, ...(mark ? [mark] : []), ...loose]);
  if (outcome.kind === "written") return { kind: "written", result };
  if (outcome.kind === "contended") throw new Contended("another transaction is at work on the same items");
  const [entryFailed, ...rest] = outcome.beside;
  const [markFailed, announcementFailed] = mark ? rest : [false, ...rest];
  // The client has repeated a transaction whose answer got lost.
  const isOurs = outcome.kind === "lost" && outcome.current?.write_id === document.write_id;
  if (isOurs) return { kind: "written", result };
  if (markFailed && onceKey !== undefined) {
    const done = await doneBefore<Result>(onceKey);
    if (!done) throw new Contended("the mark of an earlier run has just outlived");
    return { kind: "written", result: done.result };
  }
  if (outcome.kind === "lost") return { kind: "lost", current: outcome.current };
  if (announcementFailed) return { kind: "unannounced" };
  // A new document whose id has a history already: that id is taken too.
  if (entryFailed && !before) return { kind: "lost", current: undefined };
  throw new DomainError(
    "INTERNAL_ERROR",
    "The history of the document has an entry too many.",
    {},
    { retryable: false },
  );
}

function commit<Result>(prepared: Prepared<Result>, loose: readonly TransactItem[]): Promise<Committed<Result>> {
  return untilSettled(() => commitOnce(prepared, loose));
}

function settled<Result>(committed: Committed<Result>): Written<Result> {
  if (committed.kind === "unannounced") throw new Error("a write without an announcement cannot miss it");
  return committed;
}

async function put(place: BodyLocation, body: Body): Promise<void> {
  // Loaded here, since writers of metadata have no use for the S3 client.
  const { putBody } = await import("./body-store.ts");
  await putBody(place, body.bytes);
}

/** Takes back a body that did not come to be named through this write. A failure leaves it to the sweep. */
async function giveUp(body: LooseBody, current?: StoredDocument): Promise<void> {
  try {
    await takeBack(body, current);
  } catch (error) {
    log().warn("body_left_to_the_sweep", { s3_key: body.key, reason: awsErrorName(error), error: error as Error });
  }
}

/** One announcement, one put, one transaction. */
async function place<Result>(prepared: Prepared<Result>, body: Body): Promise<Written<Result>> {
  const { before, document } = prepared;
  const target = locationOf(document);
  const announced = await announce(target, document);
  if (!announced) throw new Contended("the same body is being removed");
  await put(target, body);
  const former = before && locationOf(before);
  const leaves = before && former && isOwnBody(before, former) ? [left(former, before, Date.now())] : [];
  let committed: Committed<Result>;
  try {
    committed = await commit(prepared, [placed(announced), ...leaves]);
  } catch (error) {
    await giveUp(announced);
    throw error;
  }
  if (committed.kind === "unannounced") throw new Contended("the announcement was settled by a sweep");
  if (committed.kind === "lost") await giveUp(announced, committed.current);
  else if (committed.result !== prepared.result) await giveUp(announced);
  return committed;
}

/**
 * Writes a document with its content: the row, its history entry, the mark of the call and what becomes of the bodies
 * are one transaction. The body is in the bucket before a row names it, and announced before it is in the bucket
 * (`loose-body-store.ts`); the body of a writer that loses is taken back before it is told.
 * @throws DomainError INTERNAL_ERROR (it may have been written all the same), UNAVAILABLE (too many writers at once),
 *   CONFLICT (an earlier run of the call has made more than could be kept)
 */
export async function writeWithBody<Result>(write: DocumentWrite<Result>): Promise<Written<Result>> {
  const { before, body } = write;
  const prepared = prepare(write, Date.now());
  if (!body) return settled(await commit(prepared, []));
  const target = locationOf(prepared.document);
  if (before && isSamePlace(locationOf(before), target)) {
    // The row names it already, so that it is there; should it ever have got lost, this brings it back.
    await put(target, body);
    return settled(await commit(prepared, []));
  }
  return untilSettled(() => place(prepared, body));
}
