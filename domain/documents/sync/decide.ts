import type { Body } from "../body.ts";
import type { StoredDocument } from "../document.ts";
import { isMadeBySync } from "./candidates.ts";

/** What has to be written so that a document agrees with its file. */
export type Decision = "nothing" | "mirror" | "archive";

/** Whether a document was archived because its file was gone. */
function wasGone({ source }: StoredDocument): boolean {
  return source !== undefined && "gone" in source;
}

/**
 * The tag of the file whose content a document has. Undefined where it is not known, where the document has a content of
 * its own by now, and where it has to come back whatever the file's tag.
 * @param seen the tag under which the file was seen to have the document's content, where the row knows none
 */
export function knownTag(document: StoredDocument, seen: string | undefined): string | undefined {
  const { source, content_hash } = document;
  if (wasGone(document)) return undefined;
  return source !== undefined && "etag" in source && source.hash === content_hash ? source.etag : seen;
}

/**
 * @param document as read; undefined where there is none
 * @param file the content of the file; undefined where there is no file
 * @param shows whether the document is one by which the file is found
 */
export function decide(
  document: StoredDocument | undefined,
  file: Pick<Body, "hash"> | undefined,
  shows: (document: StoredDocument) => boolean,
): Decision {
  if (file === undefined) {
    return document && document.status !== "archived" && isMadeBySync(document) ? "archive" : "nothing";
  }
  // Somebody may have archived it for a reason: it comes back when its file changes, or was gone in between.
  const agrees = document?.content_hash === file.hash && shows(document) && !wasGone(document);
  return agrees ? "nothing" : "mirror";
}
