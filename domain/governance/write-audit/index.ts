export { type AuditedRow, type AuditedWrite, judge } from "./judge.ts";
export { type AlertOutcome, raiseAlert } from "./raise-alert.ts";
export { auditRules } from "./rules.ts";
export { type DigestOutcome, sendDigest } from "./send-digest.ts";
export { type Violation, violationOf } from "./violation.ts";
