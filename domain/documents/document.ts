import { randomBytes } from "node:crypto";

export const DOCUMENT_STATUSES = ["active", "archived"] as const;
export type DocumentStatus = (typeof DOCUMENT_STATUSES)[number];

export const CONTENT_TYPE = "text/markdown";

/** What of a row nobody but this folder sees. */
interface InternalAttributes {
  /** The head of the chain in the history table: the number and hash of the newest entry. */
  history_seq?: number;
  history_hash?: string;
  /** The title in lower case, to be searched in; rows of older writers lack it. */
  title_lower?: string;
  /** New with every write: a writer whose answer got lost knows its own by it. */
  write_id?: string;
  /** The authoritative file that the synchronisation has taken the content from. */
  source?: DocumentSource;
}

/** What is known of the file: as it was taken, or that it was gone, and the document archived for that. */
export type DocumentSource = { etag: string; hash: string } | { gone: true };

/**
 * A row of the table `documents`. Rows of older writers lack what is optional here; attributes that nobody knows any
 * more are kept as they are.
 */
export interface StoredDocument extends InternalAttributes {
  document_id: string;
  project_id: string;
  title: string;
  description?: string;
  file_name?: string;
  /** Where the body is: the row is the one pointer to it. */
  s3_bucket?: string;
  s3_key?: string;
  content_type?: string;
  /** SHA-256 of the bytes of the body, lower-case hex. */
  content_hash?: string;
  size_bytes?: number;
  related_items?: string[];
  keywords?: string[];
  created_by?: string;
  created_at?: string;
  updated_at?: string;
  updated_by?: string;
  status?: DocumentStatus;
  /** 1 at the creation, one more with every change; absent counts as 0. */
  version?: number;
  compliance_score?: number;
  compliance_warnings?: string[];
  compliance_checked_at?: string;
  [attribute: string]: unknown;
}

/** What answers show of a row, in this order; everything else is internal. */
const SHOWN = [
  "document_id",
  "project_id",
  "title",
  "description",
  "file_name",
  "s3_bucket",
  "s3_key",
  "content_type",
  "content_hash",
  "size_bytes",
  "related_items",
  "keywords",
  "created_by",
  "created_at",
  "updated_at",
  "updated_by",
  "status",
  "version",
  "compliance_score",
  "compliance_warnings",
  "compliance_checked_at",
] as const satisfies readonly (keyof StoredDocument)[];

/** A document as answers show it: the lists and the version are always there. */
export type PublicDocument = Pick<StoredDocument, (typeof SHOWN)[number]> & {
  related_items: string[];
  keywords: string[];
  version: number;
};

/** The texts of a list attribute. Older rows hold string sets, which have no order: they become sorted lists. */
function textsOf(value: unknown): string[] {
  if (value instanceof Set) return textsOf([...value]).sort();
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === "string") : [];
}

const LISTS = ["related_items", "keywords", "compliance_warnings"] as const;

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** A row as it was read, whoever wrote it: what every document has is there, and what should be a list is one. */
export function documentFromRow(row: Readonly<Record<string, unknown>>): StoredDocument {
  const lists = LISTS.filter((name) => row[name] !== undefined).map((name) => [name, textsOf(row[name])] as const);
  return {
    ...row,
    document_id: text(row.document_id),
    project_id: text(row.project_id),
    title: text(row.title),
    ...Object.fromEntries(lists),
  };
}

/** The version of a document as its entity tag and `expected_version` name it; 0 before there were versions. */
export function versionOf({ version }: Pick<StoredDocument, "version">): number {
  return typeof version === "number" ? version : 0;
}

/** A row as answers show it. */
export function publicDocument(document: StoredDocument): PublicDocument {
  const shown = SHOWN.filter((name) => document[name] !== undefined).map((name) => [name, document[name]]);
  const { related_items = [], keywords = [] } = document;
  return { ...(Object.fromEntries(shown) as StoredDocument), related_items, keywords, version: versionOf(document) };
}

const ID_BYTES = 6;

/** A new id: `DOC-` and 12 upper-case hex digits. Rare as they are, two may be equal: whoever takes one looks. */
export function newDocumentId(): string {
  return `DOC-${randomBytes(ID_BYTES).toString("hex").toUpperCase()}`;
}

/** Where in the bucket the bodies of documents are. */
export function bodiesPrefix(): string {
  return process.env.S3_PREFIX || "agent-documents";
}

/** Which document a body belongs to. */
export type Owner = Pick<StoredDocument, "document_id" | "project_id">;

/** The key of a body: its name is its content, so that it never changes. */
export function bodyKey({ project_id, document_id }: Owner, contentHash: string): string {
  return `${bodiesPrefix()}/${project_id}/${document_id}/${contentHash}.md`;
}

/** The one key that all bodies of a document had, one after the other, before bodies were named by their content. */
export function formerBodyKey({ project_id, document_id }: Owner): string {
  return `${bodiesPrefix()}/${project_id}/${document_id}.md`;
}
