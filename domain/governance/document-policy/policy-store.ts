import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { dynamodb } from "@enceladus/shared/dynamodb";
import { requireEnv } from "@enceladus/shared/env";
import { policyOf, type StoragePolicy } from "./policy.ts";

/**
 * A policy as last written; undefined where there is none.
 * @param signal ends the look early
 * @throws the AWS error after the client's retries
 */
export async function readPolicy(policyId: string, signal: AbortSignal): Promise<StoragePolicy | undefined> {
  const { Item } = await dynamodb().send(
    new GetCommand({
      TableName: requireEnv("GOVERNANCE_POLICIES_TABLE"),
      Key: { policy_id: policyId },
      ConsistentRead: true,
    }),
    { abortSignal: signal },
  );
  return Item && policyOf(Item, policyId);
}
