import { createHash } from "node:crypto";
import { addAbortSignal, Readable } from "node:stream";
import { GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { awsErrorName } from "@enceladus/shared/aws-errors";
import { s3 } from "@enceladus/shared/s3";
import type { Fingerprint, Location } from "./locate.ts";
import { found, type Outcome, readFailed, unavailable } from "./outcome.ts";

/** An object as it was read. */
export interface ReadObject extends Fingerprint {
  /** Its text, a byte order mark included; undefined where nobody wanted it, or it is too long. */
  content: string | undefined;
}

/** A HEAD has no body that could say more. */
const ABSENT = new Set(["NoSuchKey", "NotFound"]);

/** 32 bytes as Base64; that of an upload in parts has their number behind it. */
const CHECKSUM = /^[A-Za-z0-9+/]{43}=$/;

class NotText extends Error {}

/** The text of bytes that come in parts: whoever has bytes that are no UTF-8 does not get it. */
class TextParts {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #limit: number;
  #parts: string[] = [];
  #bytes = 0;

  /** @param limit bytes of which the text is kept; of more it is only checked */
  constructor(limit: number) {
    this.#limit = limit;
  }

  #decode(chunk?: Uint8Array): string {
    try {
      return this.#decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (cause) {
      throw new NotText("no UTF-8", { cause });
    }
  }

  add(chunk: Uint8Array): void {
    this.#bytes += chunk.byteLength;
    const part = this.#decode(chunk);
    if (this.#bytes > this.#limit) this.#parts = [];
    else this.#parts.push(part);
  }

  end(): string | undefined {
    const rest = this.#decode();
    return this.#bytes > this.#limit ? undefined : this.#parts.join("") + rest;
  }
}

async function outcomeOf<Value>(read: () => Promise<Value>): Promise<Outcome<Value>> {
  try {
    return found(await read());
  } catch (error) {
    if (error instanceof NotText) return unavailable("NOT_TEXT");
    return ABSENT.has(awsErrorName(error)) ? unavailable("NOT_FOUND") : readFailed(error);
  }
}

/**
 * Reads a text object part by part, so that one of any size fits into the function.
 * @param limit bytes; the text of a longer one is read and hashed, but not kept
 * @param signal ends the reading early, which then has failed
 */
export function readText({ bucket, key }: Location, limit: number, signal: AbortSignal): Promise<Outcome<ReadObject>> {
  return outcomeOf(async () => {
    const command = new GetObjectCommand({ Bucket: bucket, Key: key });
    const { Body } = await s3().send(command, { abortSignal: signal });
    if (!(Body instanceof Readable)) throw new Error("an object without a body");
    const hash = createHash("sha256");
    const text = new TextParts(limit);
    let size = 0;
    for await (const chunk of addAbortSignal(signal, Body) as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      text.add(chunk);
      size += chunk.byteLength;
    }
    return { content: text.end(), hash: hash.digest("hex"), size };
  });
}

/**
 * What S3 knows of an object without sending it: its size, and its SHA-256 where it was written with that checksum.
 * @returns undefined where the hash is not known: a checksum of the parts of an upload is none of the bytes
 */
export function readFingerprint(
  { bucket, key }: Location,
  signal: AbortSignal,
): Promise<Outcome<Fingerprint | undefined>> {
  return outcomeOf(async () => {
    const command = new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: "ENABLED" });
    const { ChecksumSHA256, ChecksumType, ContentLength } = await s3().send(command, { abortSignal: signal });
    const isOfBytes = ChecksumType !== "COMPOSITE" && CHECKSUM.test(ChecksumSHA256 ?? "");
    if (!isOfBytes || ContentLength === undefined) return undefined;
    return { hash: Buffer.from(String(ChecksumSHA256), "base64").toString("hex"), size: ContentLength };
  });
}
