import { unmarshall } from "@aws-sdk/util-dynamodb";
import { awsErrorName } from "./aws-errors.ts";
import { writing } from "./database.ts";
import { decodeNumber } from "./dynamodb.ts";

type Image = Parameters<typeof unmarshall>[0];

/**
 * The row that came with a failed condition, as plain values; undefined where none came.
 * @param image as exceptions and cancellation reasons carry it: with typed attributes
 */
export function rowOfImage<Row>(image: Readonly<Record<string, unknown>> | undefined): Row | undefined {
  // The types of the exceptions say the same as those of the decoder, in other words.
  return image && (unmarshall(image as Image, { wrapNumbers: decodeNumber as never }) as Row);
}

/** What became of a write with a condition: its answer, or the row that failed the condition. */
export type Conditional<Row, Answer> = { held: true; answer: Answer } | { held: false; row: Row | undefined };

/**
 * Makes a write whose failed condition is an outcome and no error.
 * @param write one conditional write; with `ReturnValuesOnConditionCheckFailure: ALL_OLD` the row comes along
 * @throws DomainError INTERNAL_ERROR `Database write failed.` after the client's retries
 */
export async function conditionally<Row, Answer = unknown>(
  write: () => Promise<Answer>,
): Promise<Conditional<Row, Answer>> {
  try {
    return { held: true, answer: await writing(write) };
  } catch (error) {
    if (awsErrorName(error) !== "ConditionalCheckFailedException") throw error;
    return { held: false, row: rowOfImage<Row>((error as { Item?: Record<string, unknown> }).Item) };
  }
}
