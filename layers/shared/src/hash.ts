import { hash, timingSafeEqual } from "node:crypto";
import canonicalize from "canonicalize";

/** SHA-256 of a text or of bytes, lower-case hex. */
export function sha256(data: string | Uint8Array): string {
  return hash("sha256", data, "hex");
}

/**
 * SHA-256 over the canonical JSON (RFC 8785) of a value, lower-case hex: equal values have equal hashes whatever the
 * order of their keys.
 */
export function canonicalHash(value: unknown): string {
  return sha256(canonicalize(value) ?? "null");
}

/** Whether two secrets are equal, in a time that tells nothing about where they differ or how long they are. */
export function secretsEqual(left: string, right: string): boolean {
  const digest = (text: string) => hash("sha256", text, "buffer");
  return timingSafeEqual(digest(left), digest(right));
}
