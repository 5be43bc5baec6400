import type { Alert } from "@enceladus/shared/alerts";
import { recordLink } from "./record-link.ts";
import type { Violation } from "./violation.ts";

export const RUNBOOK = "docs/runbooks/a-write-without-attribution.md";

const TYPE = "GOVERNANCE_WRITE_ANOMALY";

/** The write source as it was found; a text where it was too long to be kept whole. */
function writeSourceOf(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

/** The alert about one violation. It is made of what is kept and of nothing else, so a repeat says the same. */
export function singleAlert(violation: Violation): Alert {
  const { details, result, project_id, provider, principal } = violation;
  return {
    subject: `[SECURITY] Governance bypass detected: ${result} on ${details.record_id}`,
    type: TYPE,
    body: {
      alert_type: TYPE,
      anomaly_type: result,
      message: details.message,
      record_id: details.record_id,
      project_id: project_id || "unknown",
      link: recordLink(project_id, details.record_type, details.record_id),
      who: { principal: principal || "unknown", provider, channel: details.channel, dispatch_id: details.dispatch_id },
      event_name: details.event_name,
      write_source: writeSourceOf(details.write_source),
      updated_at: details.updated_at,
      last_update_note: details.last_update_note,
      detected_at: violation.event_time,
      violation_id: violation.violation_id,
      runbook: RUNBOOK,
    },
  };
}
