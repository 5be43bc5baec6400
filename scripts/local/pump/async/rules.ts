import { compilePattern, type Matcher } from "../../event-bus/pattern.ts";
import { type BusEvent, busName } from "../../event-bus/put-events.ts";
import type { EventReader } from "../config-reader.ts";
import type { Outbox } from "../outbox.ts";
import type { DeclaredFunction, PumpContext } from "../types.ts";
import { DEFAULT_DELIVERY, type DeliveryPolicy } from "./invoke.ts";

/** A rule of a bus, read from a function's `eventBridge` event with a pattern. */
export interface Rule {
  bus: string;
  matches: Matcher;
  /** What the function gets in place of the event. */
  input?: unknown;
  delivery: RuleDelivery;
}

export interface RuleDelivery {
  maximumRetries: number;
  maximumAgeMs: number;
  deadLetter?: string;
}

export function readRule(event: EventReader): Rule {
  event.refuse("inputPath", "inputTransformer");
  const bus = event.has("eventBus") ? event.reference("eventBus") : undefined;
  const input = event.raw("input");
  return {
    bus: busName(bus),
    matches: compilePattern(event.resolved("pattern")),
    delivery: readDelivery(event),
    ...(input !== undefined && { input }),
  };
}

/** The retry policy and the dead-letter queue of a rule: for events that could not be handed to the function. */
export function readDelivery(event: EventReader): RuleDelivery {
  const policy = event.section("retryPolicy");
  return {
    maximumRetries: policy.number("maximumRetryAttempts", DEFAULT_DELIVERY.maximumRetries),
    maximumAgeMs: policy.number("maximumEventAge", DEFAULT_DELIVERY.maximumAgeMs / 1000) * 1000,
    ...(event.has("deadLetterQueueArn") && { deadLetter: event.reference("deadLetterQueueArn") }),
  };
}

/** The payload for the function, if the event is for this rule. */
export function payloadFor(rule: Rule, { bus, envelope }: BusEvent): { payload: unknown } | undefined {
  if (bus !== rule.bus || !rule.matches(envelope)) return undefined;
  return { payload: rule.input ?? envelope };
}

/** How a rule hands its events over, with the message that its dead-letter queue gets. */
export function deliveryPolicy(
  delivery: RuleDelivery,
  place: { ruleArn: string; fn: DeclaredFunction; payload: unknown; outbox: Pick<Outbox, "send"> },
): DeliveryPolicy {
  const { deadLetter } = delivery;
  return {
    ...delivery,
    undelivered: async (error, attempts, condition) => {
      if (deadLetter === undefined) return;
      await place.outbox.send(deadLetter, place.payload, {
        RULE_ARN: place.ruleArn,
        TARGET_ARN: place.fn.arn,
        ERROR_CODE: condition === "NonRetriableError" ? "NO_RESOURCE" : "SDK_CLIENT_ERROR",
        ERROR_MESSAGE: error,
        RETRY_ATTEMPTS: String(attempts - 1),
        ...(condition !== "NonRetriableError" && { EXHAUSTED_RETRY_CONDITION: condition }),
      });
    },
  };
}

export function ruleArn(context: Pick<PumpContext, "region" | "account">, bus: string, name: string): string {
  const path = bus === "default" ? name : `${bus}/${name}`;
  return `arn:aws:events:${context.region}:${context.account}:rule/${path}`;
}
