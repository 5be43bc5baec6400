import { afterEach, describe, expect, it } from "@jest/globals";
import type { Outcome } from "../../../scripts/local/pump/invocation.ts";
import type { Position, Shard, StreamApi } from "../../../scripts/local/pump/streams/api.ts";
import { Checkpoints } from "../../../scripts/local/pump/streams/checkpoints.ts";
import { consumeStream } from "../../../scripts/local/pump/streams/consume.ts";
import type { StreamRecord } from "../../../scripts/local/pump/streams/record.ts";
import type { StreamSource } from "../../../scripts/local/pump/streams/source.ts";
import { fakeClock } from "./fake-clock.ts";

/** A stream in memory; an iterator is "shard:index". */
class FakeStream implements StreamApi {
  readonly #shards = new Map<string, Shard & { records: StreamRecord[] }>();
  expireOnce = false;

  shard(id: string, parent?: string): this {
    this.#shards.set(id, { id, closed: false, records: [], ...(parent && { parent }) });
    return this;
  }

  put(shardId: string, ...numbers: string[]): this {
    for (const sequenceNumber of numbers) {
      this.#shards.get(shardId)?.records.push({ sequenceNumber, bornAt: 0, bytes: 10, event: { n: sequenceNumber } });
    }
    return this;
  }

  close(shardId: string): this {
    const shard = this.#shards.get(shardId);
    if (shard) shard.closed = true;
    return this;
  }

  async shards(): Promise<Shard[]> {
    return [...this.#shards.values()];
  }

  async iterator(shardId: string, position: Position): Promise<string> {
    const records = this.#shards.get(shardId)?.records ?? [];
    if (position.type === "TRIM_HORIZON") return `${shardId}:0`;
    if (position.type === "LATEST") return `${shardId}:${records.length}`;
    const after = "sequenceNumber" in position ? position.sequenceNumber : "";
    if (!records.some(({ sequenceNumber }) => sequenceNumber === after)) {
      throw Object.assign(new Error("trimmed"), { name: "TrimmedDataAccessException" });
    }
    return `${shardId}:${records.findIndex(({ sequenceNumber }) => sequenceNumber === after) + 1}`;
  }

  async read(iterator: string): Promise<{ records: StreamRecord[]; next?: string }> {
    if (this.expireOnce) {
      this.expireOnce = false;
      throw Object.assign(new Error("expired"), { name: "ExpiredIteratorException" });
    }
    const [shardId = "", index = "0"] = iterator.split(":");
    const shard = this.#shards.get(shardId);
    const records = (shard?.records ?? []).slice(Number(index), Number(index) + 2);
    const next = Number(index) + records.length;
    const atEnd = shard?.closed === true && next >= shard.records.length;
    return { records, ...(!atEnd && { next: `${shardId}:${next}` }) };
  }
}

const source = (overrides: Partial<StreamSource> = {}): StreamSource => ({
  place: "fn.events[0].stream",
  functionKey: "fn",
  streamArn: "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/1",
  batchSize: 10,
  batchWindowMs: 0,
  startingPosition: "TRIM_HORIZON",
  matches: () => true,
  reportsFailures: false,
  bisects: false,
  maximumRetries: -1,
  ...overrides,
});

const timing = {
  asyncRetry: [1, 2],
  streamRetry: [100, 1000],
  streamPoll: 250,
  shardDiscovery: 1000,
  scheduleMinute: 60_000,
  stopGrace: 1000,
} as const;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function consume(
  stream: StreamApi,
  options: { source?: StreamSource; checkpoints?: Checkpoints; answer?: (numbers: string[]) => Outcome } = {},
) {
  const stopping = new AbortController();
  const batches: string[][] = [];
  const checkpoints = options.checkpoints ?? (await Checkpoints.load(undefined));
  const ports = {
    api: stream,
    invoke: async (payload: unknown): Promise<Outcome> => {
      const numbers = (payload as { Records: { n: string }[] }).Records.map(({ n }) => n);
      batches.push(numbers);
      return options.answer?.(numbers) ?? { kind: "success", payload: null };
    },
    outbox: { send: async () => undefined },
    checkpoints,
  };
  const context = { clock: fakeClock(), timing, signal: stopping.signal, log: () => undefined, functions: {} };
  const { done } = await consumeStream(options.source ?? source(), ports, context);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await done;
  };
  stops.push(stop);
  const until = async (count: number): Promise<string[]> => {
    while (batches.flat().length < count) await new Promise((resolve) => setImmediate(resolve));
    return batches.flat();
  };
  return { batches, until, stop };
}

describe("a stream mapping", () => {
  it("reads a child only when its parent is done", async () => {
    const stream = new FakeStream().shard("parent").shard("child", "parent").put("parent", "1").put("child", "3");
    const { until, batches } = await consume(stream);
    await until(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(batches.flat()).toEqual(["1"]);
    stream.put("parent", "2").close("parent");
    expect(await until(3)).toEqual(["1", "2", "3"]);
  });

  it("reads a shard whose parent is gone from the stream", async () => {
    const { until } = await consume(new FakeStream().shard("child", "forgotten").put("child", "1"));
    expect(await until(1)).toEqual(["1"]);
  });

  it("holds up only the shard of the failing batch", async () => {
    const stream = new FakeStream().shard("a").shard("b").put("a", "bad", "a2").put("b", "b1", "b2");
    const { until, batches } = await consume(stream, {
      source: source({ batchSize: 1 }),
      answer: ([number]) =>
        number === "bad" ? { kind: "function-error", error: "x", payload: null } : { kind: "success", payload: null },
    });
    await until(8);
    expect(batches.flat()).toEqual(expect.arrayContaining(["b1", "b2"]));
    expect(batches.flat()).not.toContain("a2");
  });

  it("starts LATEST behind what is there, and skips closed shards", async () => {
    const stream = new FakeStream().shard("old").put("old", "1").close("old").shard("open", "old").put("open", "2");
    const { until } = await consume(stream, { source: source({ startingPosition: "LATEST" }) });
    stream.put("open", "3").close("open").shard("new", "open").put("new", "4");
    expect(await until(2)).toEqual(["3", "4"]);
  });

  it("makes batches of the records that the filter lets through", async () => {
    const stream = new FakeStream().shard("a").put("a", "1", "x", "2", "x", "3", "x");
    const matches = (event: unknown): boolean => (event as { n: string }).n !== "x";
    const { until, batches } = await consume(stream, { source: source({ matches, batchSize: 2, batchWindowMs: 500 }) });
    await until(3);
    expect(batches).toEqual([["1", "2"], ["3"]]);
  });

  it("gathers for the batching window, but never above the batch size", async () => {
    const stream = new FakeStream().shard("a").put("a", "1", "2", "3", "4", "5");
    const { until, batches } = await consume(stream, { source: source({ batchSize: 3, batchWindowMs: 1000 }) });
    await until(5);
    expect(batches).toEqual([
      ["1", "2", "3"],
      ["4", "5"],
    ]);
  });

  it("goes on with a new iterator when the old one expired", async () => {
    const stream = new FakeStream().shard("a").put("a", "1");
    const { until } = await consume(stream);
    await until(1);
    stream.expireOnce = true;
    stream.put("a", "2");
    expect(await until(2)).toEqual(["1", "2"]);
  });

  it("goes on after a restart where it stood, also past filtered records and finished shards", async () => {
    const stream = new FakeStream().shard("a").put("a", "1", "2").close("a").shard("b", "a").put("b", "3", "x");
    const matches = (event: unknown): boolean => (event as { n: string }).n !== "x";
    const checkpoints = await Checkpoints.load(undefined);
    const first = await consume(stream, { checkpoints, source: source({ matches }) });
    await first.until(3);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await first.stop();
    expect(checkpoints.of(`fn ${source().streamArn}`)).toEqual({ a: { finished: true }, b: { after: "x" } });

    stream.put("b", "4");
    const second = await consume(stream, { checkpoints, source: source({ matches }) });
    expect(await second.until(1)).toEqual(["4"]);
  });

  it("goes on with the oldest record that is left when its place was trimmed", async () => {
    const checkpoints = await Checkpoints.load(undefined);
    checkpoints.set(`fn ${source().streamArn}`, "a", { after: "long ago" });
    const { until } = await consume(new FakeStream().shard("a").put("a", "1"), { checkpoints });
    expect(await until(1)).toEqual(["1"]);
  });

  it("leaves a batch that failed when the stop came to the next start", async () => {
    const checkpoints = await Checkpoints.load(undefined);
    const stream = new FakeStream().shard("a").put("a", "1").close("a");
    const failing = await consume(stream, {
      checkpoints,
      answer: () => ({ kind: "function-error", error: "x", payload: null }),
    });
    await failing.until(1);
    await failing.stop();
    const next = await consume(stream, { checkpoints });
    expect(await next.until(1)).toEqual(["1"]);
  });
});
