import type { EntryFinding } from "../artifact-guard/finding.ts";

/** How the code of a function stands to that of the audited commit. */
export const CODE_STATUSES = [
  "MATCH",
  "DIFF",
  "MISSING_LIVE_FUNCTION",
  "MISSING_REPO_ENTRY",
  "MISSING_LIVE_ENTRY",
  "ACCESS_DENIED",
  "ERROR",
] as const;

export type CodeStatus = (typeof CODE_STATUSES)[number];
/** UNKNOWN where something could not be seen, and nothing that was seen differs. */
export type ConfigStatus = "MATCH" | "CONFIG_DIFF" | "UNKNOWN";

/** A setting that is not as declared. Of environment variables the values are never told. */
export interface Difference {
  field: string;
  expected?: unknown;
  live?: unknown;
}

export interface Comparison {
  differences: Difference[];
  /** Settings that could not be compared. */
  unknown: string[];
}

export interface CodeResult {
  status: CodeStatus;
  repo_digest: string | null;
  live_digest: string | null;
  live_code_sha256: string | null;
  /** What the artifact guard says of what is live. */
  artifact_findings: (EntryFinding & { path: string })[];
  error?: string;
}

export interface FunctionResult extends CodeResult {
  function_name: string;
  region: string;
  live_runtime: string | null;
  live_commit_tag: string | null;
  config_status: ConfigStatus;
  config_differences: Difference[];
  config_unknown: string[];
}

export interface LayerResult extends CodeResult {
  layer: string;
  region: string;
}

/** Something besides functions whose settings are compared: a queue, the user pool. */
export interface SettingsResult {
  kind: "queue" | "user_pool" | "user_pool_client";
  name: string;
  config_status: ConfigStatus;
  config_differences: Difference[];
  error?: string;
}

/** Something that is live, and that serverless.yml does not know. */
export interface Unmanaged {
  kind: "function" | "route" | "queue" | "table";
  name: string;
  region: string;
}

/** Something that may not be looked at. */
export interface Warning {
  service: string;
  operation: string;
  error_code: string;
  message: string;
  region?: string;
}

export type Stats = Readonly<Record<CodeStatus | "CONFIG_DIFF" | "UNMANAGED" | "ARTIFACT_FINDINGS", number>>;

/** `lambda_parity.json`. */
export interface ParityReport {
  generated_at: string;
  results: FunctionResult[];
  layers: LayerResult[];
  settings: SettingsResult[];
  unmanaged: Unmanaged[];
  stats: Stats;
}

export type InventoryKind = "lambda" | "dynamodb" | "s3" | "sqs" | "sns" | "eventbridge_rules" | "pipes" | "http_apis";

export interface InventoryItem {
  name: string;
  /** Absent for what belongs to no region. */
  region?: string;
}

/** `resource_inventory.json`. */
export interface Inventory {
  generated_at: string;
  regions: readonly string[];
  resources: Readonly<Record<InventoryKind, InventoryItem[]>>;
  inventory_warnings: Warning[];
  /** What could not be listed for another reason: then the audit has failed. */
  failures: string[];
}

export function configStatus({ differences, unknown }: Comparison): ConfigStatus {
  if (differences.length > 0) return "CONFIG_DIFF";
  return unknown.length > 0 ? "UNKNOWN" : "MATCH";
}

/** Counts, each status of the code with its own. */
export function statsOf(report: Omit<ParityReport, "stats" | "generated_at">): Stats {
  const { results, layers, settings, unmanaged } = report;
  const code = [...results, ...layers];
  const counts = CODE_STATUSES.map((status) => [status, results.filter((found) => found.status === status).length]);
  return {
    ...(Object.fromEntries(counts) as Record<CodeStatus, number>),
    CONFIG_DIFF: [...results, ...settings].filter(({ config_status }) => config_status === "CONFIG_DIFF").length,
    UNMANAGED: unmanaged.length,
    ARTIFACT_FINDINGS: code.reduce((sum, { artifact_findings }) => sum + artifact_findings.length, 0),
  };
}
