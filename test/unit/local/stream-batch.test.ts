import { describe, expect, it } from "@jest/globals";
import type { Outcome } from "../../../scripts/local/pump/invocation.ts";
import { type Discarded, deliverBatch, type RetryPolicy } from "../../../scripts/local/pump/streams/deliver-batch.ts";
import type { StreamRecord } from "../../../scripts/local/pump/streams/record.ts";
import { fakeClock } from "./fake-clock.ts";

const record = (sequenceNumber: string, bornAt = 1_000_000): StreamRecord => ({
  sequenceNumber,
  bornAt,
  bytes: 10,
  event: { sequenceNumber },
});
const records = (...numbers: string[]): StreamRecord[] => numbers.map((number) => record(number));
const numbersOf = (batch: StreamRecord[]): string => batch.map(({ sequenceNumber }) => sequenceNumber).join("");

const success: Outcome = { kind: "success", payload: null };
const failure: Outcome = { kind: "function-error", error: "boom", payload: { errorMessage: "boom" } };
const report = (...failed: string[]): Outcome => ({
  kind: "success",
  payload: { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) },
});

/** Delivers to a function that answers by the given rule, and tells what was seen. */
async function deliver(
  batch: StreamRecord[],
  policy: Partial<RetryPolicy>,
  answer: (batch: string, call: number) => Outcome,
) {
  const clock = fakeClock();
  const stopping = new AbortController();
  const seen = { invoked: [] as string[], discarded: [] as Discarded[], checkpoints: [] as string[], complete: false };
  seen.complete = await deliverBatch(
    batch,
    { reportsFailures: false, bisects: false, maximumRetries: -1, ...policy },
    {
      invoke: async (part) => {
        seen.invoked.push(numbersOf(part));
        if (seen.invoked.length >= 50) stopping.abort();
        return answer(numbersOf(part), seen.invoked.length);
      },
      discard: async (discarded) => void seen.discarded.push(discarded),
      checkpoint: (number) => void seen.checkpoints.push(number),
      log: () => undefined,
      clock,
      signal: stopping.signal,
      retryMs: [100, 1000],
    },
  );
  return { ...seen, slept: clock.slept };
}

describe("delivery of a stream batch", () => {
  it("passes the checkpoint once all records succeeded", async () => {
    const seen = await deliver(records("1", "2", "3"), {}, () => success);
    expect(seen).toMatchObject({ invoked: ["123"], checkpoints: ["3"], discarded: [], complete: true });
  });

  it("repeats the whole batch, ever more slowly, until it succeeds", async () => {
    const seen = await deliver(records("1", "2"), {}, (_, call) => (call < 6 ? failure : success));
    expect(seen.invoked).toEqual(Array(6).fill("12"));
    expect(seen.slept).toEqual([100, 200, 400, 800, 1000]);
    expect(seen.checkpoints).toEqual(["2"]);
  });

  it("blocks the shard for ever if nothing limits the retries", async () => {
    const seen = await deliver(records("1"), {}, () => failure);
    expect(seen).toMatchObject({ complete: false, checkpoints: [], discarded: [] });
    expect(seen.invoked).toHaveLength(50);
  });

  it("discards the whole batch after the last retry, good records and all", async () => {
    const seen = await deliver(records("1", "2", "3"), { maximumRetries: 2 }, () => failure);
    expect(seen.invoked).toEqual(["123", "123", "123"]);
    expect(seen.discarded).toMatchObject([{ reason: "RetryAttemptsExhausted", invocations: 3, lastOutcome: failure }]);
    expect(numbersOf(seen.discarded[0]?.records ?? [])).toBe("123");
    expect(seen.checkpoints).toEqual(["3"]);
  });

  it("makes no retry where none is allowed", async () => {
    expect((await deliver(records("1"), { maximumRetries: 0 }, () => failure)).invoked).toEqual(["1"]);
  });

  describe("with reported failures", () => {
    const reports = { reportsFailures: true };

    it("goes on from the lowest failed record, with those after it", async () => {
      const seen = await deliver(records("1", "2", "3", "4"), reports, (_, call) =>
        call === 1 ? report("4", "2") : success,
      );
      expect(seen.invoked).toEqual(["1234", "234"]);
      expect(seen.checkpoints).toEqual(["1", "4"]);
    });

    it("does not look at a report that was not asked for", async () => {
      expect((await deliver(records("1", "2"), {}, () => report("1"))).invoked).toEqual(["12"]);
    });

    it("takes a report it cannot read for a failure of all", async () => {
      const seen = await deliver(records("1", "2"), reports, (_, call) => (call === 1 ? report("9") : success));
      expect(seen.invoked).toEqual(["12", "12"]);
    });

    it("counts the retries of the record that holds the shard up", async () => {
      const seen = await deliver(records("1", "2", "3"), { ...reports, maximumRetries: 1 }, (batch) =>
        report(batch.includes("2") ? "2" : "1"),
      );
      expect(seen.invoked).toEqual(["123", "23"]);
      expect(numbersOf(seen.discarded[0]?.records ?? [])).toBe("23");
    });
  });

  describe("with bisecting", () => {
    it("finds the one bad record, keeps the order, and discards only it", async () => {
      const poison = (batch: string): Outcome => (batch.includes("3") ? failure : success);
      const seen = await deliver(records("1", "2", "3", "4", "5"), { bisects: true, maximumRetries: 1 }, poison);
      expect(seen.invoked).toEqual(["12345", "123", "12", "3", "3", "45"]);
      expect(seen.discarded).toHaveLength(1);
      expect(seen.discarded[0]).toMatchObject({ reason: "RetryAttemptsExhausted", invocations: 4 });
      expect(seen.checkpoints).toEqual(["2", "3", "5"]);
    });

    it("splits at the reported record first", async () => {
      const seen = await deliver(
        records("1", "2", "3", "4"),
        { bisects: true, reportsFailures: true, maximumRetries: 0 },
        (batch) => (batch.includes("2") ? report("2") : success),
      );
      expect(seen.invoked).toEqual(["1234"]);
      expect(numbersOf(seen.discarded[0]?.records ?? [])).toBe("234");
    });

    it("splits in halves when the first record is the reported one", async () => {
      const seen = await deliver(
        records("1", "2", "3", "4"),
        { bisects: true, reportsFailures: true, maximumRetries: 1 },
        (batch) => (batch.includes("2") ? report("2") : success),
      );
      expect(seen.invoked).toEqual(["1234", "234", "23", "2", "3", "4"]);
      expect(seen.discarded.map((item) => numbersOf(item.records))).toEqual(["2"]);
    });
  });

  it("gives up records that are too old, and only those", async () => {
    const batch = [record("1", 1_000_000 - 61_000), record("2", 1_000_000 - 59_000)];
    const seen = await deliver(batch, { maximumAgeMs: 60_000 }, () => success);
    expect(seen.invoked).toEqual(["2"]);
    expect(seen.discarded).toMatchObject([{ reason: "RecordAgeExceeded", invocations: 0 }]);
    expect(seen.checkpoints).toEqual(["1", "2"]);
  });

  it("gives a record up that grows too old between two tries", async () => {
    const seen = await deliver(records("1"), { maximumAgeMs: 2_000 }, () => failure);
    expect(seen.discarded).toMatchObject([{ reason: "RecordAgeExceeded" }]);
    expect(seen.complete).toBe(true);
  });

  it("uses up no retry on a function that cannot be reached", async () => {
    const unreached: Outcome = { kind: "undeliverable", error: "ECONNREFUSED", permanent: false };
    const seen = await deliver(records("1"), { maximumRetries: 0 }, (_, call) => (call < 5 ? unreached : success));
    expect(seen.invoked).toHaveLength(5);
    expect(seen.discarded).toEqual([]);
  });
});
