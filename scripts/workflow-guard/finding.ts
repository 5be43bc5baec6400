/** Something that the coverage guard does not let through. Stable codes: other tools switch on them. */
export type FindingCode =
  | "ARCH_MISMATCH"
  | "AUTH_MIDDLEWARE_MISSING"
  | "BAD_ENTRY"
  | "DEPLOY_SCRIPT_MISSING"
  | "DUPLICATE_ENTRY"
  | "EXTRA_MANIFEST_ENTRY"
  | "HANDLER_MISSING"
  | "LAMBDA_DIR_MISSING"
  | "LAYER_MISSING"
  | "LITERAL_SECRET"
  | "MISSING_MANIFEST_ENTRY"
  | "NAME_NOT_EXPLICIT"
  | "NOT_INDIVIDUAL"
  | "ORPHAN_FUNCTION_DIR"
  | "ORPHAN_WORKFLOW"
  | "ROLE_MISSING"
  | "ROLE_SHARED"
  | "ROLE_WILDCARD"
  | "RUNTIME_UNSUPPORTED"
  | "TIMEOUT_MISMATCH"
  | "UNREADABLE_INPUT"
  | "WORKFLOW_MISSING"
  | "WORKFLOW_NAME_MISMATCH"
  | "WORKFLOW_PATHS_INCOMPLETE";

export interface Finding {
  code: FindingCode;
  /** The function's production name; null where a finding is about none. */
  function_name: string | null;
  message: string;
}

export function finding(code: FindingCode, functionName: unknown, message: string): Finding {
  return { code, function_name: typeof functionName === "string" ? functionName : null, message };
}
