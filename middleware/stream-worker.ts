import { unmarshall } from "@aws-sdk/util-dynamodb";
import { decodeNumber } from "@enceladus/shared/dynamodb";
import { log } from "@enceladus/shared/log";
import type { Context, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { NotItsTurn, tracedEvent } from "./trace-event.ts";

/** A change of a row, as the stream of its table tells it. */
export interface RowChange<Row> {
  /** The same in every delivery of the change. */
  eventId: string;
  /** Undefined for a row that was put in. */
  before: Row | undefined;
  /** Undefined for a row that was deleted. */
  after: Row | undefined;
}

type Image = NonNullable<DynamoDBRecord["dynamodb"]>["NewImage"];

function rowOf<Row>(image: Image): Row | undefined {
  if (!image) return undefined;
  // The types of the event say the same as those of the client, in other words.
  return unmarshall(image as Parameters<typeof unmarshall>[0], { wrapNumbers: decodeNumber }) as Row;
}

export type StreamHandler = (event: DynamoDBStreamEvent, context: Context) => Promise<DynamoDBBatchResponse>;

/**
 * A function behind the stream of a table. The changes are handled one after the other, in their order, up to the first
 * that fails; the answer says which one that is, so that the stream goes on there (`ReportBatchItemFailures`). Deliveries
 * are repeated, so the work has to be such that doing it again does no harm.
 * @param source what the stream is of, for logs and the metric `event_failed`
 * @param work what is to be done for a change; what it returns is logged
 */
export function streamWorker<Row>(source: string, work: (change: RowChange<Row>) => Promise<unknown>): StreamHandler {
  return async (event, context) => {
    const { BatchProcessor, EventType, processPartialResponse } = await import("@aws-lambda-powertools/batch");
    const processor = new BatchProcessor(EventType.DynamoDBStreams, { logger: log() });
    let hasFailed = false;
    const handle = async ({ eventID = "unknown", dynamodb }: DynamoDBRecord) => {
      if (hasFailed) throw new NotItsTurn();
      const { OldImage, NewImage } = dynamodb ?? {};
      try {
        await tracedEvent(source, eventID, () =>
          work({ eventId: eventID, before: rowOf<Row>(OldImage), after: rowOf<Row>(NewImage) }),
        );
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    };
    const options = { context, processInParallel: false, throwOnFullBatchFailure: false };
    return processPartialResponse(event, handle, processor, options);
  };
}
