import { logicalIdOf, resourcesOf } from "../service/failure-queues.ts";
import type { ResolvedConfig, ResolvedFunction, Settings } from "../service/resolved-config.ts";
import { type Finding, finding } from "./finding.ts";

/** What the framework and SQS take where nothing is declared, in seconds. */
const DEFAULT_TIMEOUT = 6;
const DEFAULT_VISIBILITY = 30;
/** After that API Gateway has answered 503, whatever the function still does. */
const LONGEST_ANSWER = 30;
/** What AWS advises: room for a batch that Lambda is slowed down with, and tries again. */
const ADVISED_TIMES = 6;

function settings(value: unknown): Settings {
  return typeof value === "object" && value !== null ? (value as Settings) : {};
}

function timeoutOf({ timeout }: ResolvedFunction, config: ResolvedConfig): number {
  return Number(timeout ?? config.provider.timeout ?? DEFAULT_TIMEOUT);
}

function eventsOf({ events }: ResolvedFunction): Settings[] {
  return Array.isArray(events) ? events.map(settings) : [];
}

interface Consumer {
  name: unknown;
  queue: string;
  visibility: number;
  timeout: number;
}

/** Who reads which queue of the stack. */
function consumersOf(config: ResolvedConfig): Consumer[] {
  const queues = resourcesOf(config, "AWS::SQS::Queue");
  return Object.values(config.functions).flatMap((declared) =>
    eventsOf(declared).flatMap(({ sqs }) => {
      const queue = logicalIdOf(settings(sqs).arn ?? sqs);
      const properties = queue === undefined ? undefined : queues.get(queue);
      if (queue === undefined || properties === undefined) return [];
      const visibility = Number(properties.VisibilityTimeout ?? DEFAULT_VISIBILITY);
      return [{ name: declared.name, queue, visibility, timeout: timeoutOf(declared, config) }];
    }),
  );
}

/** No message is handed out a second time while the function may still be at it, and no answer comes too late. */
export function checkTimeouts(config: ResolvedConfig): Finding[] {
  const ofQueues = consumersOf(config)
    .filter(({ visibility, timeout }) => visibility < timeout)
    .map(({ name, queue, visibility, timeout }) => {
      const message = `${queue} hands a message out again after ${visibility} s, the function may take ${timeout} s`;
      return finding("TIMEOUT_MISMATCH", name, message);
    });
  const ofAnswers = Object.values(config.functions)
    .filter((declared) => {
      const events = eventsOf(declared);
      const isCalledOnly = events.length > 0 && events.every((event) => "httpApi" in event);
      return isCalledOnly && timeoutOf(declared, config) > LONGEST_ANSWER;
    })
    .map((declared) => {
      const message = `may take ${timeoutOf(declared, config)} s, but the gateway waits ${LONGEST_ANSWER} s`;
      return finding("TIMEOUT_MISMATCH", declared.name, message);
    });
  return [...ofQueues, ...ofAnswers];
}

/** Queues that wait long enough, but not as long as is advised. */
export function tightTimeouts(config: ResolvedConfig): Finding[] {
  return consumersOf(config)
    .filter(({ visibility, timeout }) => visibility >= timeout && visibility < ADVISED_TIMES * timeout)
    .map(({ name, queue, visibility, timeout }) => {
      const message = `${queue} waits ${visibility} s, less than ${ADVISED_TIMES} times the ${timeout} s of the function`;
      return finding("TIMEOUT_MISMATCH", name, message);
    });
}
