import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from "@aws-sdk/client-dynamodb-streams";
import type { PumpContext } from "../types.ts";
import { type StreamRecord, toStreamRecord } from "./record.ts";

export interface Shard {
  id: string;
  parent?: string;
  /** A closed shard gets no more records; its children go on. */
  closed: boolean;
}

export type Position = { type: "TRIM_HORIZON" | "LATEST" } | { type: "AFTER_SEQUENCE_NUMBER"; sequenceNumber: string };

/** One stream, as far as a reader needs it; the seam for tests of shards that split. */
export interface StreamApi {
  shards(): Promise<Shard[]>;
  iterator(shardId: string, position: Position): Promise<string>;
  /** `next` is missing at the end of a closed shard. */
  read(iterator: string): Promise<{ records: StreamRecord[]; next?: string }>;
}

type StreamPlace = Pick<PumpContext, "direct" | "region" | "credentials" | "clock">;

export function openStream(streamArn: string, place: StreamPlace): StreamApi & { close(): void } {
  const client = new DynamoDBStreamsClient({
    endpoint: place.direct.dynamodb,
    region: place.region,
    credentials: place.credentials,
  });
  return {
    shards: async () => {
      const shards: Shard[] = [];
      let from: string | undefined;
      do {
        const { StreamDescription: page } = await client.send(
          new DescribeStreamCommand({ StreamArn: streamArn, ...(from && { ExclusiveStartShardId: from }) }),
        );
        for (const { ShardId, ParentShardId, SequenceNumberRange } of page?.Shards ?? []) {
          if (ShardId === undefined) continue;
          const closed = SequenceNumberRange?.EndingSequenceNumber !== undefined;
          shards.push({ id: ShardId, closed, ...(ParentShardId && { parent: ParentShardId }) });
        }
        from = page?.LastEvaluatedShardId;
      } while (from !== undefined);
      return shards;
    },
    iterator: async (shardId, position) => {
      const { ShardIterator } = await client.send(
        new GetShardIteratorCommand({
          StreamArn: streamArn,
          ShardId: shardId,
          ShardIteratorType: position.type,
          ...("sequenceNumber" in position && { SequenceNumber: position.sequenceNumber }),
        }),
      );
      if (ShardIterator === undefined) throw new Error(`no iterator for ${shardId}`);
      return ShardIterator;
    },
    read: async (iterator) => {
      const { Records = [], NextShardIterator } = await client.send(new GetRecordsCommand({ ShardIterator: iterator }));
      const from = { streamArn, region: place.region, now: place.clock.now() };
      const records = Records.map((record) => toStreamRecord(record, from));
      return { records, ...(NextShardIterator && { next: NextShardIterator }) };
    },
    close: () => client.destroy(),
  };
}
