import { DomainError } from "@enceladus/shared/errors";
import { timestamp } from "@enceladus/shared/time";
import { SYNC_WRITER } from "../attribution.ts";
import { type Body, type BodyLocation, bodyOf } from "../body.ts";
import type { StoredDocument } from "../document.ts";
import { readDocument } from "../document-store.ts";
import { type Written, writeWithBody } from "../write-with-body.ts";
import { decide, knownTag } from "./decide.ts";
import { type Defaults, mirrored } from "./mirrored-document.ts";
import { readSource, type Source } from "./source-store.ts";
import { seenAgain, tagSeen } from "./tags-seen.ts";

/** A file and the document that shows it. */
export interface Mirror {
  file: BodyLocation;
  defaults: Defaults;
  /** Whether a document is one by which the file is found. */
  shows: (document: StoredDocument) => boolean;
}

/** What became of a document. */
export type Mirroring = "created" | "updated" | "archived" | "unchanged";

/** Whoever loses so often meets writers that are not going to stop. */
const ATTEMPTS = 5;

/** The tag that the file has where the document agrees with it; undefined where that cannot be told by a tag. */
export function expectedTag(document: StoredDocument, { file, shows }: Mirror): string | undefined {
  return shows(document) ? knownTag(document, tagSeen(file, document.content_hash)) : undefined;
}

function look(document: StoredDocument | undefined, mirror: Mirror): Promise<Source> {
  return readSource(mirror.file, document && expectedTag(document, mirror));
}

type Outcome = Written<StoredDocument>;

function write(before: StoredDocument | undefined, after: StoredDocument, body: Body | undefined): Promise<Outcome> {
  return writeWithBody<StoredDocument>({
    before,
    after,
    body,
    operation: "sync",
    writer: SYNC_WRITER,
    onceKey: undefined,
    result: (document) => document,
  });
}

/** The document as it is after a write, whoever wrote it. */
function current(outcome: Outcome, { defaults }: Mirror): StoredDocument | undefined {
  const document = outcome.kind === "written" ? outcome.result : outcome.current;
  if (!document || document.project_id === defaults.project_id) return document;
  // An id is a few bits of a hash, so that it may happen, and what is another project's is not to be written over.
  throw new DomainError("INTERNAL_ERROR", "The document's id is another project's.", {}, { retryable: false });
}

/**
 * Makes a document agree with its file, whatever both are by now. The file is always looked at after the document, and
 * the write holds only over the version that was read, so that an older file never comes back; whoever was slower looks
 * at both again. After a document was archived the file is looked at once more: if it has come back meanwhile, whoever
 * followed that found the document still as it should be.
 * @param seen the document as an index has it; undefined where there is none
 * @throws DomainError INTERNAL_ERROR, UNAVAILABLE, PAYLOAD_TOO_LARGE
 */
export async function mirrorFile(mirror: Mirror, seen: StoredDocument | undefined): Promise<Mirroring> {
  let document = seen && (await readDocument(seen.document_id));
  let result: Mirroring = "unchanged";
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const source = await look(document, mirror);
    if (source.kind === "same") return result;
    const body = source.kind === "file" ? bodyOf(source.bytes) : undefined;
    const decision = decide(document, body, mirror.shows);
    if (source.kind === "file" && body && decision === "mirror") {
      const after = mirrored(document, { etag: source.etag, body }, mirror.defaults, timestamp());
      const written = await write(document, after, body);
      if (written.kind === "written") return document ? "updated" : "created";
      document = current(written, mirror);
    } else if (document && decision === "archive") {
      const written = await write(document, { ...document, status: "archived", source: { gone: true } }, undefined);
      if (written.kind === "written") result = "archived";
      document = current(written, mirror);
    } else {
      if (source.kind === "file") seenAgain(mirror.file, source.etag, document?.content_hash);
      return result;
    }
  }
  throw new DomainError("UNAVAILABLE", "Others write the document all the time.", {}, { retryAfterSeconds: 1 });
}
