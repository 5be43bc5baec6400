import type { EventBus } from "../event-bus.ts";
import type { Clock } from "./clock.ts";

/** One entry of a function's `events` in the resolved configuration: `{ sqs: ... }`, `{ stream: ... }`, ... */
export type DeclaredEvent = Record<string, unknown>;

/** A function of the resolved configuration, as far as the pump reads it. */
export interface ServerlessFunction {
  events?: DeclaredEvent[];
  /** Seconds. */
  timeout?: number;
  reservedConcurrency?: number;
  /** Of asynchronous invocations: retries (0 to 2) and the age in seconds at which an event is given up. */
  maximumRetryAttempts?: number;
  maximumEventAge?: number;
  /** Dead-letter queue or topic of asynchronous invocations. */
  onError?: unknown;
  destinations?: { onSuccess?: unknown; onFailure?: unknown };
}

/** The same under its deployed name. */
export interface DeclaredFunction extends ServerlessFunction {
  key: string;
  name: string;
  arn: string;
}

/** What differs between a laptop and AWS only in how long one wants to wait for it. Milliseconds. */
export interface Timing {
  /** Before the first and the second retry of an asynchronous invocation; AWS waits one and two minutes. */
  asyncRetry: readonly [number, number];
  /** First and longest wait before a failed stream batch is tried again. */
  streamRetry: readonly [number, number];
  /** Between two looks into an idle shard. */
  streamPoll: number;
  /** Between two looks for new shards. */
  shardDiscovery: number;
  /** What a minute of a `rate(...)` schedule lasts. */
  scheduleMinute: number;
  /** How long `stop` waits for deliveries that are under way. */
  stopGrace: number;
}

export interface PumpOptions {
  /** The resolved `functions:` of the configuration. */
  functions: Record<string, ServerlessFunction>;
  /** Turns a Ref or GetAtt into the name, ARN or URL that it has here; other values come back as they are. */
  references: { resolve(value: unknown): unknown };
  /** The embedded services themselves, not the wire: what the pump does is no call of a function. */
  direct: { dynamodb: string; sqs: string; sns: string };
  credentials: { accessKeyId: string; secretAccessKey: string };
  region: string;
  lambdaUrl: string;
  /** Key in the configuration -> deployed name. */
  functionNames: Record<string, string>;
  eventBus: Pick<EventBus, "onEvent">;
  log: (message: string) => void;
  /** Where the positions in streams are kept over restarts; in memory only without it. */
  stateFile?: string;
  timing?: Partial<Timing>;
  clock?: Clock;
}

/** What every source works with. */
export interface PumpContext extends Omit<PumpOptions, "functions" | "timing" | "clock"> {
  functions: Record<string, DeclaredFunction>;
  account: string;
  timing: Timing;
  clock: Clock;
  /** Aborted when the pump stops: take nothing new, finish what is under way. */
  signal: AbortSignal;
}

/** A part of the pump that runs until the context's signal; `done` ends when nothing of it is left. */
export interface Running {
  done: Promise<void>;
}
