import { GetObjectCommand } from "@aws-sdk/client-s3";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { awsErrorName } from "@enceladus/shared/aws-errors";
import { directDynamodb, directS3, realName } from "./services.ts";

async function row(table: string, Key: Record<string, string>): Promise<Record<string, unknown> | undefined> {
  const TableName = realName("tables", table);
  return (await directDynamodb.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item;
}

async function object(key: string): Promise<string | undefined> {
  try {
    const answer = await directS3.send(new GetObjectCommand({ Bucket: realName("buckets", "assets"), Key: key }));
    return await answer.Body?.transformToString();
  } catch (error) {
    if (awsErrorName(error) === "NoSuchKey") return undefined;
    throw error;
  }
}

/** Everything that a project consists of, as it is stored. */
export async function storedProject({ name, prefix }: { name: string; prefix: string }) {
  const [project, reservation, reference, document] = await Promise.all([
    row("projects", { project_id: name }),
    row("project-prefixes", { prefix }),
    row("devops-project-tracker", { project_id: name, record_id: `reference#${name}` }),
    object(`mobile/v1/reference/${name}.md`),
  ]);
  return { project, reservation, reference, document };
}
