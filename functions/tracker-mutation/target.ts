import type { Preconditions } from "@enceladus/shared/preconditions";
import type { RecordType, Target } from "../../domain/tracker/index.ts";

interface RecordCall {
  params: { project: string; type: RecordType; id: string };
  preconditions: Preconditions;
  onceKey: string | undefined;
}

/** The record that a call changes, with what the caller believes of it. */
export function targetOf({ params, preconditions, onceKey }: RecordCall): Target {
  return { projectId: params.project, type: params.type, itemId: params.id, preconditions, onceKey };
}
