import { GetObjectCommand, type GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { awsErrorName } from "@enceladus/shared/aws-errors";
import { requireEnv } from "@enceladus/shared/env";
import { DomainError, invalidInput, notFound } from "@enceladus/shared/errors";
import { s3 } from "@enceladus/shared/s3";
import { timestamp } from "@enceladus/shared/time";
import { countLines } from "../lines.ts";
import type { Reference } from "./reference.ts";
import { type CachedReference, ReferenceCache } from "./reference-cache.ts";

/** Bytes of a document that is searched: it has to lie in the function's 256 MB twice, as bytes and as text. */
const MOST_BYTES = 16 * 1024 * 1024;

const cache = new ReferenceCache(2 * MOST_BYTES);

/** Where the reference document of a project lies, whether or not there is one. */
function referenceKey(projectId: string): string {
  return `${requireEnv("S3_REFERENCE_PREFIX")}/${projectId}.md`;
}

/** The one refusal of a document that is not there, and of a project that the caller may not see. */
export function noReference(projectId: string): DomainError {
  return notFound(`Project '${projectId}' has no reference document.`, { s3_key: referenceKey(projectId) });
}

function isNotModified(error: unknown): boolean {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 304;
}

/** The object, unless it is still the known one. */
async function getUnlessKnown(
  Key: string,
  known: CachedReference | undefined,
): Promise<GetObjectCommandOutput | "known" | "none"> {
  const Bucket = requireEnv("S3_BUCKET");
  try {
    return await s3().send(new GetObjectCommand({ Bucket, Key, ...(known && { IfNoneMatch: known.entityTag }) }));
  } catch (error) {
    if (isNotModified(error)) return "known";
    if (awsErrorName(error) === "NoSuchKey") return "none";
    throw error;
  }
}

async function textOf({ Body, ContentLength = 0 }: GetObjectCommandOutput, key: string): Promise<string> {
  if (ContentLength > MOST_BYTES) {
    // Nobody reads it, so its connection would stay taken.
    (Body as { destroy?: () => void } | undefined)?.destroy?.();
    throw invalidInput(`The reference document has ${ContentLength} bytes; at most ${MOST_BYTES} are searched.`, {
      s3_key: key,
      size_bytes: ContentLength,
      max_bytes: MOST_BYTES,
      next_action: "Move parts of it into documents of the project.",
    });
  }
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
  // A byte order mark stays, and what is no UTF-8 becomes U+FFFD.
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

async function read(projectId: string): Promise<Reference | undefined> {
  const key = referenceKey(projectId);
  const known = cache.get(key);
  const object = await getUnlessKnown(key, known);
  if (object === "known") return known?.reference;
  // Given up before the new one is read, so that there is room for it.
  cache.drop(key);
  if (object === "none") return undefined;
  const text = await textOf(object, key);
  const lastModified = object.LastModified ? timestamp(object.LastModified.getTime()) : null;
  const reference = { key, text, totalLines: countLines(text), lastModified };
  if (object.ETag) cache.put({ reference, entityTag: object.ETag });
  return reference;
}

/**
 * Reads the reference document of a project, in one call in which an unchanged document is not sent again.
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
  cache.clear();
}
