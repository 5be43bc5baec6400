import { readFile } from "node:fs/promises";
import { PutObjectCommand, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import type { ApiAccess } from "../api/locate.ts";
import { UserError } from "../api/user-error.ts";
import type { Endpoints } from "../local/endpoints-file.ts";

/** Where sources are put. */
export interface SourceBucket {
  name: string;
  client: S3ClientConfig;
}

/**
 * The bucket of the sources: what was said on the command line, else DEPLOY_SOURCE_BUCKET; for a local system its own.
 * @throws UserError where nobody says
 */
export async function locateBucket(
  named: string | undefined,
  { url, endpointsFile }: ApiAccess,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<SourceBucket> {
  if (endpointsFile !== undefined) {
    const { region, aws, buckets } = JSON.parse(await readFile(endpointsFile, "utf8")) as Endpoints;
    const { accessKeyId, secretAccessKey, s3: endpoint } = aws;
    const client = { region, endpoint, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } };
    return { name: named ?? buckets.assets ?? "", client };
  }
  const name = named ?? environment.DEPLOY_SOURCE_BUCKET;
  if (!name)
    throw new UserError(`The bucket of the sources for ${url} is needed: give --bucket, or set DEPLOY_SOURCE_BUCKET.`);
  return { name, client: { region: environment.AWS_REGION ?? "us-east-1" } };
}

/** @throws UserError that says why it could not be put there */
export async function upload({ name, client }: SourceBucket, key: string, bytes: Uint8Array): Promise<void> {
  const s3 = new S3Client(client);
  try {
    await s3.send(new PutObjectCommand({ Bucket: name, Key: key, Body: bytes, ContentType: "application/zip" }));
  } catch (error) {
    const { name: code, message } = error as Error;
    throw new UserError(`The sources could not be put to s3://${name}/${key} (${code}: ${message}).`);
  } finally {
    s3.destroy();
  }
}
