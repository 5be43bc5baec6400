import { timestamp } from "@enceladus/shared/time";
import { type Writer, writerSuffix } from "./attribution.ts";
import { changeRecord, type Decision } from "./change-record.ts";
import { type DefaultRepository, validateCommit } from "./commit-validation.ts";
import {
  checkEvidence,
  checkRecord,
  evidenceAttributes,
  evidenceSuffix,
  featureWarnings,
  type TransitionEvidence,
} from "./evidence.ts";
import { type FieldValue, valueInWords, withField } from "./field-update.ts";
import { assertNotLocked } from "./lease.ts";
import { type Transition, transition } from "./lifecycle.ts";
import { type Edge, putEdge, removeEdge } from "./link-store.ts";
import { checkChildTasks } from "./production-gate.ts";
import { projectsOfIds } from "./projects-of-ids.ts";
import { remember } from "./recent-records.ts";
import type { RecordAddress, TrackerRecord } from "./record.ts";
import { assertVersion } from "./record-version.ts";
import { publishReopened } from "./reopened-event.ts";
import type { TransactItem } from "./transaction.ts";

export interface FieldUpdate {
  address: RecordAddress;
  value: FieldValue;
  evidence: TransitionEvidence;
  expectedVersion: number | undefined;
  writer: Writer;
  /** Where the project keeps its code, for commits that do not say. */
  repository: DefaultRepository | undefined;
}

export interface UpdatedField {
  record: TrackerRecord;
  warnings: string[];
}

/** An edge stands at the other record too, whose project may be one that the writer does not see. */
async function mayLinkTo(itemId: string, { visible }: Writer): Promise<boolean> {
  return visible === "all" || (await projectsOfIds([itemId], visible))(itemId) !== undefined;
}

/** The edge rows that follow a change of `parent`, so that children are found without reading the project. */
async function parentEdges(
  before: TrackerRecord,
  parent: string,
  writer: Writer,
  now: string,
): Promise<TransactItem[]> {
  const edge = (to: string): Edge => ({ from: before.item_id, to, kind: "parent" });
  if (before.parent === parent) return [];
  const old = before.parent ? removeEdge(edge(before.parent)) : [];
  return parent !== "" && (await mayLinkTo(parent, writer)) ? [...old, ...putEdge(edge(parent), now)] : old;
}

async function updatePlainField(
  update: FieldUpdate,
  record: TrackerRecord,
  now: number,
): Promise<Decision<UpdatedField>> {
  const { value, writer } = update;
  const at = timestamp(now);
  return {
    after: withField(record, value, at),
    entry: {
      operation: "update",
      note: {
        status: "worklog",
        description: `Field '${value.field}' set to '${valueInWords(value.value)}'${writerSuffix(writer)}`,
      },
    },
    ...(value.field === "parent" && { others: await parentEdges(record, value.value as string, writer, at) }),
    result: (written) => ({ record: written, warnings: value.warnings }),
  };
}

interface Judged {
  move: Transition;
  warnings: string[];
  checks: TransactItem[];
}

/** A move as the lifecycle and its gate see it; gates apply to forward moves only. */
async function judge(
  update: FieldUpdate,
  record: TrackerRecord,
  commitChecked: () => Promise<string[]>,
): Promise<Judged> {
  const { address, evidence, value } = update;
  const target = value.value as string;
  const move = transition(address.type, record.status, target);
  const warnings = address.type === "feature" && target !== "completed" ? featureWarnings(record) : [];
  if (move.kind === "revert") checkEvidence("revert-reason", evidence);
  if (move.kind !== "forward") return { move, warnings, checks: [] };
  checkEvidence(move.gate, evidence);
  checkRecord(move.gate, record);
  if (move.gate === "commit") return { move, warnings: [...warnings, ...(await commitChecked())], checks: [] };
  const checks = move.gate === "child-tasks-deployed" ? await checkChildTasks(record, update.writer.visible) : [];
  return { move, warnings, checks };
}

async function updateStatus(
  update: FieldUpdate,
  record: TrackerRecord,
  commitChecked: () => Promise<string[]>,
): Promise<Decision<UpdatedField & { reopened: string | undefined }>> {
  const { evidence, value, writer } = update;
  const { move, warnings, checks } = await judge(update, record, commitChecked);
  const words = `Field 'status' set to '${value.value}'${writerSuffix(writer)}${evidenceSuffix(evidence)}`;
  return {
    after: { ...record, ...evidenceAttributes(evidence), status: value.value as string },
    entry: {
      operation: "status",
      note: { status: "worklog", description: words },
      ...(evidence.revert_reason && { reason: evidence.revert_reason }),
    },
    others: checks,
    result: (written) => ({
      record: written,
      warnings: [...value.warnings, ...warnings],
      reopened: move.kind === "revert" && move.reopens ? record.status : undefined,
    }),
  };
}

/**
 * Sets one field of a record. The status goes through the lifecycle and its gates.
 * @throws DomainError NOT_FOUND, CONFLICT (held by somebody else, or changed meanwhile), VERSION_CONFLICT,
 *   INVALID_INPUT (gate, transition), UPSTREAM_ERROR (commit validator)
 */
export async function updateField(update: FieldUpdate): Promise<UpdatedField> {
  const { address, value, writer, expectedVersion } = update;
  const isStatus = value.field === "status";
  let commitCheck: Promise<string[]> | undefined;
  const commitChecked = () => {
    commitCheck ??= validateCommit(update.evidence, update.repository).then((warning) => (warning ? [warning] : []));
    return commitCheck;
  };
  const updated = await changeRecord<UpdatedField & { reopened?: string | undefined }>(
    address,
    writer,
    (record, now) => {
      assertNotLocked(record, writer, now);
      assertVersion(record, expectedVersion);
      return isStatus ? updateStatus(update, record, commitChecked) : updatePlainField(update, record, now);
    },
    { judgesStatus: isStatus },
  );
  remember(updated.record);
  if (updated.reopened !== undefined) await publishReopened(updated.record, updated.reopened);
  return updated;
}
