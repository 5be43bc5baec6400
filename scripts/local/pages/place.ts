import { readdir, readFile } from "node:fs/promises";
import { extname } from "node:path";
import { HeadObjectCommand, NotFound, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { LOCAL_CREDENTIALS } from "../function-environment.ts";

const FOLDER = new URL("enceladus/", import.meta.url);
const PREFIX = "enceladus/";
const PAGE = "index.html";
/** By this metadata the next start knows its own objects from those of somebody's app. */
const MARK = { "placed-by": "npm-start" };

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

export interface PageTarget {
  s3Url: string;
  region: string;
  bucket: string;
}

type Found = "nothing" | "ours" | "theirs";

async function found(client: S3Client, Bucket: string, Key: string): Promise<Found> {
  try {
    const { Metadata = {} } = await client.send(new HeadObjectCommand({ Bucket, Key }));
    return Metadata["placed-by"] === MARK["placed-by"] ? "ours" : "theirs";
  } catch (error) {
    if (error instanceof NotFound) return "nothing";
    throw error;
  }
}

/**
 * Puts the demo page into the bucket behind the CDN, so that there is something to sign in to. An app that somebody has
 * put there stays as it is.
 */
export async function placePages({ s3Url, region, bucket: Bucket }: PageTarget): Promise<void> {
  const client = new S3Client({ endpoint: s3Url, region, credentials: LOCAL_CREDENTIALS, forcePathStyle: true });
  try {
    if ((await found(client, Bucket, PREFIX + PAGE)) === "theirs") return;
    for (const name of await readdir(FOLDER)) {
      const Key = PREFIX + name;
      if ((await found(client, Bucket, Key)) === "theirs") continue;
      await client.send(
        new PutObjectCommand({
          Bucket,
          Key,
          Body: await readFile(new URL(name, FOLDER)),
          ContentType: CONTENT_TYPES[extname(name)] ?? "application/octet-stream",
          CacheControl: "no-cache",
          Metadata: MARK,
        }),
      );
    }
  } finally {
    client.destroy();
  }
}
