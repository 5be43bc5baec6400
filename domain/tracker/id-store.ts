import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { awsErrorName } from "@enceladus/shared/aws-errors";
import { writing } from "@enceladus/shared/database";
import { dynamodb } from "@enceladus/shared/dynamodb";
import { timestamp } from "@enceladus/shared/time";
import { type Writer, writeSource } from "./attribution.ts";
import type { RecordType } from "./record.ts";
import { highestNumber } from "./record-store.ts";
import { tables } from "./tables.ts";

interface Allocation {
  projectId: string;
  type: RecordType;
  writer: Writer;
}

/** Adds one to the counter. With a seed the counter is made if it is missing, without one it must be there. */
async function increment({ projectId, type, writer }: Allocation, seed: number | undefined): Promise<number> {
  const now = timestamp();
  // A missing counter must start above every id in use, which costs a look at all of them: only then is it made.
  const counterExists = "attribute_exists(next_num)";
  const answer = await writing(() =>
    dynamodb().send(
      new UpdateCommand({
        TableName: tables.records(),
        Key: { project_id: projectId, record_id: `counter#${type}` },
        UpdateExpression:
          "SET next_num = if_not_exists(next_num, :seed) + :one, created_at = if_not_exists(created_at, :now), " +
          "updated_at = :now, record_type = :counter, item_id = :item, write_source = :source",
        ...(seed === undefined && { ConditionExpression: counterExists }),
        ExpressionAttributeValues: {
          ":seed": seed ?? 0,
          ":one": 1,
          ":now": now,
          ":counter": "counter",
          ":item": `COUNTER-${type.toUpperCase()}`,
          ":source": writeSource(writer, now),
        },
        ReturnValues: "UPDATED_NEW",
      }),
    ),
  );
  return Number(answer.Attributes?.next_num);
}

/**
 * The next number of a project and type. Callers at once get different, consecutive numbers; one that is not used in
 * the end leaves a gap, none is given twice.
 * @throws DomainError INTERNAL_ERROR
 */
export async function allocateNumber(allocation: Allocation): Promise<number> {
  try {
    return await increment(allocation, undefined);
  } catch (error) {
    if (awsErrorName(error) !== "ConditionalCheckFailedException") throw error;
    return increment(allocation, await highestNumber(allocation.projectId, allocation.type));
  }
}
