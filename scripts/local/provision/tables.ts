import { isDeepStrictEqual } from "node:util";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  type Projection,
  ResourceNotFoundException,
  type TableDescription,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { LocalError } from "../errors.ts";

interface IndexShape {
  KeySchema?: KeySchemaElement[] | undefined;
  Projection?: Projection | undefined;
}

const keysOf = (keys: readonly KeySchemaElement[] = []) =>
  keys.map((key) => `${key.KeyType} ${key.AttributeName}`).sort();

const indexShape = ({ KeySchema, Projection }: IndexShape) => ({
  keys: keysOf(KeySchema),
  projection: Projection?.ProjectionType ?? "ALL",
  attributes: [...(Projection?.NonKeyAttributes ?? [])].sort(),
});

/** What of a table cannot be changed in place: its keys, its indexes, its stream. */
function shapeOf(table: TableDescription | CreateTableCommandInput) {
  const indexes = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])];
  return {
    keys: keysOf(table.KeySchema),
    indexes: Object.fromEntries(indexes.map((index) => [index.IndexName ?? "", indexShape(index)])),
    stream: table.StreamSpecification?.StreamViewType,
  };
}

/** The input of CreateTable in the properties of the CloudFormation resource, which have the same names. */
function createTableInput(properties: Readonly<Record<string, unknown>>): CreateTableCommandInput {
  const {
    TableName,
    KeySchema,
    AttributeDefinitions,
    GlobalSecondaryIndexes,
    LocalSecondaryIndexes,
    StreamSpecification,
  } = properties as unknown as CreateTableCommandInput;
  return {
    TableName,
    KeySchema,
    AttributeDefinitions,
    BillingMode: "PAY_PER_REQUEST",
    ...(GlobalSecondaryIndexes && { GlobalSecondaryIndexes }),
    ...(LocalSecondaryIndexes && { LocalSecondaryIndexes }),
    ...(StreamSpecification && { StreamSpecification: { ...StreamSpecification, StreamEnabled: true } }),
  };
}

async function describe(client: DynamoDBClient, name: string | undefined): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/**
 * Creates a table as serverless.yml declares it, unless it is there already.
 * @param properties the resolved properties of the `AWS::DynamoDB::Table`
 * @returns the ARN of its stream, if it has one
 * @throws LocalError when it is there but with other keys, indexes or another stream
 */
export async function createTable(
  client: DynamoDBClient,
  properties: Readonly<Record<string, unknown>>,
): Promise<string | undefined> {
  const input = createTableInput(properties);
  const known = await describe(client, input.TableName);
  if (known) {
    if (!isDeepStrictEqual(shapeOf(known), shapeOf(input))) {
      throw new LocalError(
        `The local table "${input.TableName}" has other keys, indexes or another stream than serverless.yml declares now. Start once with --fresh; it empties the local data.`,
      );
    }
    return known.LatestStreamArn;
  }
  const { TableDescription: created } = await client.send(new CreateTableCommand(input));
  const { TimeToLiveSpecification } = properties as { TimeToLiveSpecification?: { AttributeName: string } };
  if (TimeToLiveSpecification) {
    const { AttributeName } = TimeToLiveSpecification;
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName: input.TableName,
        TimeToLiveSpecification: { AttributeName, Enabled: true },
      }),
    );
  }
  return created?.LatestStreamArn;
}
