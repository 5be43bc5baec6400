import { GetObjectCommand, type GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { awsErrorName } from "@enceladus/shared/aws-errors";
import { requireEnv } from "@enceladus/shared/env";
import { DomainError, invalidInput, notFound } from "@enceladus/shared/errors";
import { s3 } from "@enceladus/shared/s3";
import { timestamp } from "@enceladus/shared/time";
import { countLines } from "../lines.ts";

/** Bytes of a document that is searched. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Bytes of texts that a container keeps. */
const MOST_KEPT = 2 * MOST_BYTES;

/** A reference document, as it is stored now. */
export interface Reference {
  key: string;
  text: string;
  totalLines: number;
  /** A timestamp of the API; null where the store does not say. */
  lastModified: string | null;
}

interface Kept {
  reference: Reference;
  entityTag: string;
}

/** The texts that were read last, the latest at the end. */
const kept = new Map<string, Kept>();

/** A text has one byte for each of its characters, or two once one of them is beyond Latin-1. */
function memoryOf({ reference }: Kept): number {
  return 2 * reference.text.length;
}

function keep(entry: Kept): void {
  kept.set(entry.reference.key, entry);
  let total = [...kept.values()].reduce((sum, one) => sum + memoryOf(one), 0);
  for (const [key, oldest] of kept) {
    if (total <= MOST_KEPT) return;
    kept.delete(key);
    total -= memoryOf(oldest);
  }
}

/** Where the reference document of a project lies, whether or not there is one. */
export function referenceKey(projectId: string): string {
  return `${requireEnv("S3_REFERENCE_PREFIX")}/${projectId}.md`;
}

/** The one refusal of a document that is not there, and of a project that the caller may not see. */
export function noReference(projectId: string): DomainError {
  const details = { s3_key: referenceKey(projectId) };
  return notFound(`Project '${projectId}' has no reference document.`, details);
}

function isNotModified(error: unknown): boolean {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 304;
}

/** The object, unless it is still the known one. Its body has to be read or destroyed. */
async function getUnlessKnown(
  Key: string,
  known: Kept | undefined,
): Promise<GetObjectCommandOutput | "known" | "none"> {
  const Bucket = requireEnv("S3_BUCKET");
  try {
    return await s3().send(new GetObjectCommand({ Bucket, Key, ...(known && { IfNoneMatch: known.entityTag }) }));
  } catch (error) {
    if (known && isNotModified(error)) return "known";
    if (awsErrorName(error) === "NoSuchKey") return "none";
    throw error;
  }
}

async function textOf(object: GetObjectCommandOutput, key: string): Promise<string> {
  const size = object.ContentLength ?? 0;
  if (size > MOST_BYTES) {
    // Nobody reads it, so its connection would stay taken.
    (object.Body as { destroy?: () => void } | undefined)?.destroy?.();
    throw invalidInput(`The reference document has ${size} bytes; at most ${MOST_BYTES} are searched.`, {
      s3_key: key,
      size_bytes: size,
      max_bytes: MOST_BYTES,
      next_action: "Move parts of it into documents of the project.",
    });
  }
  const bytes = (await object.Body?.transformToByteArray()) ?? new Uint8Array();
  // The byte order mark stays, and what is no UTF-8 becomes U+FFFD.
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

async function read(projectId: string): Promise<Reference | undefined> {
  const key = referenceKey(projectId);
  const known = kept.get(key);
  const object = await getUnlessKnown(key, known);
  if (known && object === "known") {
    kept.delete(key);
    kept.set(key, known);
    return known.reference;
  }
  // Given up before the next one is read, so that there is room for both.
  kept.delete(key);
  if (object === "none" || object === "known") return undefined;
  const text = await textOf(object, key);
  const lastModified = object.LastModified ? timestamp(object.LastModified.getTime()) : null;
  const reference = { key, text, totalLines: countLines(text), lastModified };
  if (object.ETag) keep({ reference, entityTag: object.ETag });
  return reference;
}

/**
 * Reads the reference document of a project: one call, in which an unchanged document is not sent again.
 * @throws DomainError NOT_FOUND where there is none, INVALID_INPUT where it is too large to be searched,
 * INTERNAL_ERROR where it cannot be read
 */
export async function readReference(projectId: string): Promise<Reference> {
  try {
    const reference = await read(projectId);
    if (reference) return reference;
  } catch (cause) {
    if (cause instanceof DomainError) throw cause;
    throw new DomainError("INTERNAL_ERROR", "The reference document cannot be read.", {}, { retryable: true, cause });
  }
  throw noReference(projectId);
}

/** Empties the cache, for tests that begin with a fresh container. */
export function forgetReferences(): void {
  kept.clear();
}
