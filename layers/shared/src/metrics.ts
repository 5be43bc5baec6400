import type { Metrics } from "@aws-lambda-powertools/metrics";
import { SERVICE_NAME } from "./log.ts";

let metrics: Metrics | undefined;

/**
 * Counts occurrences in the namespace `Enceladus`: a line in the log, of which CloudWatch makes the metric, so it
 * costs no call.
 * @param name e.g. `auth_failure`
 * @param dimensions few values each: every combination is a metric of its own
 * @param times how many occurrences
 */
export async function count(name: string, dimensions: Readonly<Record<string, string>>, times = 1): Promise<void> {
  // Loaded at the first count: most requests count nothing.
  const { Metrics, MetricUnit } = await import("@aws-lambda-powertools/metrics");
  metrics ??= new Metrics({ namespace: "Enceladus", serviceName: SERVICE_NAME });
  const single = metrics.singleMetric();
  for (const [dimension, value] of Object.entries(dimensions)) single.addDimension(dimension, value);
  single.addMetric(name, MetricUnit.Count, times);
}
