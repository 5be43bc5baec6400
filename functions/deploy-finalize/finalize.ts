import type { EventWork } from "@enceladus/middleware/event-worker";
import { invalidInput } from "@enceladus/shared/errors";
import { finalizeBuild, sweepBuilds } from "../../domain/deployments/index.ts";

const BUILDER = "aws.codebuild";

/** The end of a build, or by schedule a look at every build whose end may have got lost. */
export const finalize: EventWork = (event) => (event.source === BUILDER ? finalizeBuild(event.detail) : sweepBuilds());

/** What a person sends who does not want to wait for the schedule. */
export interface ReconcileRequest {
  reconcile: { project_id: string };
}

export function isReconcileRequest(event: unknown): event is ReconcileRequest {
  return typeof event === "object" && event !== null && "reconcile" in event;
}

/** Looks at the builds of one project at once, however young they are. @throws DomainError INVALID_INPUT */
export async function reconcile({ reconcile: request }: ReconcileRequest): Promise<unknown> {
  const projectId: unknown = request?.project_id;
  if (typeof projectId !== "string" || projectId === "") throw invalidInput("reconcile.project_id names the project.");
  return { success: true, project_id: projectId, ...(await sweepBuilds({ only: projectId, afterSeconds: 0 })) };
}
