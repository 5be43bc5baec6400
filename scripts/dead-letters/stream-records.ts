import {
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from "@aws-sdk/client-dynamodb-streams";
import { UserError } from "../api/user-error.ts";
import { compileFilters } from "../local/event-bus/pattern.ts";
import { type StreamRecord, toStreamRecord } from "../local/pump/streams/record.ts";
import type { StreamRange } from "./letter.ts";

/** Empty answers come in a row where a shard has gaps; so many mean that something else is wrong. */
const MOST_READS = 1_000;

const LOST = new Set(["TrimmedDataAccessException", "ResourceNotFoundException"]);

function isPast(one: string, other: string): boolean {
  return BigInt(one) > BigInt(other);
}

async function readRange(client: DynamoDBStreamsClient, range: StreamRange, region: string): Promise<StreamRecord[]> {
  const { streamArn, shardId, first, last } = range;
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({
      StreamArn: streamArn,
      ShardId: shardId,
      ShardIteratorType: "AT_SEQUENCE_NUMBER",
      SequenceNumber: first,
    }),
  );
  const found: StreamRecord[] = [];
  let iterator = ShardIterator;
  for (let reads = 0; iterator !== undefined && reads < MOST_READS; reads += 1) {
    const page = await client.send(new GetRecordsCommand({ ShardIterator: iterator }));
    for (const record of page.Records ?? []) {
      const read = toStreamRecord(record, { streamArn, region, now: Date.now() });
      if (isPast(read.sequenceNumber, last)) return found;
      found.push(read);
      if (read.sequenceNumber === last) return found;
    }
    iterator = page.NextShardIterator;
  }
  throw new UserError(`the stream has no record ${last} behind ${first}`);
}

/**
 * The records of a stream that a function could not deal with, as it got them.
 * @param filterPatterns those with which the function follows the stream: it never got the rest of the range
 * @throws UserError where the stream does not have them any more
 */
export async function recordsOf(
  client: DynamoDBStreamsClient,
  { range, filterPatterns }: { range: StreamRange; filterPatterns: readonly unknown[] | undefined },
  region: string,
): Promise<StreamRecord[]> {
  try {
    const matches = compileFilters(filterPatterns);
    return (await readRange(client, range, region)).filter(({ event }) => matches(event));
  } catch (error) {
    if (!(error instanceof Error) || !LOST.has(error.name)) throw error;
    throw new UserError("the stream does not have these records any more: it keeps them for 24 hours");
  }
}
