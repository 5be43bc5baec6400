import { randomBytes } from "node:crypto";
import { awsErrorName } from "@enceladus/shared/aws-errors";
import { DomainError } from "@enceladus/shared/errors";
import { log } from "@enceladus/shared/log";
import { count } from "@enceladus/shared/metrics";
import { firstCharacters } from "@enceladus/shared/text";
import { epochSeconds, timestamp } from "@enceladus/shared/time";
import { addEntry, type ComplianceEntry } from "./compliance-store.ts";
import { evaluate, type Judgement } from "./evaluate.ts";
import { defaultPolicy, policyId, type StoragePolicy } from "./policy.ts";
import { readPolicy } from "./policy-store.ts";
import type { DocumentPolicyRequest } from "./request.ts";

/** A judgement with the policy that it rests on, as callers and records have it. */
export interface Evaluation extends Judgement {
  success: true;
  policy_id: string;
  policy_source: StoragePolicy["source"];
  policy_status: string;
  enforcement_mode: string;
  allowed_targets: string[];
  allowed: boolean;
  checked_at: string;
}

/** A table that does not answer must not use up the time of the call that is being judged. */
const PATIENCE_MS = 2_000;
const DAY_SECONDS = 86_400;
const KEPT_DAYS = { allowed: 90, denied: 400 } as const;

/** A failure that decides nothing, told to those who can do something about it. */
async function reportTrouble(event: string, error: unknown): Promise<void> {
  log().error(event, { reason: awsErrorName(error), error: error as Error });
  await count(event, { reason: awsErrorName(error) || "unknown" });
}

async function currentPolicy(): Promise<StoragePolicy> {
  const id = policyId();
  try {
    return (await readPolicy(id, AbortSignal.timeout(PATIENCE_MS))) ?? defaultPolicy(id);
  } catch (error) {
    await reportTrouble("document_policy_unreadable", error);
    return defaultPolicy(id);
  }
}

const MAX_LABEL = 128;

/** What the caller says of itself, as a record keeps it. Longer texts, or blank ones, would keep the record from its indexes. */
function label(claim: unknown): string {
  return typeof claim === "string" ? firstCharacters(claim.trim(), MAX_LABEL) : "";
}

function entryOf(
  request: DocumentPolicyRequest,
  evaluation: Evaluation,
  principal: string,
  now: number,
): ComplianceEntry {
  const { operation, storage_target, decision, reasons, policy_source, policy_status, enforcement_mode } = evaluation;
  const at = timestamp(now);
  return {
    violation_id: `CMP-${randomBytes(10).toString("hex").toUpperCase()}`,
    policy_id: evaluation.policy_id,
    event_epoch: epochSeconds(now),
    event_time: at,
    result: decision,
    provider: label(request.provider) || "unknown",
    project_id: label(request.project_id),
    coordination_request_id: label(request.coordination_request_id) || label(request.request_id),
    dispatch_id: label(request.dispatch_id),
    principal,
    details: { operation, storage_target, decision, reasons, policy_source, policy_status, enforcement_mode },
    created_at: at,
    expires_at: epochSeconds(now) + KEPT_DAYS[decision] * DAY_SECONDS,
  };
}

/**
 * Judges whether a document may be stored where somebody wants to store it, and records that it was asked. Neither a
 * policy that cannot be read nor a record that cannot be written keeps it from its decision: the former is replaced by
 * the default, which enforces.
 * @param request need not be validated: what is of a wrong type counts as absent
 * @param principal the label of the credential, for the record
 * @param now milliseconds since the epoch
 */
export async function checkDocumentPolicy(
  request: DocumentPolicyRequest,
  principal = "",
  now: number = Date.now(),
): Promise<Evaluation> {
  const policy = await currentPolicy();
  const { operation, storage_target, decision, reasons } = evaluate(policy, request);
  const evaluation: Evaluation = {
    success: true,
    policy_id: policy.policy_id,
    policy_source: policy.source,
    policy_status: policy.status,
    enforcement_mode: policy.enforcement_mode,
    operation,
    storage_target,
    allowed_targets: [...policy.allowed_targets],
    decision,
    allowed: decision === "allowed",
    reasons,
    checked_at: timestamp(now),
  };
  try {
    await addEntry(entryOf(request, evaluation, principal, now), AbortSignal.timeout(PATIENCE_MS));
  } catch (error) {
    await reportTrouble("document_policy_not_recorded", error);
  }
  return evaluation;
}

/**
 * Refuses what the policy denies; judged and recorded as by `checkDocumentPolicy`.
 * @throws DomainError POLICY_DENIED with the evaluation
 */
export async function requireDocumentPolicy(
  request: DocumentPolicyRequest,
  principal = "",
  now: number = Date.now(),
): Promise<Evaluation> {
  const evaluation = await checkDocumentPolicy(request, principal, now);
  if (!evaluation.allowed) throw new DomainError("POLICY_DENIED", evaluation.reasons.join("; "), { ...evaluation });
  return evaluation;
}
