import type { Preconditions } from "@enceladus/shared/preconditions";
import type { RecordType, Target } from "../../domain/tracker/index.ts";

interface RecordCall {
  params: { project: string; type: RecordType; id: string };
  preconditions: Preconditions;
  onceKey: string | undefined;
  body: { expected_version?: number | null | undefined; [field: string]: unknown };
}

/** The record that a call changes, with what the caller believes of it. */
export function targetOf({ params, preconditions, onceKey, body }: RecordCall): Target {
  const address = { projectId: params.project, type: params.type, itemId: params.id };
  return { ...address, preconditions, expectedVersion: body.expected_version ?? undefined, onceKey };
}
