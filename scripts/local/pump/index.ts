import { startAsyncSources } from "./async/start.ts";
import { systemClock } from "./clock.ts";
import { ConfigurationError } from "./config-reader.ts";
import { createInvoker } from "./invocation.ts";
import { createOutbox } from "./outbox.ts";
import { startQueues } from "./queues/start.ts";
import { startStreams } from "./streams/start.ts";
import type { DeclaredFunction, PumpContext, PumpOptions, Running, Timing } from "./types.ts";

export type { PumpOptions, Timing } from "./types.ts";

const ACCOUNT = "000000000000";

/** AWS's shape with a laptop's patience: the waits of retries are shorter, their number and order are the same. */
const DEFAULT_TIMING: Timing = {
  asyncRetry: [1_000, 2_000],
  streamRetry: [200, 10_000],
  streamPoll: 250,
  shardDiscovery: 5_000,
  scheduleMinute: 60_000,
  stopGrace: 10_000,
};

/**
 * Starts the event pump: brings what lies in streams, queues, topics, buses and schedules to the functions that declare
 * those events, with the semantics that AWS has. It starts nothing that no function declares.
 *
 * @throws ConfigurationError (and the errors of patterns and schedules) for a declaration that AWS would refuse or that
 *   is not imitated
 */
export async function startPump(options: PumpOptions): Promise<{ stop(): Promise<void> }> {
  const stopping = new AbortController();
  const context = contextOf(options, stopping.signal);
  const invoker = createInvoker(context);
  const outbox = createOutbox(context);
  const running: Running[] = [];

  const stop = async (): Promise<void> => {
    stopping.abort();
    const everything = Promise.all(running.map(({ done }) => done));
    await atMost(everything, context.timing.stopGrace);
    invoker.close();
    outbox.close();
  };

  try {
    const ports = { invokerOf: invoker.invokerOf, outbox };
    for (const start of [startStreams, startQueues, startAsyncSources]) {
      running.push(...(await start(ports, context)));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

function contextOf(options: PumpOptions, signal: AbortSignal): PumpContext {
  const functions: Record<string, DeclaredFunction> = {};
  for (const [key, fn] of Object.entries(options.functions)) {
    const name = options.functionNames[key];
    if (name === undefined) throw new ConfigurationError(`${key} has no deployed name`);
    functions[key] = { ...fn, key, name, arn: `arn:aws:lambda:${options.region}:${ACCOUNT}:function:${name}` };
  }
  return {
    ...options,
    functions,
    account: ACCOUNT,
    timing: { ...DEFAULT_TIMING, ...options.timing },
    clock: options.clock ?? systemClock,
    signal,
  };
}

/** Waits for deliveries that are under way, but not longer than the bound: a function may hang. */
async function atMost(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, bound]);
  clearTimeout(timer);
}
