import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { BatchWriteCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Stage } from "../stage.ts";

const TABLE = "devops-deployment-manager";
const BATCH = 25;

/** The real name of the table of deployments. */
export function tableOf({ services }: Stage): string {
  return services.tables[TABLE] ?? "";
}

/** Gives projects what a build needs: a configuration and a source. */
export async function configureProjects({ services }: Stage, projectIds: readonly string[]): Promise<void> {
  const { region, credentials, direct, buckets } = services;
  const client = new S3Client({ endpoint: direct.s3, region, credentials, forcePathStyle: true });
  const put = (Key: string, Body: string) => client.send(new PutObjectCommand({ Bucket: buckets.assets, Key, Body }));
  for (const id of projectIds) {
    await put(`deploy-config/${id}/deploy.json`, "{}");
    await put(`deploy-config/${id}/current-version.json`, '{"version":"1.0.0"}');
    await put(`deploy-sources/${id}/20260101T000000Z-1-0123456789ab.zip`, "source");
  }
  client.destroy();
}

/** Puts pending requests into the table, as intake writes them. */
export async function fillPending(stage: Stage, projectId: string, count: number): Promise<void> {
  const submitted_at = `${new Date(Date.now() - 60_000).toISOString().slice(0, 19)}Z`;
  const compact = submitted_at.replaceAll(/[-:]/g, "");
  const rows = Array.from({ length: count }, (_, index) => {
    const request_id = `REQ-${compact}-${index.toString(16).padStart(6, "0")}`;
    return {
      project_id: projectId,
      record_id: `request#${request_id}`,
      record_type: "request",
      request_id,
      status: "pending",
      submitted_at,
      submitted_by: "bench",
      submitted_by_principal: "bench",
      pending_key: `${submitted_at}#${request_id}`,
      change_type: "patch",
      deployment_type: "github_public_static",
      summary: `Change ${index}`,
      changes: [`src/file-${index}.ts does it better`, "tests"],
      related_record_ids: [],
      files_changed: [`src/file-${index}.ts`],
    };
  });
  for (let start = 0; start < rows.length; start += BATCH) {
    const requests = rows.slice(start, start + BATCH).map((Item) => ({ PutRequest: { Item } }));
    await stage.database.send(new BatchWriteCommand({ RequestItems: { [tableOf(stage)]: requests } }));
  }
}

/** A spec as far as the bench looks at it. */
export interface BuildingSpec {
  project_id: string;
  spec_id: string;
  status: string;
  codebuild_build_id?: string;
  included_request_ids: string[];
}

/** The specs of a project. */
export async function specsOf(stage: Stage, projectId: string): Promise<BuildingSpec[]> {
  const { Items = [] } = await stage.database.send(
    new QueryCommand({
      TableName: tableOf(stage),
      ConsistentRead: true,
      KeyConditionExpression: "project_id = :project AND begins_with(record_id, :spec)",
      ExpressionAttributeValues: { ":project": projectId, ":spec": "spec#" },
    }),
  );
  return Items as BuildingSpec[];
}
