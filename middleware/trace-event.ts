import { log } from "@enceladus/shared/log";
import { count } from "@enceladus/shared/metrics";

/** Says of an event behind a failed one that its turn has not come: it is delivered again, after that one. */
export class NotItsTurn extends Error {
  override name = "NotItsTurn";

  constructor() {
    super("an event before it has failed");
  }
}

/**
 * Does one event's work, with a line in the log that says how it went. A failure is counted (the metric `event_failed`)
 * and thrown on: the event is delivered again, and in the end put away by whoever delivers it.
 * @param source what the event comes from, for logs and the metric
 * @param eventId what it is known by: in logs, and to whoever looks for one that was given up
 * @param work what is to be done; what it returns is logged
 * @param more what else the lines say of the event; never its content
 * @throws Error whatever the work throws
 */
export async function tracedEvent(
  source: string,
  eventId: string,
  work: () => unknown,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const startedAt = performance.now();
  const trace = { source, event_id: eventId, ...more, function: process.env.AWS_LAMBDA_FUNCTION_NAME };
  const latency = () => Math.round((performance.now() - startedAt) * 10) / 10;
  try {
    const result = await work();
    log().info("event", { ...trace, outcome: "done", latency_ms: latency(), result });
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    log().error("event_failed", { ...trace, latency_ms: latency(), error: failure });
    await count("event_failed", { source });
    throw failure;
  }
}
