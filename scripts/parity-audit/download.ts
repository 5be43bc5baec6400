import { writeFile } from "node:fs/promises";
import pRetry, { AbortError } from "p-retry";
import { UserError } from "../api/user-error.ts";
import { MAX_UNZIPPED_BYTES } from "../artifact-guard/archive.ts";

const LOOPBACK = new Set(["127.0.0.1", "[::1]", "localhost"]);
const TIMEOUT_MS = 120_000;
const RETRIES = 2;
const TOO_MANY_REQUESTS = 429;
const SERVER_ERROR = 500;

/**
 * Where code may be loaded from. An address of code holds a signature, so no error tells it.
 * @throws Error for one that is not encrypted on its way, unless it stays on this machine
 */
function safeUrl(location: string): URL {
  const url = new URL(location);
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.has(url.hostname));
  if (!isSafe) throw new Error(`code is loaded over https, not from a ${url.protocol} address`);
  return url;
}

/** @throws UserError when this process takes any certificate for a good one */
export function demandCertificateChecks(): void {
  if (process.env.NODE_TLS_REJECT_UNAUTHORIZED !== "0") return;
  throw new UserError("NODE_TLS_REJECT_UNAUTHORIZED=0 switches off the checks of certificates: unset it.");
}

async function limited(body: AsyncIterable<Uint8Array>, mostBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.byteLength;
    if (bytes > mostBytes) throw new AbortError(`the code has more than ${mostBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** What `fetch` itself says is that it has failed. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}

async function load(url: URL, mostBytes: number): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(url, { redirect: "error", signal }).catch((error: unknown) => {
    throw new Error(`the code could not be loaded: ${reasonOf(error)}`);
  });
  if (response.ok && response.body) return limited(response.body, mostBytes);
  await response.body?.cancel();
  const message = `the code could not be loaded: HTTP ${response.status}`;
  const mayPass = response.status >= SERVER_ERROR || response.status === TOO_MANY_REQUESTS;
  throw mayPass ? new Error(message) : new AbortError(message);
}

/**
 * Loads what is live into a file. What fails in passing is tried again, always with the same checks.
 * @throws Error without the address, which holds a signature
 */
export async function download(location: string, file: string, mostBytes = MAX_UNZIPPED_BYTES): Promise<void> {
  const url = safeUrl(location);
  const bytes = await pRetry(() => load(url, mostBytes), { retries: RETRIES, minTimeout: 200 });
  await writeFile(file, bytes);
}
