import type { Clock } from "../clock.ts";
import type { Position, StreamApi } from "./api.ts";
import type { StreamRecord } from "./record.ts";
import type { StreamSource } from "./source.ts";

/** What a function may be sent at once is 6 MB; some is left for the envelope. */
const MAX_BATCH_BYTES = 6 * 1024 * 1024 - 4096;

/** Reads one shard from a position on, and makes batches of those records that match the mapping's filters. */
export class ShardReader {
  readonly #api: StreamApi;
  readonly #shardId: string;
  #position: Position;
  #iterator: string | undefined;
  /** Read and matching, in no batch yet. */
  #waiting: StreamRecord[] = [];
  #ended = false;

  constructor(api: StreamApi, shardId: string, position: Position) {
    this.#api = api;
    this.#shardId = shardId;
    this.#position = position;
  }

  /** Fixes the place of `LATEST`: what is written after this is read. */
  async open(): Promise<void> {
    try {
      this.#iterator = await this.#api.iterator(this.#shardId, this.#position);
    } catch (error) {
      // The record behind which to go on is older than 24 hours and gone; everything that is left comes after it.
      if (!isNamed(error, "TrimmedDataAccessException")) throw error;
      this.#position = { type: "TRIM_HORIZON" };
      this.#iterator = await this.#api.iterator(this.#shardId, this.#position);
    }
  }

  /** The last record read, filtered out or not, once no read record waits for its batch. */
  get settledAt(): string | undefined {
    if (this.#waiting.length > 0 || !("sequenceNumber" in this.#position)) return undefined;
    return this.#position.sequenceNumber;
  }

  get finished(): boolean {
    return this.#ended && this.#waiting.length === 0;
  }

  /**
   * Waits for the next batch: full, or as large as the batching window (from the first record on) let it become, or
   * the rest of a shard that ended. Empty if the shard has nothing more or the signal came.
   */
  async nextBatch(
    source: Pick<StreamSource, "batchSize" | "batchWindowMs" | "matches">,
    timing: { clock: Clock; pollMs: number; signal: AbortSignal },
  ): Promise<StreamRecord[]> {
    const { clock, signal } = timing;
    let since = this.#waiting.length > 0 ? clock.now() : undefined;
    while (!this.#ended && this.#fitting(source.batchSize) === this.#waiting.length) {
      if (this.#waiting.length >= source.batchSize) break;
      const left = since === undefined ? Number.POSITIVE_INFINITY : since + source.batchWindowMs - clock.now();
      if (left <= 0) break;
      if (signal.aborted) return [];
      const read = await this.#read();
      this.#waiting.push(...read.filter(({ event }) => source.matches(event)));
      if (this.#waiting.length > 0) since ??= clock.now();
      if (read.length === 0 && !this.#ended) await clock.sleep(Math.min(timing.pollMs, left), signal);
    }
    return this.#waiting.splice(0, this.#fitting(source.batchSize));
  }

  /** How many of the waiting records make the next batch. */
  #fitting(batchSize: number): number {
    let bytes = 0;
    const tooMany = this.#waiting.slice(0, batchSize).findIndex((record) => {
      bytes += record.bytes + 1;
      return bytes > MAX_BATCH_BYTES;
    });
    return tooMany < 0 ? Math.min(batchSize, this.#waiting.length) : Math.max(1, tooMany);
  }

  async #read(): Promise<StreamRecord[]> {
    if (this.#iterator === undefined) await this.open();
    try {
      const { records, next } = await this.#api.read(this.#iterator ?? "");
      const last = records.at(-1);
      if (last) this.#position = { type: "AFTER_SEQUENCE_NUMBER", sequenceNumber: last.sequenceNumber };
      this.#iterator = next;
      this.#ended = next === undefined;
      return records;
    } catch (error) {
      // An iterator lives 15 minutes; a laptop may sleep longer.
      this.#iterator = undefined;
      if (isNamed(error, "ExpiredIteratorException") || isNamed(error, "TrimmedDataAccessException")) return [];
      throw error;
    }
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
