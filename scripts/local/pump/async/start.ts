import { once } from "node:events";
import { type Declared, declaredEvents } from "../declared-events.ts";
import type { PumpPorts } from "../ports.ts";
import { consumeQueue } from "../queues/consume.ts";
import type { PumpContext, Running } from "../types.ts";
import { readAsyncConfig } from "./destinations.ts";
import { DEFAULT_DELIVERY, type DeliveryPolicy, invokeAsync } from "./invoke.ts";
import { deliveryPolicy, payloadFor, type RuleDelivery, readDelivery, readRule, ruleArn } from "./rules.ts";
import { readSchedules, runSchedule } from "./schedules.ts";
import { subscribe, TOPIC_QUEUE_SOURCE, topicEvent } from "./topics.ts";

/** Takes an event for a function; from then on its source has nothing more to do with it. */
type Accept = (payload: unknown, delivery: DeliveryPolicy) => void;

/** Starts what invokes functions asynchronously: rules of buses, schedules, topics. */
export async function startAsyncSources(ports: PumpPorts, context: PumpContext): Promise<Running[]> {
  const invocations = new Set<Promise<void>>();

  const acceptFor = ({ fn, event }: Declared): Accept => {
    const config = readAsyncConfig(fn, (value) => context.references.resolve(value));
    const { place } = event;
    const target = { functionArn: fn.arn, place, config, invoke: ports.invokerOf(fn.key), outbox: ports.outbox };
    return (payload, delivery) => {
      const invocation = invokeAsync(payload, target, delivery, context)
        .catch((error: unknown) => context.log(`${place}: ${String(error)}`))
        .finally(() => invocations.delete(invocation));
      invocations.add(invocation);
    };
  };

  const sources: Running[] = [];
  for (const declared of declaredEvents(context, "eventBridge", "pattern")) {
    const expression = declared.event.raw("schedule");
    if (declared.event.has("pattern")) startRule(declared, acceptFor(declared), ports, context);
    if (expression !== undefined)
      sources.push(...startSchedules(declared, expression, acceptFor(declared), ports, context));
  }
  for (const declared of declaredEvents(context, "schedule", "rate")) {
    const expressions = declared.event.raw("rate");
    sources.push(...startSchedules(declared, expressions, acceptFor(declared), ports, context));
  }
  for (const declared of declaredEvents(context, "sns", "topicName")) {
    sources.push(await startTopic(declared, acceptFor(declared), ports, context));
  }

  const invocationsEnd = async (): Promise<void> => {
    if (!context.signal.aborted) await once(context.signal, "abort");
    await Promise.all(sources.map(({ done }) => done));
    await Promise.all(invocations);
  };
  return [{ done: invocationsEnd() }];
}

function startRule(declared: Declared, accept: Accept, ports: PumpPorts, context: PumpContext): void {
  const rule = readRule(declared.event);
  const policy = policyOf(declared, arnOf(declared, rule.bus, context), rule.delivery, ports);
  context.eventBus.onEvent(async (event) => {
    const match = context.signal.aborted ? undefined : payloadFor(rule, event);
    if (match !== undefined) accept(match.payload, policy(match.payload));
  });
  context.log(`event bus ${rule.bus} -> ${declared.fn.name}`);
}

function startSchedules(
  declared: Declared,
  expressions: unknown,
  accept: Accept,
  ports: PumpPorts,
  context: PumpContext,
): Running[] {
  const arn = arnOf(declared, "default", context);
  const policy = policyOf(declared, arn, readDelivery(declared.event), ports);
  return readSchedules(declared.event, expressions, context).map((source) => {
    context.log(`${source.expression} -> ${declared.fn.name}`);
    return runSchedule(source, arn, (payload) => accept(payload, policy(payload)), context);
  });
}

async function startTopic(
  { fn, event }: Declared,
  accept: Accept,
  ports: PumpPorts,
  context: PumpContext,
): Promise<Running> {
  const subscription = await subscribe(fn, event, ports.outbox, context);
  const { queue, topicArn } = subscription;
  context.log(`${topicArn} -> ${fn.name}`);
  const source = { ...TOPIC_QUEUE_SOURCE, place: event.place, functionKey: fn.key, queueArn: queue.arn };
  const deliver = async (records: readonly { body: string }[]) => {
    for (const { body } of records) accept(topicEvent(subscription, body), DEFAULT_DELIVERY);
    return { kind: "success", payload: null } as const;
  };
  return consumeQueue(source, { queue, deliver }, context);
}

function policyOf({ fn }: Declared, arn: string, delivery: RuleDelivery, ports: PumpPorts) {
  const { outbox } = ports;
  return (payload: unknown) => deliveryPolicy(delivery, { ruleArn: arn, fn, payload, outbox });
}

function arnOf({ fn, number, event }: Declared, bus: string, context: PumpContext): string {
  const name = event.raw("name");
  return ruleArn(context, bus, typeof name === "string" ? name : `${fn.name}-rule-${number}`);
}
