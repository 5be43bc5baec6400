import { isSamePlace, locationOf } from "./body.ts";
import type { StoredDocument } from "./document.ts";
import { readDocument } from "./document-store.ts";
import { type LooseBody, remove, withdraw } from "./loose-body-store.ts";

/** What became of a loose body; `passed` where somebody has announced it anew, or is removing it. */
export type Fate = "kept" | "removed" | "passed";

/**
 * Settles a loose body: it is kept where its row names it, and else removed.
 * @param document its document as it was at some time since the body was seen loose
 * @param now milliseconds since the epoch
 * @throws DomainError INTERNAL_ERROR
 */
export async function settleBody(
  body: LooseBody,
  document: StoredDocument | undefined,
  now: number = Date.now(),
): Promise<Fate> {
  if (document && isSamePlace(locationOf(document), body)) {
    await withdraw(body);
    return "kept";
  }
  return (await remove(body, now)) ? "removed" : "passed";
}

/** The document that a loose body belongs to, as it is now. */
export function ownerOf({ owner }: LooseBody): Promise<StoredDocument | undefined> {
  return readDocument(owner.document_id);
}
