import { randomUUID } from "node:crypto";
import type { Discarded } from "./deliver-batch.ts";

/** What the on-failure destination of a stream mapping receives: where the records lie, never the records themselves. */
export function failureMessage(
  discarded: Discarded,
  place: { functionArn: string; streamArn: string; shardId: string; now: number },
): Record<string, unknown> {
  const { records, lastOutcome } = discarded;
  const [first, last] = [records[0], records.at(-1)];
  const seconds = (ms: number | undefined): string | undefined =>
    ms === undefined ? undefined : new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn: place.functionArn,
      condition: discarded.reason,
      approximateInvokeCount: discarded.invocations,
    },
    ...(lastOutcome !== undefined && {
      responseContext: {
        statusCode: 200,
        executedVersion: "$LATEST",
        functionError: lastOutcome.kind === "success" ? null : "Unhandled",
      },
    }),
    version: "1.0",
    timestamp: new Date(place.now).toISOString(),
    DDBStreamBatchInfo: {
      shardId: place.shardId,
      startSequenceNumber: first?.sequenceNumber,
      endSequenceNumber: last?.sequenceNumber,
      approximateArrivalOfFirstRecord: seconds(first?.bornAt),
      approximateArrivalOfLastRecord: seconds(last?.bornAt),
      batchSize: records.length,
      streamArn: place.streamArn,
    },
  };
}
