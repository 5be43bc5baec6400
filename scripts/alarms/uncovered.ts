import { functionLogicalId } from "../local/resolve-references.ts";
import { isAtTheEdge } from "../service/at-the-edge.ts";
import { failureQueues, logicalIdOf, resourcesOf } from "../service/failure-queues.ts";
import type { ResolvedConfig, Settings } from "../service/resolved-config.ts";

/** A metric that must be watched, and what of. */
interface Needed {
  what: string;
  metric: string;
  resource: string;
}

const settings = (value: unknown): Settings => (typeof value === "object" && value !== null ? (value as Settings) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** `<metric> of <resource>` for each dimension of each metric that an alarm looks at. */
function watchedBy(alarm: Settings): string[] {
  const metrics = list(alarm.Metrics).map((entry) => settings(settings(settings(entry).MetricStat).Metric));
  return [alarm, ...metrics].flatMap(({ MetricName, Dimensions }) =>
    list(Dimensions).map((each) => `${String(MetricName)} of ${logicalIdOf(settings(each).Value)}`),
  );
}

/** Whether anybody hears of it. */
function isHeard({ AlarmActions, ActionsEnabled }: Settings): boolean {
  return ActionsEnabled !== false && list(AlarmActions).some((action) => logicalIdOf(action) === "AlertsTopic");
}

function needed(config: ResolvedConfig): Needed[] {
  const functions = Object.entries(config.functions).flatMap(([key, { events }]) => {
    if (isAtTheEdge(events)) return [{ what: key, metric: "5xxErrorRate", resource: "CloudFrontDistribution" }];
    const follows = list(events).some((event) => "stream" in settings(event));
    const metrics = ["Errors", "Throttles", ...(follows ? ["IteratorAge"] : [])];
    return metrics.map((metric) => ({ what: key, metric, resource: functionLogicalId(key) }));
  });
  const queues = failureQueues(config).map(({ logicalId }) => ({
    what: logicalId,
    metric: "ApproximateNumberOfMessagesVisible",
    resource: logicalId,
  }));
  return [...functions, ...queues];
}

/** Functions and queues of failures whose trouble nobody would hear of: `<key or logical id>: <metric>`. */
export function uncovered(config: ResolvedConfig): string[] {
  const alarms = [...resourcesOf(config, "AWS::CloudWatch::Alarm").values()].filter(isHeard);
  const watched = new Set(alarms.flatMap(watchedBy));
  return needed(config)
    .filter(({ metric, resource }) => !watched.has(`${metric} of ${resource}`))
    .map(({ what, metric }) => `${what}: ${metric}`);
}
