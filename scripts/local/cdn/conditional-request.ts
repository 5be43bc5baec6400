/** What a browser says of the copy that it has. */
export interface Condition {
  ifNoneMatch?: string | undefined;
  ifModifiedSince?: string | undefined;
}

const opaqueTag = (tag: string) => tag.trim().replace(/^W\//, "");

/**
 * Whether a copy is still that of the object, so that 304 is all there is to say (RFC 9110, 13.1): by its tag, else by
 * its time, which has no fractions of a second.
 */
export function isUnchanged(
  { ifNoneMatch, ifModifiedSince }: Condition,
  object: { etag?: string | undefined; lastModified?: string | undefined },
): boolean {
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() === "*") return true;
    return object.etag !== undefined && ifNoneMatch.split(",").map(opaqueTag).includes(opaqueTag(object.etag));
  }
  const since = Date.parse(ifModifiedSince ?? "");
  return Date.parse(object.lastModified ?? "") <= since;
}
