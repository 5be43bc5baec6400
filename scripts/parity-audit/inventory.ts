import { ApiGatewayV2Client, GetApisCommand } from "@aws-sdk/client-apigatewayv2";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, ListEventBusesCommand, ListRulesCommand } from "@aws-sdk/client-eventbridge";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListPipesCommand, PipesClient } from "@aws-sdk/client-pipes";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { answerOf, type Unanswered } from "./access.ts";
import { allPages } from "./pages.ts";
import type { Inventory, InventoryItem, InventoryKind } from "./report.ts";

interface Lister {
  kind: InventoryKind;
  service: string;
  operation: string;
  names(region: string): Promise<(string | undefined)[]>;
  /** Of all regions at once. */
  isGlobal?: boolean;
}

const PAGE = 1000;
const lastOf = (text: string, separator: string) => text.slice(text.lastIndexOf(separator) + 1);

async function rules(region: string): Promise<(string | undefined)[]> {
  const client = new EventBridgeClient({ region });
  const buses = await allPages(async (NextToken) => {
    const { EventBuses = [], NextToken: next } = await client.send(new ListEventBusesCommand({ NextToken }));
    return { items: EventBuses, next };
  });
  const ofBuses = await Promise.all(
    buses.map(({ Name: EventBusName }) =>
      allPages(async (NextToken) => {
        const { Rules = [], NextToken: next } = await client.send(new ListRulesCommand({ EventBusName, NextToken }));
        return { items: Rules, next };
      }),
    ),
  );
  return ofBuses.flat().map(({ Name }) => Name);
}

const LISTERS: readonly Lister[] = [
  {
    kind: "lambda",
    service: "lambda",
    operation: "ListFunctions",
    names: (region) => {
      const client = new LambdaClient({ region });
      return allPages(async (Marker) => {
        const { Functions = [], NextMarker } = await client.send(new ListFunctionsCommand({ Marker }));
        return { items: Functions.map(({ FunctionName }) => FunctionName), next: NextMarker };
      });
    },
  },
  {
    kind: "dynamodb",
    service: "dynamodb",
    operation: "ListTables",
    names: (region) => {
      const client = new DynamoDBClient({ region });
      return allPages(async (ExclusiveStartTableName) => {
        const answer = await client.send(new ListTablesCommand({ ExclusiveStartTableName }));
        return { items: answer.TableNames ?? [], next: answer.LastEvaluatedTableName };
      });
    },
  },
  {
    kind: "s3",
    service: "s3",
    operation: "ListBuckets",
    isGlobal: true,
    names: (region) => {
      const client = new S3Client({ region });
      return allPages(async (token) => {
        const { Buckets = [], ContinuationToken } = await client.send(
          new ListBucketsCommand({ MaxBuckets: PAGE, ContinuationToken: token }),
        );
        return { items: Buckets.map(({ Name }) => Name), next: ContinuationToken };
      });
    },
  },
  {
    kind: "sqs",
    service: "sqs",
    operation: "ListQueues",
    names: (region) => {
      const client = new SQSClient({ region });
      return allPages(async (NextToken) => {
        // Without a size it would answer one page and no token.
        const answer = await client.send(new ListQueuesCommand({ NextToken, MaxResults: PAGE }));
        return { items: answer.QueueUrls?.map((url) => lastOf(url, "/")) ?? [], next: answer.NextToken };
      });
    },
  },
  {
    kind: "sns",
    service: "sns",
    operation: "ListTopics",
    names: (region) => {
      const client = new SNSClient({ region });
      return allPages(async (token) => {
        const { Topics = [], NextToken } = await client.send(new ListTopicsCommand({ NextToken: token }));
        return { items: Topics.map(({ TopicArn = "" }) => lastOf(TopicArn, ":")), next: NextToken };
      });
    },
  },
  { kind: "eventbridge_rules", service: "events", operation: "ListRules", names: rules },
  {
    kind: "pipes",
    service: "pipes",
    operation: "ListPipes",
    names: (region) => {
      const client = new PipesClient({ region });
      return allPages(async (token) => {
        const { Pipes = [], NextToken } = await client.send(new ListPipesCommand({ NextToken: token }));
        return { items: Pipes.map(({ Name }) => Name), next: NextToken };
      });
    },
  },
  {
    kind: "http_apis",
    service: "apigatewayv2",
    operation: "GetApis",
    names: (region) => {
      const client = new ApiGatewayV2Client({ region });
      return allPages(async (token) => {
        const { Items = [], NextToken } = await client.send(new GetApisCommand({ NextToken: token }));
        return { items: Items.map(({ Name }) => Name), next: NextToken };
      });
    },
  },
];

/**
 * Lists what is live in an account, of what bears a name of ours. What may not be listed is left out with a warning; what
 * fails otherwise stands in `failures`.
 */
export async function takeInventory(
  regions: readonly string[],
  isOurs: (name: string) => boolean,
  unanswered: Unanswered = { warnings: [], failures: [] },
): Promise<Inventory> {
  const resources = Object.fromEntries(LISTERS.map(({ kind }) => [kind, [] as InventoryItem[]])) as Record<
    InventoryKind,
    InventoryItem[]
  >;
  for (const { kind, service, operation, names, isGlobal } of LISTERS) {
    for (const region of isGlobal ? regions.slice(0, 1) : regions) {
      const place = isGlobal ? {} : { region };
      const found = await answerOf({ service, operation, ...place }, () => names(region), unanswered);
      const named = found?.filter((name) => name !== undefined && isOurs(name)) as string[] | undefined;
      resources[kind].push(...(named?.sort().map((name) => ({ name, ...place })) ?? []));
    }
  }
  const { warnings: inventory_warnings, failures } = unanswered;
  return { generated_at: new Date().toISOString(), regions, resources, inventory_warnings, failures };
}
