import { log } from "@enceladus/shared/log";
import { count } from "@enceladus/shared/metrics";
import type { Context, EventBridgeEvent } from "aws-lambda";

/** An event of a bus or a schedule. */
export type BusEvent = EventBridgeEvent<string, unknown>;

/** As much of Lambda's context as there is everywhere. */
export type WorkerContext = Partial<Pick<Context, "getRemainingTimeInMillis">>;

/** What is to be done for an event; what it returns is logged. */
export type EventWork = (event: BusEvent, context: WorkerContext) => Promise<unknown>;

export type EventHandler = (event: BusEvent, context: WorkerContext) => Promise<void>;

/**
 * A function behind a rule or a schedule. Each event is a line in the log; a failure is counted (the metric
 * `event_failed`) and thrown on: Lambda repeats the event, and puts it away in the end. Events come more than once and in
 * any order, so the work has to be such that doing it again does no harm.
 */
export function eventWorker(work: EventWork): EventHandler {
  return async (event, context) => {
    const startedAt = performance.now();
    const { id, source } = event;
    const trace = { source, event_id: id, function: process.env.AWS_LAMBDA_FUNCTION_NAME };
    const latency = () => Math.round((performance.now() - startedAt) * 10) / 10;
    try {
      const result = await work(event, context);
      log().info("event", { ...trace, outcome: "done", latency_ms: latency(), result });
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      log().error("event_failed", { ...trace, latency_ms: latency(), error: failure });
      await count("event_failed", { source });
      throw failure;
    }
  };
}
