import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { awsErrorName } from "@enceladus/shared/aws-errors";
import { DomainError } from "@enceladus/shared/errors";
import { s3 } from "@enceladus/shared/s3";
import type { BodyLocation } from "../body.ts";

/** What the API takes is less; more than this does not fit into the memory of a function a few times over. */
export const MOST_BYTES = 16 * 1024 * 1024;

/** An authoritative file as it is now. `same`: it still has the tag that was named. */
export type Source = { kind: "absent" } | { kind: "same" } | { kind: "file"; etag: string; bytes: Uint8Array };

function failed(message: string, cause?: unknown): DomainError {
  return new DomainError("INTERNAL_ERROR", message, {}, { retryable: true, cause });
}

function isNotModified(error: unknown): boolean {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 304;
}

/**
 * Reads a file, in one call in which an unchanged one is not sent.
 * @param known the tag of the file that the caller has
 * @throws DomainError INTERNAL_ERROR, PAYLOAD_TOO_LARGE
 */
export async function readSource({ bucket, key }: BodyLocation, known: string | undefined): Promise<Source> {
  try {
    const condition = known === undefined ? {} : { IfNoneMatch: known };
    const {
      Body,
      ContentLength = 0,
      ETag,
    } = await s3().send(new GetObjectCommand({ Bucket: bucket, Key: key, ...condition }));
    if (ContentLength > MOST_BYTES) {
      // Nobody reads it, so its connection would stay taken.
      (Body as { destroy?: () => void } | undefined)?.destroy?.();
      throw new DomainError(
        "PAYLOAD_TOO_LARGE",
        `The file has ${ContentLength} bytes, and ${MOST_BYTES} are the most.`,
      );
    }
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    return { kind: "file", etag: ETag ?? "", bytes };
  } catch (error) {
    if (error instanceof DomainError) throw error;
    if (isNotModified(error)) return { kind: "same" };
    if (awsErrorName(error) === "NoSuchKey") return { kind: "absent" };
    throw failed("The file could not be read.", error);
  }
}

/** Keys may hold what XML cannot; AWS encodes them when asked to, and says that it did. */
function decoded(key: string, encoding: string | undefined): string {
  return encoding === "url" ? decodeURIComponent(key.replaceAll("+", " ")) : key;
}

/**
 * The files below a prefix: the rest of their keys, in order, with their tags.
 * @param prefix ends in a slash
 * @throws DomainError INTERNAL_ERROR
 */
export async function listSources(bucket: string, prefix: string): Promise<Map<string, string>> {
  const found: [name: string, etag: string][] = [];
  let token: string | undefined;
  try {
    do {
      const page = await s3().send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          EncodingType: "url",
          ContinuationToken: token,
        }),
      );
      for (const { Key = "", ETag = "" } of page.Contents ?? []) {
        found.push([decoded(Key, page.EncodingType).slice(prefix.length), ETag]);
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
  } catch (error) {
    throw failed("The files could not be listed.", error);
  }
  // What ends in a slash is a folder that somebody has made by hand.
  const files = found.filter(([name]) => name !== "" && !name.endsWith("/"));
  return new Map(files.sort(([one], [other]) => (one < other ? -1 : 1)));
}
