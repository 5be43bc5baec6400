import type { Compliance } from "./compliance/assess.ts";
import type { StoredDocument } from "./document.ts";

/** What a row keeps of the score of its content. */
export function complianceAttributes(
  { score, warnings }: Compliance,
  at: string,
): Pick<StoredDocument, "compliance_score" | "compliance_warnings" | "compliance_checked_at"> {
  return { compliance_score: score, compliance_warnings: warnings, compliance_checked_at: at };
}
