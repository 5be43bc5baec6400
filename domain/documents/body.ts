import { requireEnv } from "@enceladus/shared/env";
import { sha256 } from "@enceladus/shared/hash";
import { bodyKey, formerBodyKey, type Owner, type StoredDocument } from "./document.ts";

/** The content of a document as bytes, and what its row says of them. */
export interface Body {
  bytes: Uint8Array;
  /** SHA-256, lower-case hex. */
  hash: string;
}

/** Where a body is. */
export interface BodyLocation {
  bucket: string;
  key: string;
}

/** @param content a text becomes UTF-8; bytes are taken as they are */
export function bodyOf(content: string | Uint8Array): Body {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return { bytes, hash: sha256(bytes) };
}

/** Where a body of a document is put. */
export function locationFor(owner: Owner, { hash }: Body): BodyLocation {
  return { bucket: requireEnv("S3_BUCKET"), key: bodyKey(owner, hash) };
}

/** Where the body of a document is; rows that do not say it have it where all bodies of a document were once. */
export function locationOf(document: StoredDocument): BodyLocation {
  const { s3_bucket, s3_key } = document;
  return { bucket: s3_bucket || requireEnv("S3_BUCKET"), key: s3_key || formerBodyKey(document) };
}

export function isSamePlace(one: BodyLocation, other: BodyLocation): boolean {
  return one.bucket === other.bucket && one.key === other.key;
}

/** Whether the body at a place belongs to this document alone: a row may name files that are not ours to remove. */
export function isOwnBody(owner: Owner, { bucket, key }: BodyLocation): boolean {
  const isNamedByContent = key === bodyKey(owner, key.slice(-67, -3));
  return bucket === requireEnv("S3_BUCKET") && (isNamedByContent || key === formerBodyKey(owner));
}
