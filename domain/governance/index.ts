export {
  checkDocumentPolicy,
  type DocumentPolicyRequest,
  documentPolicyRequest,
  type Evaluation,
  requireDocumentPolicy,
} from "./document-policy/index.ts";
export {
  type AlertOutcome,
  type AuditedRow,
  type AuditedWrite,
  auditRules,
  type DigestOutcome,
  judge,
  raiseAlert,
  sendDigest,
  type Violation,
  violationOf,
} from "./write-audit/index.ts";
