import { requireEnv } from "@enceladus/shared/env";
import { type ReferencePointer, readReferencePointer } from "../../projects/index.ts";
import type { StoredDocument } from "../document.ts";
import { readDocuments } from "../document-store.ts";
import { governanceProject } from "../reserved-keywords.ts";
import { found, type Looked, type Outcome, readFailed, unavailable } from "./outcome.ts";
import { isReadableKey } from "./readable-key.ts";
import type { WantedDocument } from "./wanted-document.ts";

/** What is known of an object without its content. */
export interface Fingerprint {
  /** SHA-256 of its bytes, lower-case hex. */
  hash: string;
  /** In bytes. */
  size: number;
}

/** The object that holds a document. */
export interface Location {
  bucket: string;
  key: string;
  /** What the document's row says of it. */
  fingerprint?: Fingerprint | undefined;
}

const SHA_256 = /^[0-9a-f]{64}$/;

function fingerprintOf({ content_hash, size_bytes }: StoredDocument): Fingerprint | undefined {
  const isKnown = SHA_256.test(content_hash ?? "") && Number.isInteger(size_bytes);
  return isKnown ? { hash: String(content_hash), size: Number(size_bytes) } : undefined;
}

function objectAt(bucket: string, key: string, fingerprint?: Fingerprint): Outcome<Location> {
  if (key === "") return unavailable("MISSING_KEY");
  if (!isReadableKey(key)) return unavailable("NOT_FOUND", "the key is outside of what may be prepared");
  return found({ bucket: bucket || requireEnv("S3_BUCKET"), key, fingerprint });
}

/**
 * Where a document of the store is. One of a project that is neither this one nor that of the governance is answered
 * as one that does not exist.
 */
export function locateDocument(projectId: string, row: StoredDocument | undefined): Outcome<Location> {
  if (row === undefined) return unavailable("NOT_FOUND");
  const isOurs = [projectId, governanceProject()].includes(row.project_id);
  if (!isOurs) return unavailable("NOT_FOUND", "the document belongs to another project");
  const { s3_bucket, s3_key } = row;
  const [bucket, key] = [s3_bucket, s3_key].map((value) => (typeof value === "string" ? value : ""));
  return objectAt(bucket ?? "", key ?? "", fingerprintOf(row));
}

/** Where the body of a document is, and what is known of it. */
const POINTER = ["document_id", "project_id", "s3_bucket", "s3_key", "content_hash", "size_bytes"];

async function attempt<Value>(read: () => Promise<Value>): Promise<Outcome<Value>> {
  try {
    return found(await read());
  } catch (cause) {
    return readFailed(cause);
  }
}

interface Knowledge {
  reference: Outcome<ReferencePointer | undefined>;
  pointers: Outcome<ReadonlyMap<string, StoredDocument>>;
}

function located(projectId: string, { source }: WantedDocument, { reference, pointers }: Knowledge): Outcome<Location> {
  switch (source.type) {
    case "reference":
      if (reference.kind !== "found") return reference;
      return reference.value ? objectAt(reference.value.bucket, reference.value.key) : unavailable("NOT_FOUND");
    case "s3":
      return objectAt("", source.key);
    case "docstore":
      if (source.documentId === "") return unavailable("MISSING_KEY");
      if (pointers.kind !== "found") return pointers;
      return locateDocument(projectId, pointers.value.get(source.documentId));
    case "unknown":
      return unavailable("UNKNOWN_SOURCE_TYPE");
  }
}

/**
 * Which object holds each of the documents that a project wants, in their order: one read for the reference document,
 * one for all documents of the store, none where nobody wants one.
 */
export async function locate(projectId: string, wanted: readonly WantedDocument[]): Promise<Looked<Location>[]> {
  const sources = wanted.map(({ source }) => source);
  const ids = sources.flatMap((source) => (source.type === "docstore" ? [source.documentId] : []));
  const wantsReference = sources.some(({ type }) => type === "reference");
  const [reference, pointers] = await Promise.all([
    attempt(async () => (wantsReference ? readReferencePointer(projectId) : undefined)),
    attempt(() => readDocuments(ids, POINTER)),
  ]);
  return wanted.map((document) => ({
    wanted: document,
    outcome: located(projectId, document, { reference, pointers }),
  }));
}
