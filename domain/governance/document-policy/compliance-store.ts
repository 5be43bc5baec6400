import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { dynamodb } from "@enceladus/shared/dynamodb";
import { requireEnv } from "@enceladus/shared/env";

/** A row about one evaluation. Rows are added and never changed. */
export interface ComplianceEntry {
  /** `CMP-` and 20 upper-case hex digits. */
  violation_id: string;
  policy_id: string;
  /** Seconds since the epoch. */
  event_epoch: number;
  event_time: string;
  result: "allowed" | "denied";
  provider: string;
  /** Empty where none was named, as are the two that follow. */
  project_id: string;
  coordination_request_id: string;
  dispatch_id: string;
  /** Whose credential it was; empty where it is not known. */
  principal: string;
  details: Readonly<Record<string, unknown>>;
  created_at: string;
  /** Seconds since the epoch. */
  expires_at: number;
}

/**
 * Adds a row. Its id is drawn for it, so that the client's repeat of a write whose answer got lost writes the same row.
 * @param signal ends the attempt early
 * @throws the AWS error after the client's retries
 */
export async function addEntry(entry: ComplianceEntry, signal: AbortSignal): Promise<void> {
  // An index takes no empty text for a key: only rows that name a project are in that of the projects.
  const scope = entry.project_id === "" ? {} : { project_scope: entry.project_id };
  await dynamodb().send(
    new PutCommand({ TableName: requireEnv("AGENT_COMPLIANCE_TABLE"), Item: { ...entry, ...scope } }),
    { abortSignal: signal },
  );
}
