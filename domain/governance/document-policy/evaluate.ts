import { firstCharacters } from "@enceladus/shared/text";
import { comparable, type StoragePolicy } from "./policy.ts";
import { type DocumentPolicyRequest, PATH_FIELDS } from "./request.ts";

/** What a policy says of a request. */
export interface Judgement {
  operation: string;
  storage_target: string;
  decision: "allowed" | "denied";
  /** What speaks against it, also where nothing is enforced. */
  reasons: string[];
}

/** Beginnings of paths on somebody's machine. */
const LOCAL_BEGINNINGS = ["/", "~/", "./", "../", "\\\\"];
const DRIVE = /^[a-z]:[/\\]/;

/** So much of a text that somebody has sent is repeated to them. */
const SHOWN_CHARACTERS = 120;

function shown(value: string): string {
  const beginning = firstCharacters(value, SHOWN_CHARACTERS);
  return beginning === value ? value : `${beginning}...`;
}

/** What speaks against a path; undefined where nothing does. Only its beginning is looked at. */
function objectionTo(path: string, forbidden: readonly string[]): string | undefined {
  const begins = (beginning: string) => path.startsWith(beginning);
  if (LOCAL_BEGINNINGS.some(begins) || DRIVE.test(path)) {
    return "is a local path; documents are stored in the cloud only";
  }
  return forbidden.some(begins) ? "begins as the policy forbids" : undefined;
}

function reasonsOf(policy: StoragePolicy, request: DocumentPolicyRequest): string[] {
  const reasons: string[] = [];
  const operation = comparable(request.operation);
  const target = comparable(request.storage_target);
  if (policy.status !== "active") {
    reasons.push(`policy '${policy.policy_id}' is ${shown(policy.status)}, not active`);
  }
  if (!policy.allowed_targets.includes(target)) {
    reasons.push(`storage_target '${shown(target)}' is not among ${policy.allowed_targets.join(", ")}`);
  }
  for (const field of PATH_FIELDS) {
    const path = comparable(request[field]);
    const objection = objectionTo(path, policy.forbidden_path_prefixes);
    if (objection) reasons.push(`${field} '${shown(path)}' ${objection}`);
  }
  if (operation.startsWith("documents_") && /[/\\]/.test(comparable(request.file_name))) {
    reasons.push("file_name must be a name without folders");
  }
  return reasons;
}

/**
 * Judges whether a document may be stored where somebody wants to store it. Pure, and linear in the length of the paths.
 * Denied is what an active policy that enforces has a reason against; else the reasons are only told.
 */
export function evaluate(policy: StoragePolicy, request: DocumentPolicyRequest): Judgement {
  const reasons = reasonsOf(policy, request);
  const isEnforced = policy.status === "active" && policy.enforcement_mode === "enforce";
  return {
    operation: comparable(request.operation),
    storage_target: comparable(request.storage_target),
    decision: isEnforced && reasons.length > 0 ? "denied" : "allowed",
    reasons,
  };
}
