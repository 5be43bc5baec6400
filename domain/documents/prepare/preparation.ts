import type { UnavailableReason } from "./outcome.ts";

/** A document as those who prepare get it. */
export interface PreparedDocument {
  filename: string;
  /** `s3://bucket/key`. */
  source: string;
  category: string;
  size_bytes: number;
  /** SHA-256 of its bytes, lower-case hex. */
  content_hash: string;
  /** Not in a dry run. */
  content?: string;
}

/** The documents of a project. */
export interface Preparation {
  project_id: string;
  /** The reference document first, then those of the configuration in its order. */
  documents: PreparedDocument[];
  total_docs: number;
  max_docs: number;
  prepared_at: string;
  /** Those that were left out. */
  warnings: MissingDocument[];
}

/** A document that a project wants and cannot have. */
export interface MissingDocument {
  filename: string;
  reason: UnavailableReason;
}
