import { readFile } from "node:fs/promises";
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, ScanCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { Command } from "commander";
import * as z from "zod";
import { pendingKey } from "../domain/deployments/request.ts";
import { run } from "./api/run.ts";
import { UserError } from "./api/user-error.ts";
import { endpointsFile } from "./local/endpoints-file.ts";

const TABLE = "devops-deployment-manager";

/** How far it has come. */
export interface Backfilled {
  looked: number;
  found: number;
  written: number;
}

interface Waiting {
  project_id: string;
  record_id: string;
  request_id: string;
  submitted_at: string;
}

/** @returns whether it was still waiting, and without a place in the index */
async function giveKey(client: DynamoDBDocumentClient, TableName: string, request: Waiting): Promise<boolean> {
  const { project_id, record_id } = request;
  // The system runs meanwhile: what was included or cancelled since must not come back into the index.
  const stillWaiting = "#status = :pending AND attribute_not_exists(pending_key)";
  try {
    await client.send(
      new UpdateCommand({
        TableName,
        Key: { project_id, record_id },
        UpdateExpression: "SET pending_key = :key",
        ConditionExpression: stillWaiting,
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: { ":pending": "pending", ":key": pendingKey(request) },
      }),
    );
    return true;
  } catch (error) {
    if ((error as Error).name === "ConditionalCheckFailedException") return false;
    throw error;
  }
}

/**
 * Gives every pending request without one its place in the index of pending requests. It reads the whole table, once; safe
 * to repeat, and while the system runs.
 * @param told hears after each page
 */
export async function backfillPendingKeys(
  client: DynamoDBDocumentClient,
  TableName: string,
  told: (so: Backfilled) => void = () => {},
): Promise<Backfilled> {
  const so: Backfilled = { looked: 0, found: 0, written: 0 };
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({
        TableName,
        FilterExpression: "record_type = :request AND #status = :pending AND attribute_not_exists(pending_key)",
        ProjectionExpression: "project_id, record_id, request_id, submitted_at",
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: { ":request": "request", ":pending": "pending" },
        ExclusiveStartKey,
      }),
    );
    so.looked += page.ScannedCount ?? 0;
    for (const row of (page.Items ?? []) as Waiting[]) {
      // What has no id or time cannot be included either.
      if (!row.request_id || !row.submitted_at) continue;
      so.found += 1;
      if (await giveKey(client, TableName, row)) so.written += 1;
    }
    told({ ...so });
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return so;
}

const Endpoints = z.object({
  region: z.string(),
  aws: z.object({ accessKeyId: z.string(), secretAccessKey: z.string(), dynamodb: z.string() }),
  tables: z.object({ [TABLE]: z.string() }),
});

async function localTable(data: string): Promise<{ name: string; config: DynamoDBClientConfig }> {
  const text = await readFile(endpointsFile(data), "utf8").catch(() => {
    throw new UserError(
      `No system is running that keeps its data in ${data}. Start one, or name a table with --table.`,
    );
  });
  const { region, aws, tables } = Endpoints.parse(JSON.parse(text));
  return { name: tables[TABLE], config: { endpoint: aws.dynamodb, region, credentials: aws } };
}

async function backfill({ table, data }: { table?: string; data: string }): Promise<void> {
  const { name, config } = table ? { name: table, config: {} } : await localTable(data);
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(config));
  const say = ({ looked, found, written }: Backfilled) =>
    process.stdout.write(
      `${looked} rows looked at, ${found} requests without a place in the index, ${written} given one\n`,
    );
  await backfillPendingKeys(client, name, say).finally(() => client.destroy());
}

if (import.meta.main) {
  await run(
    new Command("npm run deployments:backfill --")
      .description(
        "Gives pending deployment requests of older writers their place in the index. Once, after an upgrade.",
      )
      .option("--table <name>", "the deployed table, in the account and region of your credentials; else the local one")
      .option("--data <dir>", "data folder of the local system", ".local")
      .action(backfill),
  );
}
