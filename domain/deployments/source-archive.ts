import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { awsErrorName } from "@enceladus/shared/aws-errors";
import { DomainError } from "@enceladus/shared/errors";
import { s3 } from "@enceladus/shared/s3";
import type { DeployConfig } from "./deploy-config.ts";
import type { DeployRequest } from "./request.ts";
import { pendingKey } from "./request.ts";

/** An archive of sources in a bucket. */
export interface SourceArchive {
  bucket: string;
  key: string;
}

function failedToRead(cause: unknown): DomainError {
  return new DomainError(
    "INTERNAL_ERROR",
    "The source archives of the project cannot be read.",
    {},
    {
      retryable: true,
      cause,
    },
  );
}

/** The greatest key of an archive below the prefix, over all pages. */
async function newestUploaded({ bucket, prefix }: DeployConfig): Promise<string | undefined> {
  let greatest: string | undefined;
  let ContinuationToken: string | undefined;
  do {
    const page = await s3()
      .send(new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}/`, ContinuationToken }))
      .catch((cause: unknown) => {
        throw failedToRead(cause);
      });
    for (const { Key } of page.Contents ?? []) {
      if (Key?.endsWith(".zip") && (greatest === undefined || Key > greatest)) greatest = Key;
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return greatest;
}

/**
 * The archive that is to be built: the one that the latest of the requests brings along, else the one that was uploaded
 * last. Keys begin with their time, so that the greatest is the latest.
 * @returns undefined where there is none
 * @throws DomainError INTERNAL_ERROR
 */
export async function sourceOf(
  requests: readonly DeployRequest[],
  config: DeployConfig,
): Promise<SourceArchive | undefined> {
  const pinned = requests
    .filter(({ source_key }) => source_key !== undefined)
    .reduce<DeployRequest | undefined>(
      (latest, request) => (!latest || pendingKey(request) >= pendingKey(latest) ? request : latest),
      undefined,
    );
  const key = pinned?.source_key ?? (await newestUploaded(config));
  return key === undefined ? undefined : { bucket: config.bucket, key };
}

/** An archive is held in memory to look into it. */
const MAX_ARCHIVE_BYTES = 64 * 1024 * 1024;
const MAX_FILE_BYTES = 1024 * 1024;

/**
 * A text file of an archive; undefined where the archive or the file is not there, or is none, or is too large to look
 * into (64 MiB, 1 MiB).
 * @throws DomainError INTERNAL_ERROR
 */
export async function fileInArchive({ bucket, key }: SourceArchive, path: string): Promise<string | undefined> {
  let bytes: Uint8Array | undefined;
  try {
    const where = { Bucket: bucket, Key: key };
    const { ContentLength = 0 } = await s3().send(new HeadObjectCommand(where));
    if (ContentLength > MAX_ARCHIVE_BYTES) return undefined;
    const { Body } = await s3().send(new GetObjectCommand(where));
    bytes = await Body?.transformToByteArray();
  } catch (error) {
    if (["NoSuchKey", "NotFound"].includes(awsErrorName(error))) return undefined;
    throw failedToRead(error);
  }
  if (!bytes) return undefined;
  const { strFromU8, unzipSync } = await import("fflate");
  try {
    // What a file claims to unpack to is what is reserved for it.
    const files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => name === path && originalSize <= MAX_FILE_BYTES,
    });
    const file = files[path];
    return file && strFromU8(file);
  } catch {
    // Not an archive: the builder will say so.
    return undefined;
  }
}
