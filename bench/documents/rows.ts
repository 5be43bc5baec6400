import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import pLimit from "p-limit";
import { listKey, placeOf } from "../../domain/documents/full-text/keys.ts";
import type { Row } from "../records.ts";
import type { Stage } from "../stage.ts";

const BATCH = 25;
const AT_ONCE = 8;

async function writeAll({ database }: Stage, table: string, rows: readonly Row[]): Promise<void> {
  const limit = pLimit(AT_ONCE);
  const batches = Array.from({ length: Math.ceil(rows.length / BATCH) }, (_, index) =>
    rows.slice(index * BATCH, (index + 1) * BATCH).map((Item) => ({ PutRequest: { Item } })),
  );
  await limit.map(batches, (requests) => database.send(new BatchWriteCommand({ RequestItems: { [table]: requests } })));
}

/** So many documents of a project carry what a search is for, however many there are. */
export const RARE = 5;
const FIRST = Date.UTC(2026, 0, 1);

function documentOf(projectId: string, number: number): Row {
  // Rows of small and large projects have equal sizes.
  const digits = String(number).padStart(6, "0");
  const document_id = `DOC-${projectId}-${digits}`;
  const at = new Date(FIRST + number * 1_000).toISOString().replace(".000", "");
  const hash = "0".repeat(64);
  return {
    document_id,
    project_id: projectId,
    title: `Document ${digits} of the bench`,
    title_lower: `document ${digits} of the bench`,
    description: "As long as the descriptions of documents are in most projects, that is a sentence or two.",
    file_name: `${document_id}.md`,
    s3_bucket: "bench",
    s3_key: `agent-documents/${projectId}/${document_id}/${hash}.md`,
    content_type: "text/markdown",
    content_hash: hash,
    size_bytes: 4_000,
    related_items: [`BEN-TSK-${100_000 + number}`],
    keywords: ["bench", number < RARE ? "rare" : "frequent"],
    created_by: "bench@example.com",
    created_at: at,
    updated_at: at,
    updated_by: "bench@example.com",
    status: "active",
    version: 1,
    compliance_score: 80,
    compliance_warnings: ["line 3: a sentence that says what is wrong there", "line 9: another one, about as long"],
    compliance_checked_at: at,
    history_seq: 1,
    history_hash: hash,
  };
}

/** A project with so many documents, as the API and the index would have left them. */
export async function fillDocuments(stage: Stage, projectId: string, count: number): Promise<void> {
  const documents = Array.from({ length: count }, (_, number) => documentOf(projectId, number));
  await writeAll(stage, stage.documentTables.documents, documents);
  const postings = documents.flatMap(({ document_id }, number) =>
    ["document", number < RARE ? "rare" : "frequent"].map((term) => ({
      list_id: listKey({ projectId, status: "active", term }),
      entry_id: placeOf(String(document_id)),
      in_body: 3,
      length: 600,
    })),
  );
  await writeAll(stage, stage.documentTables.terms, postings);
}
