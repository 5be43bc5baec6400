import { type RowChange, streamWorker } from "@enceladus/middleware/stream-worker";
import { describe, expect, it } from "@jest/globals";
import type { Context, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { logDuring } from "../../support/captured-log.ts";

process.env.POWERTOOLS_LOG_LEVEL = "SILENT";

interface Row {
  id: string;
  version?: number;
}

function record(number: number, images: Partial<NonNullable<DynamoDBRecord["dynamodb"]>>): DynamoDBRecord {
  return { eventID: `event-${number}`, dynamodb: { SequenceNumber: `${number}`, ...images } };
}

function inserted(number: number): DynamoDBRecord {
  return record(number, { NewImage: { id: { S: `row-${number}` }, version: { N: "1" } } });
}

/** Calls a worker; the answer names the changes that failed. */
async function run(records: DynamoDBRecord[], work: (change: RowChange<Row>) => Promise<unknown>): Promise<string[]> {
  const event: DynamoDBStreamEvent = { Records: records };
  const { batchItemFailures } = await streamWorker<Row>("rows", work)(event, {} as Context);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

describe("a function behind a stream", () => {
  it("gets the rows before and after each change, in their order", async () => {
    const seen: unknown[] = [];
    const changed = record(2, { OldImage: { id: { S: "a" } }, NewImage: { id: { S: "a" }, version: { N: "2" } } });
    const failed = await run([inserted(1), changed, record(3, { OldImage: { id: { S: "a" } } })], async (change) => {
      seen.push(change);
    });
    expect(failed).toStrictEqual([]);
    expect(seen).toStrictEqual([
      { eventId: "event-1", before: undefined, after: { id: "row-1", version: 1 } },
      { eventId: "event-2", before: { id: "a" }, after: { id: "a", version: 2 } },
      { eventId: "event-3", before: { id: "a" }, after: undefined },
    ]);
  });

  it("stops at the first failure and says where, so that nothing overtakes it", async () => {
    const done: string[] = [];
    const failed = await run([1, 2, 3, 4].map(inserted), async ({ after }) => {
      if (after?.id === "row-2") throw new Error("not now");
      done.push(after?.id ?? "");
    });
    expect([done, failed]).toStrictEqual([["row-1"], ["2", "3", "4"]]);
  });

  it("reports a batch of which nothing works, and begins the next one afresh", async () => {
    const failing = async () => {
      throw new Error("never");
    };
    expect(await run([inserted(1), inserted(2)], failing)).toStrictEqual(["1", "2"]);
    expect(await run([inserted(1), inserted(2)], async () => undefined)).toStrictEqual([]);
  });

  it("fails for an image that cannot be read, and for that one only", async () => {
    const unreadable = record(2, { NewImage: { id: { X: "?" } as never } });
    expect(await run([inserted(1), unreadable], async () => undefined)).toStrictEqual(["2"]);
  });

  it("logs each event by its id, with what came of it, and counts the failures", async () => {
    const { lines } = await logDuring(() =>
      run([inserted(1), inserted(2), inserted(3)], async ({ after }) => {
        if (after?.id === "row-2") throw new Error("not now");
        return { changes: 5 };
      }),
    );
    const events = lines.filter(({ message }) => String(message).startsWith("event"));
    expect(events).toMatchObject([
      { level: "INFO", message: "event", source: "rows", event_id: "event-1", outcome: "done", result: { changes: 5 } },
      { level: "ERROR", message: "event_failed", event_id: "event-2", error: { message: "not now" } },
    ]);
    expect(lines).toContainEqual(expect.objectContaining({ event_failed: 1, source: "rows" }));
  });
});
