import type { BodyLocation } from "../body.ts";

/**
 * Tags of files whose content their documents have, where the rows do not know it: rows of older writers, and files that
 * were written anew with the same bytes under another tag. It is not written down: every write of a row is an event for
 * all who follow the table, and nothing that a reader sees has changed. A container reads such a file once.
 */
const seen = new Map<string, { etag: string; hash: string }>();
const MOST_SEEN = 1_000;

const nameOf = ({ bucket, key }: BodyLocation) => `${bucket}/${key}`;

/** The tag under which a file had this content when it was last read here. */
export function tagSeen(file: BodyLocation, hash: string | undefined): string | undefined {
  const known = seen.get(nameOf(file));
  return known?.hash === hash ? known?.etag : undefined;
}

/** Remembers that a file has, under this tag, the content that its document has. */
export function seenAgain(file: BodyLocation, etag: string, hash: string | undefined): void {
  if (hash === undefined) return;
  const name = nameOf(file);
  seen.delete(name);
  seen.set(name, { etag, hash });
  const [oldest] = seen.keys();
  if (seen.size > MOST_SEEN && oldest !== undefined) seen.delete(oldest);
}
