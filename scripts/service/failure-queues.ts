import type { ResolvedConfig, Settings } from "./resolved-config.ts";

/** Who puts messages aside in a queue of failures. Functions and queues have their deployed names. */
export type Origin =
  /** A queue, of messages that came too often. */
  | { kind: "queue"; queue: string }
  /** Lambda, of changes of a table that its function could not deal with: where they lie in the stream. */
  | { kind: "stream"; function: string; table: string; filterPatterns: readonly unknown[] | undefined }
  /** Lambda, of events that its function could not deal with. */
  | { kind: "function"; function: string }
  /** EventBridge, of events that it could not hand to the function. */
  | { kind: "rule"; function: string }
  /** A function, of domain events that the bus would not take. */
  | { kind: "events"; bus: string };

/** A queue in which something ends that could not be dealt with. */
export interface FailureQueue {
  logicalId: string;
  /** Its deployed name. */
  name: string;
  origins: readonly Origin[];
}

function settings(value: unknown): Settings {
  return typeof value === "object" && value !== null ? (value as Settings) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The resource that `{ Ref }` or `{ "Fn::GetAtt" }` is about; undefined for anything else. */
export function logicalIdOf(value: unknown): string | undefined {
  const { Ref, "Fn::GetAtt": attribute } = settings(value);
  const [id] = Array.isArray(attribute) ? attribute : String(attribute ?? "").split(".");
  return typeof Ref === "string" ? Ref : id || undefined;
}

/** The properties of every declared resource of a type, by logical id. */
export function resourcesOf(config: ResolvedConfig, type: string): Map<string, Settings> {
  const resources = Object.entries(settings(settings(config.resources).Resources));
  return new Map(
    resources.flatMap(([id, resource]) => {
      const { Type, Properties } = settings(resource);
      return Type === type ? [[id, settings(Properties)] as const] : [];
    }),
  );
}

/** `{ type, arn }` where the queue is a resource of the stack. */
function onFailure(destinations: unknown): string | undefined {
  const target = settings(destinations).onFailure;
  return logicalIdOf(settings(target).arn ?? target);
}

type Found = readonly [queue: string | undefined, origin: Origin];

function ofQueues(config: ResolvedConfig): Found[] {
  return [...resourcesOf(config, "AWS::SQS::Queue").values()].flatMap(({ QueueName, RedrivePolicy }) => {
    const target = logicalIdOf(settings(RedrivePolicy).deadLetterTargetArn);
    return target === undefined ? [] : [[target, { kind: "queue", queue: String(QueueName) }] as const];
  });
}

function ofFunctions(config: ResolvedConfig): Found[] {
  const tables = resourcesOf(config, "AWS::DynamoDB::Table");
  const buses = resourcesOf(config, "AWS::Events::EventBus");
  return Object.values(config.functions).flatMap((declared) => {
    const name = String(declared.name);
    const found: Found[] = [[onFailure(declared.destinations), { kind: "function", function: name }]];
    for (const event of list(declared.events).map(settings)) {
      const stream = settings(event.stream);
      const table = String(tables.get(logicalIdOf(stream.arn) ?? "")?.TableName);
      const filterPatterns = Array.isArray(stream.filterPatterns) ? stream.filterPatterns : undefined;
      found.push([onFailure(stream.destinations), { kind: "stream", function: name, table, filterPatterns }]);
      const rule = settings(event.eventBridge);
      found.push([logicalIdOf(rule.deadLetterQueueArn), { kind: "rule", function: name }]);
    }
    const { EVENT_BUS, EVENTS_DLQ_URL } = settings(declared.environment);
    const bus = String(buses.get(logicalIdOf(EVENT_BUS) ?? "")?.Name);
    found.push([logicalIdOf(EVENTS_DLQ_URL), { kind: "events", bus }]);
    return found;
  });
}

/** Whoever publishes names the same queue for the same bus. */
function isKnown(origins: readonly Origin[], origin: Origin): boolean {
  return origins.some((known) => JSON.stringify(known) === JSON.stringify(origin));
}

/**
 * Every queue of a configuration in which something ends that could not be dealt with: what a redrive policy, a
 * destination of failures, a rule or the publishing of events leads to.
 * @throws Error for one that the configuration does not declare
 */
export function failureQueues(config: ResolvedConfig): FailureQueue[] {
  const queues = resourcesOf(config, "AWS::SQS::Queue");
  const originsOf = new Map<string, Origin[]>();
  for (const [logicalId, origin] of [...ofQueues(config), ...ofFunctions(config)]) {
    if (logicalId === undefined) continue;
    const known = originsOf.get(logicalId) ?? [];
    originsOf.set(logicalId, isKnown(known, origin) ? known : [...known, origin]);
  }
  return [...originsOf]
    .map(([logicalId, origins]) => {
      const name = queues.get(logicalId)?.QueueName;
      if (typeof name !== "string") throw new Error(`failures are led to ${logicalId}, which is no queue with a name`);
      return { logicalId, name, origins };
    })
    .toSorted((one, other) => one.name.localeCompare(other.name));
}
