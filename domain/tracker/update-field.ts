import type { TransactItem } from "@enceladus/shared/dynamodb";
import { timestamp } from "@enceladus/shared/time";
import { type Writer, writerSuffix } from "./attribution.ts";
import { changeRecord, type Decision } from "./change-record.ts";
import { type DefaultRepository, validateCommit } from "./commit-validation.ts";
import { isEdgeField, withFieldEdges } from "./dependencies/field-edges.ts";
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
import { checkChildTasks } from "./production-gate.ts";
import { type RecordSummary, summaryOf, type Target, type TrackerRecord } from "./record.ts";
import { publishReopened } from "./reopened-event.ts";

export interface FieldUpdate {
  target: Target;
  value: FieldValue;
  evidence: TransitionEvidence;
  writer: Writer;
  /** Where the project keeps its code, for commits that do not say. */
  repository: DefaultRepository | undefined;
}

export interface UpdatedField {
  record: RecordSummary;
  /** The value as it is stored. */
  value: unknown;
  warnings: string[];
}

interface Written extends UpdatedField {
  reopened?: string | undefined;
  /** Whether edges that the field stands for are still to be made or taken away. */
  isUnfinished?: boolean;
}

async function updatePlainField(
  { value, writer }: FieldUpdate,
  record: TrackerRecord,
  now: number,
): Promise<Decision<Written>> {
  const { field, warnings } = value;
  const at = timestamp(now);
  const description = `Field '${field}' set to '${valueInWords(value.value)}'${writerSuffix(writer)}`;
  const set = withField(record, value, at);
  const { isUnfinished, ...edges } = isEdgeField(field)
    ? await withFieldEdges(record, set, field, { writer, now: at })
    : { after: set, isUnfinished: false };
  return {
    ...edges,
    entry: { operation: "update", note: { status: "worklog", description } },
    result: (written) => ({ record: summaryOf(written), value: written[field] ?? value.value, warnings, isUnfinished }),
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
  const { evidence, value } = update;
  const { type } = update.target;
  const wanted = value.value as string;
  const move = transition(type, record.status, wanted);
  const warnings = type === "feature" && wanted !== "completed" ? featureWarnings(record) : [];
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
): Promise<Decision<Written>> {
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
      record: summaryOf(written),
      value: written.status,
      warnings: [...value.warnings, ...warnings],
      reopened: move.kind === "revert" && move.reopens ? record.status : undefined,
    }),
  };
}

/**
 * Sets one field of a record. The status goes through the lifecycle and its gates; a field that names other records
 * makes and takes away the edges to them.
 * @throws DomainError NOT_FOUND, CONFLICT (held by somebody else, or changed meanwhile), VERSION_CONFLICT,
 *   STALE_FENCE, PRECONDITION_FAILED, INVALID_INPUT (gate, transition), DEPENDENCY_CYCLE, UPSTREAM_ERROR (commit
 *   validator)
 */
export async function updateField(update: FieldUpdate): Promise<UpdatedField> {
  const { target, value, writer } = update;
  const isStatus = value.field === "status";
  let commitCheck: Promise<string[]> | undefined;
  const commitChecked = () => {
    commitCheck ??= validateCommit(update.evidence, update.repository).then((warning) => (warning ? [warning] : []));
    return commitCheck;
  };
  let written = await changeRecord<Written>(
    target,
    writer,
    async (record, now) => {
      assertNotLocked(record, writer, now, target.preconditions?.fence);
      return isStatus ? updateStatus(update, record, commitChecked) : updatePlainField(update, record, now);
    },
    { judgesStatus: isStatus },
  );
  const { projectId, type, itemId } = target;
  while (written.isUnfinished) {
    const again = (record: TrackerRecord, now: number) => updatePlainField(update, record, now);
    written = await changeRecord<Written>({ projectId, type, itemId }, writer, again);
  }
  const { record, reopened, warnings } = written;
  if (reopened !== undefined) await publishReopened(record, reopened);
  return { record, value: written.value, warnings };
}
