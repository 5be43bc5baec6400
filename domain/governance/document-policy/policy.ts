/** Where documents may be stored, and how strictly that is kept to. */
export interface StoragePolicy {
  policy_id: string;
  /** Nothing is enforced unless it is `active`. */
  status: string;
  /** Nothing is refused unless it is `enforce`; other modes only record. */
  enforcement_mode: string;
  allowed_targets: readonly string[];
  /** Beginnings of paths that are refused beside those that look local. */
  forbidden_path_prefixes: readonly string[];
  /** Whether the policy was read, or stands in for one that is not there or cannot be read. */
  source: "dynamodb" | "default";
}

const TARGETS = ["bedrock_action", "docstore_api", "governance_s3", "mcp_validator"];

/** A text as everything here is compared: without blanks around it, in lower case. */
export function comparable(value: unknown): string {
  return typeof value === "string" ? value.trim().toLowerCase() : "";
}

/** The texts of a list or of a string set. */
function textsOf(value: unknown): string[] {
  const entries: unknown[] = value instanceof Set ? [...value] : Array.isArray(value) ? value : [];
  return [...new Set(entries.map(comparable))].filter((entry) => entry !== "");
}

/** The policy that this installation goes by. */
export function policyId(): string {
  return process.env.DOCUMENT_STORAGE_POLICY_ID || "document_storage_cloud_only";
}

/** The policy that counts where none can be read: it enforces, unless the environment says otherwise. */
export function defaultPolicy(id: string = policyId()): StoragePolicy {
  return {
    policy_id: id,
    status: "active",
    enforcement_mode: comparable(process.env.COMPLIANCE_ENFORCEMENT_DEFAULT) || "enforce",
    allowed_targets: TARGETS,
    forbidden_path_prefixes: [],
    source: "default",
  };
}

/** The policy of a row; what it lacks, or has of a wrong type, is as in the default. */
export function policyOf(row: Readonly<Record<string, unknown>>, id: string = policyId()): StoragePolicy {
  const standard = defaultPolicy(id);
  const targets = textsOf(row.allowed_targets);
  return {
    policy_id: id,
    status: comparable(row.status) || standard.status,
    enforcement_mode: comparable(row.enforcement_mode) || standard.enforcement_mode,
    allowed_targets: targets.length > 0 ? targets.sort() : standard.allowed_targets,
    forbidden_path_prefixes: textsOf(row.forbidden_path_prefixes),
    source: "dynamodb",
  };
}
