import { type BusEvent, eventWorker, type WorkerContext } from "@enceladus/middleware/event-worker";
import { finalize, isReconcileRequest, type ReconcileRequest, reconcile } from "./finalize.ts";

const work = eventWorker(finalize);

/** Takes the ends of builds; invoked by hand with `{ "reconcile": { "project_id": "..." } }` it looks for them. */
export function handler(event: BusEvent | ReconcileRequest, context: WorkerContext): Promise<unknown> {
  return isReconcileRequest(event) ? reconcile(event) : work(event, context);
}
