import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { writing } from "@enceladus/shared/database";
import type { TransactItem } from "@enceladus/shared/dynamodb";
import { dynamodb } from "@enceladus/shared/dynamodb";

/** Writes link rows that belong to no change of a record. */
export async function writeLinks(TransactItems: TransactItem[]): Promise<void> {
  await writing(() => dynamodb().send(new TransactWriteCommand({ TransactItems })));
}
