import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, type TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";

/** One write or check of a transaction. */
export type TransactItem = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

let client: DynamoDBDocumentClient | undefined;

/**
 * Numbers become JS numbers; an integer that a JS number cannot hold stays a string rather than lose digits.
 * @param text the number as DynamoDB sends it
 */
export function decodeNumber(text: string): number | string {
  const value = Number(text);
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? text : value;
}

/** The DynamoDB client of this container, made at its first use. Empty strings are kept, undefined is left out. */
export function dynamodb(): DynamoDBDocumentClient {
  client ??= DynamoDBDocumentClient.from(
    new DynamoDBClient({
      maxAttempts: 5,
      requestHandler: { connectionTimeout: 3_000, requestTimeout: 4_000, throwOnRequestTimeout: true },
    }),
    {
      marshallOptions: { removeUndefinedValues: true, convertEmptyValues: false },
      unmarshallOptions: { wrapNumbers: decodeNumber },
    },
  );
  return client;
}
