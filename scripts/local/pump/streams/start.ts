import { declaredEvents } from "../declared-events.ts";
import type { PumpPorts } from "../ports.ts";
import type { PumpContext, Running } from "../types.ts";
import { openStream } from "./api.ts";
import { Checkpoints } from "./checkpoints.ts";
import { consumeStream } from "./consume.ts";
import { readStreamSource } from "./source.ts";

/** Starts every declared mapping of a DynamoDB stream. */
export async function startStreams(ports: PumpPorts, context: PumpContext): Promise<Running[]> {
  const declared = declaredEvents(context, "stream", "arn");
  if (declared.length === 0) return [];
  const checkpoints = await Checkpoints.load(context.stateFile);
  const running: Running[] = [];
  for (const { fn, event } of declared) {
    if (event.raw("type") === "kinesis") throw event.error("Kinesis is not imitated locally");
    const source = readStreamSource(fn.key, event);
    const api = openStream(source.streamArn, context);
    const { done } = await consumeStream(
      source,
      { api, invoke: ports.invokerOf(fn.key), outbox: ports.outbox, checkpoints },
      context,
    );
    running.push({ done: done.then(() => checkpoints.flush()).finally(() => api.close()) });
    context.log(`${source.streamArn} -> ${fn.name}`);
  }
  return running;
}
