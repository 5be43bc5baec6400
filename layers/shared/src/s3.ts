import { S3Client } from "@aws-sdk/client-s3";
import { isLocal } from "./env.ts";

let client: S3Client | undefined;

/** The S3 client of this container, made at its first use. */
export function s3(): S3Client {
  client ??= new S3Client({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
    forcePathStyle: isLocal(),
    // Optional checksums would stream chunked bodies; every put here is small and signed whole.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  return client;
}
