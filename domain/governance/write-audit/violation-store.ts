import { BatchGetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { conditionally } from "@enceladus/shared/conditional-write";
import { querying, reading } from "@enceladus/shared/database";
import { dynamodb } from "@enceladus/shared/dynamodb";
import { requireEnv } from "@enceladus/shared/env";
import { timestamp } from "@enceladus/shared/time";
import type { Claim } from "./claim.ts";
import type { Summarised } from "./tally.ts";
import { ATTRIBUTION_POLICY, type Violation } from "./violation.ts";

/** A violation as it is stored, with what became of its alert. */
interface ViolationRow extends Violation {
  /** Only of rows that name a project: no index takes the empty text for a key. */
  project_scope?: string;
  /** When its own alert went out. */
  alerted_at?: string;
  /** When it was left to a flood's message and to the digest. */
  held_at?: string;
  claimed_by?: string;
  /** Milliseconds since the epoch. */
  claimed_until?: number;
}

const tableName = () => requireEnv("AGENT_COMPLIANCE_TABLE");

/** Two deliveries at once, or one after another: only the first one makes the row. */
const neverSeen = "attribute_not_exists(violation_id)";
/** A delivery that was slow to tell has done so by now. */
const notSettled = "attribute_not_exists(alerted_at) AND attribute_not_exists(held_at)";
/** Two that found the same claim run out: the second one sees that of the first. */
const claimAsSeen = "claimed_by = :seen";
/** Whoever took over a claim that had run out holds it still. */
const claimIsOurs = "claimed_by = :by";
/** The row may have been given up for its age: a mark must not bring back a ghost of it. */
const stillKept = "attribute_exists(violation_id)";

/** Whose it is to tell of a violation: `ours`, with the violation as it was first seen; somebody else's; or nobody's. */
export type Taken = { turn: "ours"; violation: Violation } | { turn: "claimed" } | { turn: "settled" };

function putNew(violation: Violation, claim: Claim) {
  const scope = violation.project_id === "" ? {} : { project_scope: violation.project_id };
  const row: ViolationRow = { ...violation, ...scope, claimed_by: claim.by, claimed_until: claim.until };
  return conditionally<ViolationRow>(() =>
    dynamodb().send(
      new PutCommand({
        TableName: tableName(),
        Item: row,
        ConditionExpression: neverSeen,
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    ),
  );
}

function takeOver(id: string, seen: string, claim: Claim) {
  return conditionally<ViolationRow>(() =>
    dynamodb().send(
      new UpdateCommand({
        TableName: tableName(),
        Key: { violation_id: id },
        UpdateExpression: "SET claimed_by = :by, claimed_until = :until",
        ConditionExpression: `${notSettled} AND ${claimAsSeen}`,
        ExpressionAttributeValues: { ":by": claim.by, ":until": claim.until, ":seen": seen },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    ),
  );
}

function turnAt(row: ViolationRow, by: string, now: number): Taken | undefined {
  if (row.alerted_at !== undefined || row.held_at !== undefined) return { turn: "settled" };
  // The client has repeated a write of ours whose answer got lost.
  if (row.claimed_by === by) return { turn: "ours", violation: row };
  return (row.claimed_until ?? 0) > now ? { turn: "claimed" } : undefined;
}

/**
 * Keeps a violation, unless it is known, and takes it on to tell of it, unless that was done or somebody does it.
 * @param now milliseconds since the epoch
 * @throws DomainError INTERNAL_ERROR
 */
export async function takeViolation(violation: Violation, claim: Claim, now: number): Promise<Taken> {
  const put = await putNew(violation, claim);
  if (put.held || !put.row) return { turn: "ours", violation };
  const { row } = put;
  const turn = turnAt(row, claim.by, now);
  if (turn) return turn;
  const taken = await takeOver(row.violation_id, row.claimed_by ?? "", claim);
  if (taken.held) return { turn: "ours", violation: row };
  return (taken.row && turnAt(taken.row, claim.by, now)) ?? { turn: "claimed" };
}

/** Lets the next delivery tell of a violation at once. @throws DomainError INTERNAL_ERROR */
export async function releaseViolation(id: string, by: string): Promise<void> {
  await conditionally(() =>
    dynamodb().send(
      new UpdateCommand({
        TableName: tableName(),
        Key: { violation_id: id },
        UpdateExpression: "SET claimed_until = :over",
        ConditionExpression: claimIsOurs,
        ExpressionAttributeValues: { ":over": 0, ":by": by },
      }),
    ),
  );
}

/**
 * Writes down that a violation was told of by its own alert, or left to the summaries.
 * @throws DomainError INTERNAL_ERROR
 */
export async function settleViolation(id: string, mark: "alerted_at" | "held_at", now: number): Promise<void> {
  await conditionally(() =>
    dynamodb().send(
      new UpdateCommand({
        TableName: tableName(),
        Key: { violation_id: id },
        UpdateExpression: "SET #mark = :now REMOVE claimed_by, claimed_until",
        ConditionExpression: stillKept,
        ExpressionAttributeNames: { "#mark": mark },
        ExpressionAttributeValues: { ":now": timestamp(now) },
      }),
    ),
  );
}

/** The violations with these ids, as they are now, the earliest first. @throws DomainError INTERNAL_ERROR */
export async function violationsById(ids: readonly string[]): Promise<Violation[]> {
  const TableName = tableName();
  let keys: Record<string, unknown>[] = ids.map((violation_id) => ({ violation_id }));
  const found: Violation[] = [];
  // DynamoDB may leave keys unread in one answer; each round asks for those only.
  while (keys.length > 0) {
    const RequestItems = { [TableName]: { Keys: keys, ConsistentRead: true } };
    const answer = await reading(() => dynamodb().send(new BatchGetCommand({ RequestItems })));
    found.push(...((answer.Responses?.[TableName] ?? []) as Violation[]));
    keys = answer.UnprocessedKeys?.[TableName]?.Keys ?? [];
  }
  const place = new Map(ids.map((id, index) => [id, index]));
  return found.sort((left, right) => (place.get(left.violation_id) ?? 0) - (place.get(right.violation_id) ?? 0));
}

/**
 * The violations that were first seen in a span of time and that no alert of their own has told of, the earliest first.
 * @param since seconds since the epoch
 * @param until seconds since the epoch, not included
 * @returns a page at a time
 * @throws DomainError INTERNAL_ERROR
 */
export async function* untoldViolations(since: number, until: number): AsyncGenerator<Summarised[], void> {
  let start: Record<string, unknown> | undefined;
  do {
    const page = await querying(() =>
      dynamodb().send(
        new QueryCommand({
          TableName: tableName(),
          IndexName: "policy-timestamp-index",
          KeyConditionExpression: "policy_id = :policy AND event_epoch BETWEEN :since AND :last",
          FilterExpression: "attribute_not_exists(alerted_at)",
          ProjectionExpression: "violation_id, event_time, #result, project_id, details",
          ExpressionAttributeNames: { "#result": "result" },
          ExpressionAttributeValues: { ":policy": ATTRIBUTION_POLICY, ":since": since, ":last": until - 1 },
          ExclusiveStartKey: start,
        }),
      ),
    );
    yield (page.Items ?? []) as Summarised[];
    start = page.LastEvaluatedKey;
  } while (start);
}
