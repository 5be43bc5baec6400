import { type DomainError, invalidInput } from "@enceladus/shared/errors";
import { firstCharacters } from "@enceladus/shared/text";
import type { Gate } from "./lifecycle.ts";
import type { AcceptanceCriterion, TrackerRecord } from "./record.ts";

/** What a status write brings along to pass its gate. */
export interface TransitionEvidence {
  commit_sha?: string | undefined;
  owner?: string | undefined;
  repo?: string | undefined;
  merge_evidence?: string | undefined;
  deployment_ref?: string | undefined;
  revert_reason?: string | undefined;
}

function gateClosed(message: string, field: string, wants: string): DomainError {
  return invalidInput(message, { field, next_action: `Send transition_evidence.${field}: ${wants}.` });
}

/**
 * Checks what a gate wants of the request itself.
 * @throws DomainError INVALID_INPUT
 */
export function checkEvidence(gate: Gate | undefined, evidence: TransitionEvidence): void {
  if (gate === "revert-reason" && !evidence.revert_reason) {
    throw gateClosed("A move back requires transition_evidence.revert_reason.", "revert_reason", "why it goes back");
  }
  if (gate === "commit") {
    if (!evidence.commit_sha) {
      throw gateClosed("transition_evidence.commit_sha is required.", "commit_sha", "the commit that was pushed");
    }
    if (!/^[0-9a-f]{40}$/.test(evidence.commit_sha)) {
      throw gateClosed("transition_evidence.commit_sha must be a 40-char hex SHA.", "commit_sha", "40 hex digits");
    }
  }
  if (gate === "merge" && !evidence.merge_evidence) {
    throw gateClosed("transition_evidence.merge_evidence is required.", "merge_evidence", "the merge or pull request");
  }
  if (gate === "deployment" && !evidence.deployment_ref) {
    throw gateClosed("transition_evidence.deployment_ref is required.", "deployment_ref", "the deployment");
  }
}

/** A stored criterion; older features hold plain texts, which count as not accepted. */
export function asCriterion(value: unknown): AcceptanceCriterion {
  if (typeof value === "string") return { description: value, evidence: "", evidence_acceptance: false };
  const stored = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  return {
    description: typeof stored.description === "string" ? stored.description : "",
    evidence: typeof stored.evidence === "string" ? stored.evidence : "",
    evidence_acceptance: stored.evidence_acceptance === true,
  };
}

/** The criteria of a record; none where there is no list. */
export function criteriaOf(record: TrackerRecord): AcceptanceCriterion[] {
  return Array.isArray(record.acceptance_criteria) ? record.acceptance_criteria.map(asCriterion) : [];
}

function blank(value: unknown): boolean {
  return typeof value !== "string" || value.trim() === "";
}

/**
 * Checks what a gate wants of the record.
 * @throws DomainError INVALID_INPUT
 */
export function checkRecord(gate: Gate | undefined, record: TrackerRecord): void {
  if (gate === "issue-evidence" && !(Array.isArray(record.evidence) && record.evidence.length > 0)) {
    throw invalidInput("An issue is closed with evidence: evidence is required.", {
      next_action: "Set the field 'evidence' first.",
    });
  }
  if (gate === "feature-complete") {
    if (blank(record.user_story)) throw invalidInput("A feature is completed with a user_story.");
    const criteria = criteriaOf(record);
    if (criteria.length === 0)
      throw invalidInput("A feature is completed with at least one acceptance_criteria entry.");
    const open = criteria
      .map((criterion, index) => ({ ...criterion, index }))
      .filter((one) => !one.evidence_acceptance);
    if (open.length > 0) {
      const lines = open.map(({ index, description }) => `[${index}] ${description}`);
      throw invalidInput(`not all acceptance criteria validated:\n${lines.join("\n")}`, {
        open_criteria: open.map(({ index, description }) => ({ index, description })),
        next_action: "Post acceptance-evidence for each open criterion.",
      });
    }
  }
}

/** What a feature still lacks, told as a warning while that blocks nothing yet. */
export function featureWarnings(record: TrackerRecord): string[] {
  const missing = [
    blank(record.user_story) && "user_story",
    criteriaOf(record).length === 0 && "acceptance_criteria",
  ].filter((field): field is string => Boolean(field));
  return missing.map((field) => `The feature has no ${field} yet; it cannot be completed without.`);
}

/** Evidence that stays on the record as attributes; the reason of a revert lives in the history only. */
export function evidenceAttributes(evidence: TransitionEvidence): Partial<TrackerRecord> {
  const { commit_sha, deployment_ref, merge_evidence } = evidence;
  return {
    ...(commit_sha && { commit_sha }),
    ...(deployment_ref && { deployment_ref }),
    ...(merge_evidence && { merge_evidence }),
  };
}

/** What the history says of the evidence: ` [evidence: commit: 0123456789ab, deploy: v1]`, or nothing. */
export function evidenceSuffix(evidence: TransitionEvidence): string {
  const parts = [
    evidence.commit_sha && `commit: ${firstCharacters(evidence.commit_sha, 12)}`,
    evidence.deployment_ref && `deploy: ${evidence.deployment_ref}`,
    evidence.merge_evidence && `merge: ${firstCharacters(evidence.merge_evidence, 80)}`,
    evidence.revert_reason && `revert: ${firstCharacters(evidence.revert_reason, 80)}`,
  ].filter(Boolean);
  return parts.length > 0 ? ` [evidence: ${parts.join(", ")}]` : "";
}
