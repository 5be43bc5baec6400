import { backoff } from "../clock.ts";
import type { Invoke } from "../invocation.ts";
import type { Outbox } from "../outbox.ts";
import type { PumpContext, Running } from "../types.ts";
import type { Position, Shard, StreamApi } from "./api.ts";
import type { Checkpoints } from "./checkpoints.ts";
import { deliverBatch } from "./deliver-batch.ts";
import { failureMessage } from "./failure-message.ts";
import { ShardReader } from "./shard-reader.ts";
import type { StreamSource } from "./source.ts";

export interface StreamPorts {
  api: StreamApi;
  invoke: Invoke;
  outbox: Pick<Outbox, "send">;
  checkpoints: Checkpoints;
}

type Context = Pick<PumpContext, "clock" | "timing" | "signal" | "log" | "functions">;

/**
 * Consumes a stream for one function: every shard in its own order, a child not before its parent is done.
 * Ends when the places of the first shards are fixed, so that a `LATEST` mapping sees what is written from then on.
 */
export async function consumeStream(source: StreamSource, ports: StreamPorts, context: Context): Promise<Running> {
  const mapping = `${source.functionKey} ${source.streamArn}`;
  const { checkpoints } = ports;
  const started = new Map<string, Promise<void>>();
  const finished = new Set<string>();
  const firstStart = checkpoints.of(mapping) === undefined;
  let firstLook = true;
  let wake = new AbortController();

  const finish = (shardId: string): void => {
    finished.add(shardId);
    checkpoints.set(mapping, shardId, { finished: true });
    wake.abort();
  };

  const look = async (): Promise<void> => {
    const shards = await ports.api.shards();
    const existing = new Set(shards.map(({ id }) => id));
    checkpoints.prune(mapping, existing);
    for (const shard of shards) {
      if (started.has(shard.id) || finished.has(shard.id)) continue;
      const start = startOf(shard);
      if (start === "finished") finished.add(shard.id);
      else if (shard.parent === undefined || !existing.has(shard.parent) || finished.has(shard.parent)) {
        const reader = new ShardReader(ports.api, shard.id, start);
        await reader.open();
        started.set(shard.id, consumeShard(shard.id, reader));
      }
    }
    firstLook = false;
  };

  const startOf = (shard: Shard): Position | "finished" => {
    const checkpoint = checkpoints.of(mapping)?.[shard.id];
    if (checkpoint !== undefined) {
      if ("finished" in checkpoint) return "finished";
      return { type: "AFTER_SEQUENCE_NUMBER", sequenceNumber: checkpoint.after };
    }
    // LATEST is about the moment of the first start; a shard that appears later is read from its beginning.
    const latest = source.startingPosition === "LATEST" && firstStart && firstLook;
    if (!latest) return { type: "TRIM_HORIZON" };
    return shard.closed ? "finished" : { type: "LATEST" };
  };

  const consumeShard = async (shardId: string, reader: ShardReader): Promise<void> => {
    let failures = 0;
    let settled = true;
    while (!context.signal.aborted && !reader.finished) {
      try {
        settled = await deliverNext(shardId, reader);
        failures = 0;
      } catch (error) {
        failures += 1;
        if (failures === 1) context.log(`${source.place}: ${String(error)}`);
        await context.clock.sleep(backoff(failures, 1000, 10_000), context.signal);
      }
    }
    if (reader.finished && settled) finish(shardId);
  };

  const deliverNext = async (shardId: string, reader: ShardReader): Promise<boolean> => {
    const { clock, signal, timing } = context;
    const checkpoint = (after: string): void => checkpoints.set(mapping, shardId, { after });
    const batch = await reader.nextBatch(source, { clock, signal, pollMs: timing.streamPoll });
    const settled = await deliverBatch(batch, source, {
      invoke: (records) => ports.invoke({ Records: records.map(({ event }) => event) }),
      discard: async (discarded) => {
        context.log(`${source.place}: gave up ${discarded.records.length} records (${discarded.reason})`);
        if (source.onFailure === undefined) return;
        const functionArn = context.functions[source.functionKey]?.arn ?? "";
        const place = { functionArn, streamArn: source.streamArn, shardId, now: clock.now() };
        await ports.outbox.send(source.onFailure, failureMessage(discarded, place));
      },
      checkpoint,
      log: (message) => context.log(`${source.place}: ${message}`),
      clock,
      signal,
      retryMs: timing.streamRetry,
    });
    // Also past records that the filter left out.
    if (settled && reader.settledAt !== undefined) checkpoint(reader.settledAt);
    return settled;
  };

  const keepLooking = async (): Promise<void> => {
    while (!context.signal.aborted) {
      await context.clock.sleep(context.timing.shardDiscovery, AbortSignal.any([context.signal, wake.signal]));
      wake = new AbortController();
      if (!context.signal.aborted) {
        await look().catch((error: unknown) => context.log(`${source.place}: ${String(error)}`));
      }
    }
    await Promise.all(started.values());
  };

  await look();
  return { done: keepLooking() };
}
