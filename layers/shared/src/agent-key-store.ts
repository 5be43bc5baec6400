import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { awsErrorName } from "./aws-errors.ts";
import { querying, reading, writing } from "./database.ts";
import { dynamodb } from "./dynamodb.ts";
import { requireEnv } from "./env.ts";

/** What is told of a key. */
export interface KnownAgentKey {
  id: string;
  agent: string;
  scopes: readonly string[];
  /** Ids of projects, or `*` alone for all. */
  projects: readonly string[];
  created_at: string;
  created_by: string;
  expires_at: string;
  revoked_at?: string;
  /** To the hour. */
  last_used_at?: string;
}

/** A key as it is stored. */
export interface AgentKeyRow extends KnownAgentKey {
  secret_sha256: string;
}

const table = () => requireEnv("AGENT_KEYS_TABLE");

/** The one partition of `listed-index`, which has every key but no hash; the attribute never leaves this file. */
const LISTED = "key";

/**
 * What is stored of a key as last written, or undefined.
 * @throws DomainError INTERNAL_ERROR
 */
export async function readAgentKey(id: string): Promise<AgentKeyRow | undefined> {
  const command = new GetCommand({ TableName: table(), Key: { id }, ConsistentRead: true });
  const { Item } = await reading(() => dynamodb().send(command));
  return Item as AgentKeyRow | undefined;
}

/**
 * Stores a new key.
 * @throws DomainError INTERNAL_ERROR: it may be stored or not
 */
export async function putAgentKey(row: AgentKeyRow): Promise<void> {
  const neverSeen = "attribute_not_exists(id)";
  // The client repeats a write whose answer got lost.
  const alreadyOurs = "secret_sha256 = :hash";
  await writing(() =>
    dynamodb().send(
      new PutCommand({
        TableName: table(),
        Item: { ...row, listed: LISTED },
        ConditionExpression: `${neverSeen} OR ${alreadyOurs}`,
        ExpressionAttributeValues: { ":hash": row.secret_sha256 },
      }),
    ),
  );
}

/**
 * Revokes a key, once: whoever comes second finds when it happened.
 * @returns since when it is revoked; undefined where there is no such key
 * @throws DomainError INTERNAL_ERROR
 */
export async function revokeAgentKey(id: string, now: string): Promise<string | undefined> {
  // Without this an unknown id would become a row.
  const wasIssued = "attribute_exists(id)";
  try {
    const { Attributes } = await writing(() =>
      dynamodb().send(
        new UpdateCommand({
          TableName: table(),
          Key: { id },
          UpdateExpression: "SET revoked_at = if_not_exists(revoked_at, :now)",
          ConditionExpression: wasIssued,
          ExpressionAttributeValues: { ":now": now },
          ReturnValues: "UPDATED_NEW",
        }),
      ),
    );
    return Attributes?.revoked_at as string;
  } catch (error) {
    if (awsErrorName(error) === "ConditionalCheckFailedException") return undefined;
    throw error;
  }
}

/**
 * Notes in which hour a key was used; an earlier hour than the one that is noted changes nothing.
 * @throws the AWS error
 */
export async function noteUse(id: string, hour: string, signal: AbortSignal): Promise<void> {
  // A row that was read may be gone by now; an update would bring a ghost of it back.
  const stillThere = "attribute_exists(id)";
  // Other containers see the same key in the same hour; one of them is enough.
  const notNotedYet = "(attribute_not_exists(last_used_at) OR last_used_at < :hour)";
  try {
    await dynamodb().send(
      new UpdateCommand({
        TableName: table(),
        Key: { id },
        UpdateExpression: "SET last_used_at = :hour",
        ConditionExpression: `${stillThere} AND ${notNotedYet}`,
        ExpressionAttributeValues: { ":hour": hour },
      }),
      { abortSignal: signal },
    );
  } catch (error) {
    if (awsErrorName(error) !== "ConditionalCheckFailedException") throw error;
  }
}

/**
 * Part of all keys, the newest first.
 * @param after the id that the part begins behind; undefined for the beginning
 * @param limit at most so many, or as many as one read gives (1 MB)
 * @returns with the id that the next part begins behind; undefined when nothing follows
 * @throws DomainError INTERNAL_ERROR
 */
export async function queryAgentKeys(
  after: string | undefined,
  limit: number,
): Promise<{ keys: KnownAgentKey[]; next: string | undefined }> {
  const { Items = [], LastEvaluatedKey } = await querying(() =>
    dynamodb().send(
      new QueryCommand({
        TableName: table(),
        IndexName: "listed-index",
        KeyConditionExpression: "listed = :listed",
        ExpressionAttributeValues: { ":listed": LISTED },
        // Ids sort by their time of creation.
        ScanIndexForward: false,
        ExclusiveStartKey: after === undefined ? undefined : { listed: LISTED, id: after },
        Limit: limit,
      }),
    ),
  );
  return { keys: Items as KnownAgentKey[], next: LastEvaluatedKey && String(LastEvaluatedKey.id) };
}
