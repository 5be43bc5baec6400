import { canonicalHash } from "@enceladus/shared/hash";
import type { HttpRequest } from "./http-event.ts";
import { type Reply, reply, toJson } from "./reply.ts";

/** The entity tag of a thing that counts its versions. */
export function versionTag(version: number | string): string {
  return `"${version}"`;
}

/**
 * The entity tag of a thing without a version of its own: a hash of all that is answered, so that two answers with one
 * tag are the same answer (RFC 9110, 8.8.1: a strong validator changes whenever the representation does).
 */
export function contentTag(answered: unknown): string {
  return `"h-${canonicalHash(JSON.parse(toJson(answered))).slice(0, 16)}"`;
}

const opaque = (tag: string) => tag.trim().replace(/^W\//, "");

/** Whether the caller already has what would be answered (`If-None-Match`, RFC 9110 13.1.2: weak comparison). */
export function isKnownToCaller(request: HttpRequest, tag: string): boolean {
  const known = request.headers["if-none-match"];
  if (known === undefined) return false;
  return known.trim() === "*" || known.split(",").some((candidate) => opaque(candidate) === tag);
}

/**
 * The answer to a read of one thing: 304 where the caller has it already, else 200 with the body, both with the tag.
 * @param tag from `versionTag` or `contentTag`
 */
export function replyUnlessKnown(request: HttpRequest, tag: string, body: unknown): Reply {
  const headers = { ETag: tag };
  return isKnownToCaller(request, tag) ? reply(304, undefined, headers) : reply(200, body, headers);
}
