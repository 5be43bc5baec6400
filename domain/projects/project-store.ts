import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { dynamodb } from "@enceladus/shared/dynamodb";
import { requireEnv } from "@enceladus/shared/env";
import type { Project } from "./project.ts";

const text = (value: unknown): string => (typeof value === "string" ? value : "");

function fromRow({ registry: _, ...row }: Record<string, unknown>): Project {
  return {
    ...row,
    project_id: text(row.project_id),
    prefix: text(row.prefix),
    path: text(row.path),
    summary: text(row.summary),
    status: text(row.status),
    created_at: text(row.created_at),
    updated_at: text(row.updated_at),
    created_by: text(row.created_by),
  };
}

/** The project of an id as last written, or undefined. */
export async function readProject(projectId: string): Promise<Project | undefined> {
  const { Item } = await dynamodb().send(
    new GetCommand({
      TableName: requireEnv("PROJECTS_TABLE"),
      Key: { project_id: projectId },
      ConsistentRead: true,
    }),
  );
  return Item && fromRow(Item);
}

/** The project that owns a prefix, or undefined. The index follows the table with a delay of moments. */
export async function queryByPrefix(prefix: string): Promise<Project | undefined> {
  const { Items } = await dynamodb().send(
    new QueryCommand({
      TableName: requireEnv("PROJECTS_TABLE"),
      IndexName: "prefix-index",
      KeyConditionExpression: "prefix = :prefix",
      ExpressionAttributeValues: { ":prefix": prefix },
      Limit: 1,
    }),
  );
  return Items?.[0] && fromRow(Items[0]);
}
