import { DomainError } from "@enceladus/shared/errors";
import type { Writer } from "../../domain/tracker/attribution.ts";
import { RECORD_TYPES, type RecordType, SEGMENTS, type TrackerRecord } from "../../domain/tracker/record.ts";

/** A row of the tracker as it is stored; of a task if nothing else is said. */
export function aRecord({ record_type = "task", ...fields }: Partial<TrackerRecord> = {}): TrackerRecord {
  const type = RECORD_TYPES.find((known) => known === record_type) ?? ("task" satisfies RecordType);
  const item_id = fields.item_id ?? `ENC-${SEGMENTS[type]}-001`;
  return {
    project_id: "enceladus",
    record_id: `${type}#${item_id}`,
    record_type: type,
    item_id,
    title: "A record",
    status: type === "feature" ? "planned" : "open",
    sync_version: 1,
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    ...fields,
  };
}

/** A person at the user interface, or whoever the fields say. */
export function aWriter(fields: Partial<Writer> = {}): Writer {
  return {
    channel: "mutation_api",
    provider: "",
    dispatchId: "",
    coordinationRequestId: "",
    sessionId: "",
    authMode: "cognito",
    principal: "user-1",
    visible: "all",
    ...fields,
  };
}

/** What the work is refused with; anything else that happens fails the test. */
export function refusalOf(work: () => unknown): DomainError {
  try {
    work();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}
