import { DomainError } from "@enceladus/shared/errors";
import { type Imported, type ImportRecord, imported } from "../../domain/tracker/import-format.ts";
import { importedRecord } from "../../functions/tracker-mutation/create-operations.ts";
import { fromBeads } from "./beads.ts";
import { fromCsv } from "./csv.ts";
import { fromGithub } from "./github.ts";
import type { Format, IssueFile } from "./issue-file.ts";
import { fromJsonl } from "./jsonl.ts";
import type { Draft, Mapping } from "./mapping.ts";
import { Remarks } from "./remarks.ts";

const MAPPINGS: Readonly<Record<Format, Mapping>> = {
  beads: fromBeads,
  csv: fromCsv,
  github: fromGithub,
  jsonl: fromJsonl,
};

/** A record that can be sent. */
export interface PlannedRecord {
  record: ImportRecord;
  /** What it is once the API has taken it. */
  imported: Imported;
  /** The name in the file of the task where work on it starts; the API wants its id. */
  primaryTask: string | undefined;
}

export interface Refusal {
  external_id: string;
  reason: string;
}

export interface Plan {
  /** Type by type, each in the order of the file. */
  records: PlannedRecord[];
  /** What cannot be sent, and why. */
  refused: Refusal[];
  remarks: Remarks;
}

function reasonOf(issues: readonly { path: PropertyKey[]; message: string }[]): string {
  return issues.map(({ path, message }) => `${path.map(String).join(".")}: ${message}`).join("; ");
}

function withoutPrimaryTask(draft: Draft): { draft: Draft; primaryTask: string | undefined } {
  const { primary_task, ...attributes } = (draft.attributes ?? {}) as Record<string, unknown>;
  if (typeof primary_task !== "string" || primary_task.trim() === "") return { draft, primaryTask: undefined };
  return { draft: { ...draft, attributes }, primaryTask: primary_task.trim() };
}

/** @throws DomainError that says why a draft cannot be taken */
function planned(whole: Draft): PlannedRecord | string {
  const { draft, primaryTask } = withoutPrimaryTask(whole);
  const parsed = importedRecord.safeParse(draft);
  if (!parsed.success) return reasonOf(parsed.error.issues);
  try {
    return { record: parsed.data, imported: imported(parsed.data), primaryTask };
  } catch (error) {
    if (error instanceof DomainError) return error.message;
    throw error;
  }
}

/**
 * Most edges lead from tasks to the features above them: with features first, few edges have to wait for their other
 * end. Where records name tasks as their primary task, those must be known before.
 */
function sendingOrder(records: readonly PlannedRecord[]): ImportRecord["type"][] {
  const tasksFirst = records.some(({ primaryTask }) => primaryTask !== undefined);
  return tasksFirst ? ["task", "issue", "feature"] : ["feature", "issue", "task"];
}

/** Brings the issues of a file into the tracker's words and checks each by the tracker's own rules. */
export function planImport({ format, rows }: IssueFile): Plan {
  const remarks = new Remarks();
  const refused: Refusal[] = [];
  const byName = new Map<string, PlannedRecord>();
  for (const { place, value } of rows) {
    const draft = MAPPINGS[format](value, remarks);
    if (!draft) continue;
    const name = typeof draft.external_id === "string" ? draft.external_id.trim() : "";
    const record = name === "" ? "it has no id" : planned(draft);
    if (typeof record === "string") {
      refused.push({ external_id: name || place, reason: `${place}: ${record}` });
      continue;
    }
    if (byName.has(name)) remarks.changed("of several issues with one id the last one counts", name);
    byName.set(name, record);
  }
  const all = [...byName.values()];
  const records = sendingOrder(all).flatMap((type) => all.filter(({ record }) => record.type === type));
  return { records, refused, remarks };
}
