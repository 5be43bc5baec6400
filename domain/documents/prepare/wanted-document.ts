/** Where a wanted document comes from. `unknown`: from a kind of source that there is none of. */
export type Source =
  | { type: "reference" }
  | { type: "s3"; key: string }
  | { type: "docstore"; documentId: string }
  | { type: "unknown" };

/** A document that a project wants to have prepared. Texts that its configuration does not give are empty. */
export interface WantedDocument {
  filename: string;
  category: string;
  /** Whether nothing is prepared without it. */
  required: boolean;
  source: Source;
}

/** What a project wants, in the order in which it gets it, and how many it may get. */
export interface Wanted {
  documents: WantedDocument[];
  maxDocuments: number;
}

const MOST_DOCUMENTS = 5;

type Fields = Readonly<Record<string, unknown>>;

/** The fields of a map; of anything else, none. Operators write these rows by hand. */
function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

function sourceOf({ source_type, s3_key, document_id }: Fields): Source {
  switch (source_type ?? "s3") {
    case "s3":
      return { type: "s3", key: text(s3_key) };
    case "docstore":
      return { type: "docstore", documentId: text(document_id) };
    default:
      return { type: "unknown" };
  }
}

function additionalDocument(entry: unknown): WantedDocument {
  const fields = fieldsOf(entry);
  return {
    filename: text(fields.filename) || "unknown.md",
    category: text(fields.category) || "general",
    required: fields.required === true,
    source: sourceOf(fields),
  };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}

/**
 * What a project wants: its reference document, then what its configuration adds.
 * @param config the attribute `doc_prep_config` of the project; what is absent or of a wrong type has its default
 */
export function wantedDocuments(projectId: string, config: unknown): Wanted {
  const { auto_include_reference, max_docs, additional_docs } = fieldsOf(config);
  const reference: WantedDocument = {
    filename: `${projectId}-reference.md`,
    category: "reference",
    required: false,
    source: { type: "reference" },
  };
  const additional = Array.isArray(additional_docs) ? additional_docs.map(additionalDocument) : [];
  return {
    documents: auto_include_reference === false ? additional : [reference, ...additional],
    maxDocuments: isCount(max_docs) ? max_docs : MOST_DOCUMENTS,
  };
}
