import { randomUUID } from "node:crypto";
import { backoff } from "../clock.ts";
import type { Invoke, Outcome } from "../invocation.ts";
import type { Outbox } from "../outbox.ts";
import type { PumpContext } from "../types.ts";
import type { AsyncConfig } from "./destinations.ts";

/** How the source of an event (rule, schedule, topic) deals with a function that cannot be reached at all. */
export interface DeliveryPolicy {
  maximumRetries: number;
  maximumAgeMs: number;
  /** Hears of an event that could not be handed over; the function's own failures never go there. */
  undelivered?(error: string, attempts: number, condition: string): Promise<void>;
}

/** EventBridge tries to hand an event over for a day. */
export const DEFAULT_DELIVERY: DeliveryPolicy = { maximumRetries: 185, maximumAgeMs: 86_400_000 };

export interface AsyncPorts {
  functionArn: string;
  place: string;
  config: AsyncConfig;
  invoke: Invoke;
  outbox: Pick<Outbox, "send">;
}

type Context = Pick<PumpContext, "clock" | "timing" | "signal" | "log">;

/**
 * An asynchronous invocation: up to two retries of a function that failed, then its dead-letter queue and its
 * on-failure destination. Lambda's own queue of such events is imitated in memory: a stop forgets what waits in it.
 */
export async function invokeAsync(
  payload: unknown,
  ports: AsyncPorts,
  delivery: DeliveryPolicy,
  context: Context,
): Promise<void> {
  const requestId = randomUUID();
  const { config, outbox } = ports;
  const acceptedAt = context.clock.now();
  let unreached = 0;
  let failures = 0;

  while (!context.signal.aborted) {
    const outcome = await ports.invoke(payload);
    const age = context.clock.now() - acceptedAt;

    if (outcome.kind === "success") {
      if (config.onSuccess !== undefined) {
        await outbox.send(config.onSuccess, record("Success", failures + 1, outcome));
      }
      return;
    }
    if (outcome.kind === "undeliverable") {
      unreached += 1;
      const condition = exhausted(outcome.permanent, unreached, age, delivery);
      if (condition !== undefined) {
        context.log(`${ports.place}: given up, ${outcome.error}`);
        await delivery.undelivered?.(outcome.error, unreached, condition);
        return;
      }
      await context.clock.sleep(backoff(unreached, ...context.timing.streamRetry), context.signal);
      continue;
    }

    failures += 1;
    const tooOld = age > config.maximumAgeMs;
    if (failures > config.maximumRetries || tooOld) {
      context.log(`${ports.place}: given up after ${failures} tries (${outcome.error})`);
      await giveUp(outcome, tooOld ? "EventAgeExceeded" : "RetriesExhausted");
      return;
    }
    context.log(`${ports.place}: failed (${outcome.error}), trying again`);
    await context.clock.sleep(context.timing.asyncRetry[failures === 1 ? 0 : 1], context.signal);
  }

  async function giveUp(outcome: Outcome & { kind: "function-error" }, condition: string): Promise<void> {
    if (config.deadLetter !== undefined) {
      const attributes = { RequestID: requestId, ErrorCode: "200", ErrorMessage: outcome.error.slice(0, 1024) };
      await outbox.send(config.deadLetter, payload, attributes);
    }
    if (config.onFailure !== undefined) await outbox.send(config.onFailure, record(condition, failures, outcome));
  }

  /** What destinations receive. */
  function record(condition: string, count: number, outcome: Exclude<Outcome, { kind: "undeliverable" }>): unknown {
    const functionArn = `${ports.functionArn}:$LATEST`;
    return {
      version: "1.0",
      timestamp: new Date(context.clock.now()).toISOString(),
      requestContext: { requestId, functionArn, condition, approximateInvokeCount: count },
      requestPayload: payload,
      responseContext: {
        statusCode: 200,
        executedVersion: "$LATEST",
        ...(outcome.kind === "function-error" && { functionError: "Unhandled" }),
      },
      responsePayload: outcome.payload,
    };
  }
}

function exhausted(permanent: boolean, attempts: number, age: number, policy: DeliveryPolicy): string | undefined {
  if (permanent) return "NonRetriableError";
  if (attempts > policy.maximumRetries) return "MaximumRetryAttempts";
  return age > policy.maximumAgeMs ? "MaximumEventAgeInSeconds" : undefined;
}
