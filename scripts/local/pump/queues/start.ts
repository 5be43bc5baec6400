import { declaredEvents } from "../declared-events.ts";
import type { PumpPorts } from "../ports.ts";
import type { PumpContext, Running } from "../types.ts";
import { consumeQueue } from "./consume.ts";
import { openQueue } from "./queue.ts";
import { readQueueSource } from "./source.ts";

/** Starts every declared mapping of a queue. */
export async function startQueues(ports: PumpPorts, context: PumpContext): Promise<Running[]> {
  const running: Running[] = [];
  for (const { fn, event } of declaredEvents(context, "sqs", "arn")) {
    const queue = await openQueue(ports.outbox.sqs, await ports.outbox.queueUrl(event.reference("arn")));
    const source = readQueueSource(fn, event, queue);
    const invoke = ports.invokerOf(fn.key);
    running.push(consumeQueue(source, { queue, deliver: (Records) => invoke({ Records }) }, context));
    context.log(`${queue.arn} -> ${fn.name}`);
  }
  return running;
}
