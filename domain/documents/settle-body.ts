import { isSamePlace, locationOf } from "./body.ts";
import type { StoredDocument } from "./document.ts";
import { readDocument } from "./document-store.ts";
import { cease, type LooseBody, remove, withdraw } from "./loose-body-store.ts";

/** What became of a loose body; `passed` where others hold it too, or somebody is removing it. */
export type Fate = "kept" | "removed" | "passed";

/** The document that a loose body belongs to, as it is now. */
function ownerOf({ owner }: LooseBody): Promise<StoredDocument | undefined> {
  return readDocument(owner.document_id);
}

async function settle(body: LooseBody, document: StoredDocument | undefined, now: number): Promise<Fate> {
  if (document && isSamePlace(locationOf(document), body)) return (await withdraw(body)) ? "kept" : "passed";
  return (await remove(body, now)) ? "removed" : "passed";
}

/**
 * Settles a loose body that has been seen: it is kept where its row names it, and else removed.
 * @param now milliseconds since the epoch
 * @throws DomainError INTERNAL_ERROR
 */
export async function settleBody(body: LooseBody, now: number): Promise<Fate> {
  return settle(body, await ownerOf(body), now);
}

/** Others can come and go between two looks, but hardly so often. */
const LOOKS = 5;

/**
 * Settles a body that a writer has put and its row does not name through it. Where others hold the body too, theirs is
 * the last word.
 * @param current its document as the lost transaction has found it; else it is read
 * @throws DomainError INTERNAL_ERROR
 */
export async function takeBack(body: LooseBody, current?: StoredDocument): Promise<void> {
  let document = current;
  for (let look = 0; look < LOOKS; look += 1) {
    document ??= await ownerOf(body);
    if ((await settle(body, document, Date.now())) !== "passed" || (await cease(body))) return;
    document = undefined;
  }
}
