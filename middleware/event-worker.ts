import type { Context, EventBridgeEvent } from "aws-lambda";
import { tracedEvent } from "./trace-event.ts";

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
  return (event, context) => tracedEvent(event.source, event.id, () => work(event, context));
}
