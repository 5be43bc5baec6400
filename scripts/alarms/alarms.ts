import { contractName } from "../local/contract-names.ts";
import { functionLogicalId } from "../local/resolve-references.ts";
import { isAtTheEdge } from "../service/at-the-edge.ts";
import { type FailureQueue, failureQueues, type Origin } from "../service/failure-queues.ts";
import type { ResolvedConfig, Settings } from "../service/resolved-config.ts";

/** An alarm as resources/alarms.yml has it. */
export interface Alarm {
  Type: "AWS::CloudWatch::Alarm";
  Condition: string;
  Properties: Settings;
}

const PERIOD_SECONDS = 300;
/** Batches that fail are tried again within a quarter of an hour; a stream keeps its records for a day. */
const BEHIND_MILLISECONDS = 900_000;

const dimension = (Name: string, Value: unknown) => ({ Name, Value });

/** A name of a stage: `enceladus-<what>` with the stage behind it. */
function alarmName(what: string): string {
  return `enceladus-${what.replace(/^enceladus-/, "")}\${param:suffix}`;
}

function alarm(name: string, description: string, watched: Settings): Alarm {
  return {
    Type: "AWS::CloudWatch::Alarm",
    Condition: "HasAlarms",
    Properties: {
      AlarmName: alarmName(name),
      AlarmDescription: description,
      ...watched,
      EvaluationPeriods: 1,
      TreatMissingData: "notBreaching",
      AlarmActions: [{ Ref: "AlertsTopic" }],
    },
  };
}

const above = (Threshold: number) => ({ ComparisonOperator: "GreaterThanThreshold", Threshold });

interface Metric {
  namespace: string;
  name: string;
  dimensions: readonly Settings[];
  statistic: "Sum" | "Maximum";
}

function single({ namespace, name, dimensions, statistic }: Metric, threshold: number): Settings {
  return {
    Namespace: namespace,
    MetricName: name,
    Dimensions: dimensions,
    Statistic: statistic,
    Period: PERIOD_SECONDS,
    ...above(threshold),
  };
}

/** One alarm on two metrics of a function. */
function errorsAndThrottles(functionId: string): Settings {
  const metric = (Id: string, MetricName: string) => ({
    Id,
    ReturnData: false,
    MetricStat: {
      Metric: { Namespace: "AWS/Lambda", MetricName, Dimensions: [dimension("FunctionName", { Ref: functionId })] },
      Period: PERIOD_SECONDS,
      Stat: "Sum",
    },
  });
  return {
    Metrics: [
      { Id: "failures", Label: "Errors and throttles", Expression: "FILL(errors, 0) + FILL(throttles, 0)" },
      metric("errors", "Errors"),
      metric("throttles", "Throttles"),
    ],
    ...above(0),
  };
}

type Named = readonly [logicalId: string, alarm: Alarm];

function ofFunction(key: string, name: string, events: readonly Settings[]): Named[] {
  const functionId = functionLogicalId(key);
  const id = functionId.replace(/LambdaFunction$/, "");
  const failing = `${name} crashed, timed out, let its work fail, or was throttled. Look into its log: docs/runbooks/alarms.md`;
  const behind = `${name} is a quarter of an hour behind the stream it follows. Look into its log: docs/runbooks/alarms.md`;
  const age: Metric = {
    namespace: "AWS/Lambda",
    name: "IteratorAge",
    dimensions: [dimension("FunctionName", { Ref: functionId })],
    statistic: "Maximum",
  };
  return [
    [`${id}Alarm`, alarm(`${name}-fails`, failing, errorsAndThrottles(functionId))],
    ...(events.some((event) => "stream" in event)
      ? [[`${id}BehindAlarm`, alarm(`${name}-is-behind`, behind, single(age, BEHIND_MILLISECONDS))] as const]
      : []),
  ];
}

/** Without the stage: a description is the same in all of them. */
function lettersOf(origin: Origin, stage: string): string {
  switch (origin.kind) {
    case "queue":
      return `messages of ${contractName(origin.queue, stage)}`;
    case "stream":
      return `changes that ${contractName(origin.function, stage)} could not deal with`;
    case "function":
      return `events that ${contractName(origin.function, stage)} could not deal with`;
    case "rule":
      return `events that ${contractName(origin.function, stage)} could not be given`;
    case "events":
      return "domain events that the bus would not take";
  }
}

function ofQueue({ logicalId, name, origins }: FailureQueue, stage: string): Named {
  const depth: Metric = {
    namespace: "AWS/SQS",
    name: "ApproximateNumberOfMessagesVisible",
    dimensions: [dimension("QueueName", { "Fn::GetAtt": [logicalId, "QueueName"] })],
    statistic: "Maximum",
  };
  const contract = contractName(name, stage);
  const letters = origins.map((origin) => lettersOf(origin, stage)).join(", and ");
  const description = `Put aside: ${letters}. npm run dlq -- show ${contract}: docs/runbooks/dead-letters.md`;
  return [`${logicalId}Alarm`, alarm(`${contract.replace(/\.fifo$/, "")}-is-not-empty`, description, single(depth, 0))];
}

/** What no one function or queue tells of. */
function ofTheWhole(): Named[] {
  const refusals: Metric = {
    namespace: "AWS/ApiGateway",
    name: "5xx",
    dimensions: [dimension("ApiId", { Ref: "HttpApi" })],
    statistic: "Sum",
  };
  const builds: Metric = {
    namespace: "AWS/CodeBuild",
    name: "FailedBuilds",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the framework puts it in
    dimensions: [dimension("ProjectName", "${param:uiBuilderProject}")],
    statistic: "Sum",
  };
  const api =
    "The API answered with 5xx, in five minutes more than four times. Find the lines: docs/runbooks/alarms.md";
  const failed = "A build of the web app has failed; its deployment says in which phase: docs/runbooks/alarms.md";
  return [
    ["ApiFailsAlarm", alarm("api-answers-5xx", api, single(refusals, 4))],
    ["BuildsFailAlarm", alarm("ui-build-failed", failed, single(builds, 0))],
  ];
}

/**
 * The alarms that a service needs: on every function, on every stream that a function follows, on every queue of failures,
 * on the API and on builds. What runs at the edge is watched at the distribution.
 * @param stage for which the configuration was resolved
 */
export function alarmsOf(config: ResolvedConfig, stage: string): Record<string, Alarm> {
  const functions = Object.entries(config.functions).filter(([, { events }]) => !isAtTheEdge(events));
  return Object.fromEntries([
    ...ofTheWhole(),
    ...functions.flatMap(([key, { name, events }]) =>
      ofFunction(key, contractName(String(name), stage), Array.isArray(events) ? events : []),
    ),
    ...failureQueues(config).map((queue) => ofQueue(queue, stage)),
  ]);
}
