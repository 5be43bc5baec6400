import { DomainError, invalidInput } from "@enceladus/shared/errors";
import { firstCharacters } from "@enceladus/shared/text";
import { type Writer, writerSuffix } from "./attribution.ts";
import { changeRecord } from "./change-record.ts";
import { asCriterion } from "./evidence.ts";
import { assertNotLocked } from "./lease.ts";
import { type AcceptanceCriterion, type RecordSummary, summaryOf, type Target, type TrackerRecord } from "./record.ts";

export interface CriterionEvidence {
  index: number;
  evidence: string;
  accepted: boolean;
}

export interface EvidenceResult {
  record: RecordSummary;
  criteria: AcceptanceCriterion[];
}

/**
 * What is shown for a criterion; acceptance needs something to show.
 * @throws DomainError INVALID_INPUT
 */
export function parseCriterionEvidence(index: number, evidence: string, accepted: boolean): CriterionEvidence {
  const text = evidence.trim();
  if (accepted && text === "") throw invalidInput("A criterion cannot be accepted without providing evidence.");
  return { index, evidence: text, accepted };
}

function criteriaToChange(record: TrackerRecord, index: number): AcceptanceCriterion[] {
  if (record.record_type !== "feature") throw invalidInput("Acceptance evidence only applies to features.");
  const stored = Array.isArray(record.acceptance_criteria) ? record.acceptance_criteria : [];
  if (stored.length === 0) throw invalidInput("The feature has no acceptance_criteria.");
  if (index < 0 || index >= stored.length) {
    throw invalidInput(`criterion_index ${index} is out of range: the feature has ${stored.length} criteria.`);
  }
  return stored.map(asCriterion);
}

/**
 * Puts evidence on one criterion of a feature. Where criteria changed while it was decided, what stands at the index
 * must still be the criterion that was meant.
 * @throws DomainError NOT_FOUND, INVALID_INPUT, CONFLICT, STALE_FENCE, PRECONDITION_FAILED
 */
export function putCriterionEvidence(
  target: Target,
  writer: Writer,
  { index, evidence, accepted }: CriterionEvidence,
): Promise<EvidenceResult> {
  let meant: string | undefined;
  return changeRecord<EvidenceResult>(target, writer, (record, now) => {
    assertNotLocked(record, writer, now, target.preconditions?.fence);
    const criteria = criteriaToChange(record, index);
    const description = criteria[index]?.description ?? "";
    meant ??= description;
    if (meant !== description) {
      throw new DomainError(
        "CONFLICT",
        "The criteria were modified concurrently.",
        {
          reason: "VERSION_CONFLICT",
          current_version: record.sync_version ?? 0,
          next_action: "Read the criteria again and name the one that is meant by its new index.",
        },
        { retryable: true },
      );
    }
    const next = criteria.with(index, { description, evidence, evidence_acceptance: accepted });
    const words = `Acceptance criterion [${index}] evidence ${accepted ? "accepted" : "updated"}`;
    return {
      after: { ...record, acceptance_criteria: next },
      entry: {
        operation: "acceptance_evidence",
        note: {
          status: "worklog",
          description: `${words}${writerSuffix(writer)}: ${firstCharacters(description, 80)}`,
        },
      },
      result: (written) => ({ record: summaryOf(written), criteria: next }),
    };
  });
}
