import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { awsErrorName } from "@enceladus/shared/aws-errors";
import { DomainError } from "@enceladus/shared/errors";
import { s3 } from "@enceladus/shared/s3";
import pRetry from "p-retry";
import type { BodyLocation } from "./body.ts";

/** S3 lets none of the writers that meet at one key go first, and says so. */
const MET_ANOTHER_WRITER = "ConditionalRequestConflict";
const CONTENTION = { retries: 4, minTimeout: 50, factor: 2, randomize: true };

function failed(message: string, cause: unknown): DomainError {
  return new DomainError("INTERNAL_ERROR", message, {}, { retryable: true, cause });
}

/**
 * Writes a body that is named by its content. One that is there already is the same.
 * @throws DomainError INTERNAL_ERROR; it may have been written all the same
 */
export async function putBody({ bucket, key }: BodyLocation, bytes: Uint8Array): Promise<void> {
  const put = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: bytes,
    ContentType: "text/markdown; charset=utf-8",
    CacheControl: "max-age=0, s-maxage=300, must-revalidate",
    IfNoneMatch: "*",
  });
  try {
    await pRetry(() => s3().send(put), {
      ...CONTENTION,
      shouldRetry: ({ error }) => awsErrorName(error) === MET_ANOTHER_WRITER,
    });
  } catch (error) {
    if (awsErrorName(error) === "PreconditionFailed") return;
    throw failed("The content could not be stored.", error);
  }
}

/**
 * The bytes of a body; undefined where there is none.
 * @throws DomainError INTERNAL_ERROR
 */
export async function readBody({ bucket, key }: BodyLocation): Promise<Uint8Array | undefined> {
  try {
    const { Body } = await s3().send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  } catch (error) {
    if (["NoSuchKey", "NoSuchVersion"].includes(awsErrorName(error))) return undefined;
    throw failed("The content could not be read.", error);
  }
}

/**
 * Removes a body; one that is not there is removed.
 * @throws DomainError INTERNAL_ERROR; it may have been removed all the same
 */
export async function deleteBody({ bucket, key }: BodyLocation): Promise<void> {
  try {
    await s3().send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  } catch (error) {
    throw failed("The content could not be removed.", error);
  }
}

/** A byte that is no UTF-8 becomes U+FFFD; a byte order mark is content. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text of a body. */
export function textOf(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}
