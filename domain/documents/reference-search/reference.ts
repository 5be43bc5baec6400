/** A reference document, as it is stored now. */
export interface Reference {
  /** Its key in the bucket. */
  key: string;
  text: string;
  totalLines: number;
  /** A timestamp of the API; null where the store does not say. */
  lastModified: string | null;
}
