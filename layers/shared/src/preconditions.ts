/** What a caller believes of the thing that it is about to change. */
export interface Preconditions {
  /**
   * Entity tags of `If-Match`, without their quotes, one of which must be that of the thing as it is; `*` for any thing
   * that exists. Weak tags are left out: they match nothing (RFC 9110, 13.1.1).
   */
  ifMatch?: readonly string[] | "*";
  /** The fence of the lease under which the caller works. */
  fence?: number;
}
