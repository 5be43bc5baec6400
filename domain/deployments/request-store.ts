import {
  BatchGetCommand,
  GetCommand,
  QueryCommand,
  type QueryCommandOutput,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { conditionally } from "@enceladus/shared/conditional-write";
import { querying, reading } from "@enceladus/shared/database";
import { dynamodb, type TransactItem } from "@enceladus/shared/dynamodb";
import { mergedInOrder } from "@enceladus/shared/merge";
import { compactTimestamp } from "./ids.ts";
import { rowKeys } from "./keys.ts";
import { type DeployRequest, pendingKey } from "./request.ts";
import { settings } from "./settings.ts";

const keyOf = (projectId: string, requestId: string) => ({
  project_id: projectId,
  record_id: rowKeys.request(requestId),
});

/** @throws DomainError INTERNAL_ERROR */
export async function readRequest(projectId: string, requestId: string): Promise<DeployRequest | undefined> {
  const Key = keyOf(projectId, requestId);
  const { Item } = await reading(() =>
    dynamodb().send(new GetCommand({ TableName: settings.table(), Key, ConsistentRead: true })),
  );
  return Item as DeployRequest | undefined;
}

/** Requests as they are now, in no order; those that do not exist are left out. @param ids at most 100 */
export async function readRequests(projectId: string, ids: readonly string[]): Promise<DeployRequest[]> {
  const TableName = settings.table();
  const rows: DeployRequest[] = [];
  let pending: Record<string, unknown>[] = [...new Set(ids)].map((id) => keyOf(projectId, id));
  // DynamoDB may leave keys unread in one answer; each round asks for those only.
  while (pending.length > 0) {
    const RequestItems = { [TableName]: { Keys: pending, ConsistentRead: true } };
    const answer = await reading(() => dynamodb().send(new BatchGetCommand({ RequestItems })));
    rows.push(...((answer.Responses?.[TableName] ?? []) as DeployRequest[]));
    pending = answer.UnprocessedKeys?.[TableName]?.Keys ?? [];
  }
  return rows;
}

/** A new request; its id must be free. */
export function putRequest(request: DeployRequest): TransactItem {
  // Six random digits and a second: two submissions may meet.
  const idIsFree = "attribute_not_exists(record_id)";
  return { Put: { TableName: settings.table(), Item: request, ConditionExpression: idIsFree } };
}

/** Whoever includes, rejects, cancels or blocks a request does so only while nobody else has. */
const stillPending = "#status = :pending";

/** Includes a pending request in a spec. */
export function includeRequest({ project_id, request_id }: DeployRequest, specId: string): TransactItem {
  return {
    Update: {
      TableName: settings.table(),
      Key: keyOf(project_id, request_id),
      UpdateExpression:
        "SET #status = :included, spec_id = :spec, attempt_count = if_not_exists(attempt_count, :none) + :one " +
        "REMOVE pending_key, blocked_reason, blocked_at",
      ConditionExpression: stillPending,
      ExpressionAttributeNames: { "#status": "status" },
      ExpressionAttributeValues: {
        ":included": "included",
        ":pending": "pending",
        ":spec": specId,
        ":none": 0,
        ":one": 1,
      },
    },
  };
}

/** A request changes by what its own spec came to, never by another one's. */
const includedByThisSpec = "#status = :included AND spec_id = :spec";

/** Sets a request back that a spec has included in vain, or gives it up after so many attempts. */
export function returnRequest(request: DeployRequest, specId: string, maxAttempts: number, now: string): TransactItem {
  const isGivenUp = (request.attempt_count ?? 1) >= maxAttempts;
  return {
    Update: {
      TableName: settings.table(),
      Key: keyOf(request.project_id, request.request_id),
      UpdateExpression:
        `SET #status = :status, last_spec_id = :spec, ${isGivenUp ? "completed_at = :now" : "pending_key = :key"} ` +
        "REMOVE spec_id",
      ConditionExpression: includedByThisSpec,
      ExpressionAttributeNames: { "#status": "status" },
      ExpressionAttributeValues: {
        ":included": "included",
        ":spec": specId,
        ...(isGivenUp ? { ":status": "failed", ":now": now } : { ":status": "pending", ":key": pendingKey(request) }),
      },
    },
  };
}

/** Notes on a request that it has been deployed. */
export function completeRequest(request: DeployRequest, specId: string, deployId: string, now: string): TransactItem {
  return {
    Update: {
      TableName: settings.table(),
      Key: keyOf(request.project_id, request.request_id),
      UpdateExpression: "SET deploy_id = :deploy, completed_at = :now",
      ConditionExpression: includedByThisSpec,
      ExpressionAttributeNames: { "#status": "status" },
      ExpressionAttributeValues: { ":included": "included", ":spec": specId, ":deploy": deployId, ":now": now },
    },
  };
}

interface PendingChange {
  assignments: Readonly<Record<string, string>>;
  /** Whether it stops being pending. */
  isOver: boolean;
}

/** Changes a request if it is still pending. */
async function changePending(
  { project_id, request_id }: Pick<DeployRequest, "project_id" | "request_id">,
  { assignments, isOver }: PendingChange,
): Promise<void> {
  const names = Object.keys(assignments);
  await conditionally(() =>
    dynamodb().send(
      new UpdateCommand({
        TableName: settings.table(),
        Key: keyOf(project_id, request_id),
        UpdateExpression:
          `SET ${names.map((_, index) => `#f${index} = :v${index}`).join(", ")}` +
          (isOver ? " REMOVE pending_key" : ""),
        ConditionExpression: stillPending,
        ExpressionAttributeNames: {
          "#status": "status",
          ...Object.fromEntries(names.map((name, index) => [`#f${index}`, name])),
        },
        ExpressionAttributeValues: {
          ":pending": "pending",
          ...Object.fromEntries(names.map((name, index) => [`:v${index}`, assignments[name]])),
        },
      }),
    ),
  );
}

/** Rejects a request for good, if it is still pending. @throws DomainError INTERNAL_ERROR */
export async function rejectRequest(request: DeployRequest, reason: string, now: string): Promise<void> {
  const assignments = { status: "rejected", rejection_reason: reason, completed_at: now };
  await changePending(request, { assignments, isOver: true });
}

/** Says on a request why it was passed over, if it is still pending. @throws DomainError INTERNAL_ERROR */
export async function blockRequest(request: DeployRequest, reason: string, now: string): Promise<void> {
  if (request.blocked_reason === reason) return;
  await changePending(request, { assignments: { blocked_reason: reason, blocked_at: now }, isOver: false });
}

/** All that can change of a request while it stays pending: it is passed over, or included in vain. */
const CHANGING = ["attempt_count", "blocked_reason", "blocked_at"] as const;

/** Holds while a request is as it was read: an orchestrator may pass it over between the look and the write. */
function asItWas(request: DeployRequest) {
  const known = CHANGING.map((name) => [name, request[name]] as const);
  const clauses = known.map(([name, value]) =>
    value === undefined ? `attribute_not_exists(${name})` : `${name} = :read_${name}`,
  );
  const values = known.filter(([, value]) => value !== undefined).map(([name, value]) => [`:read_${name}`, value]);
  return { clauses, values: Object.fromEntries(values) as Record<string, unknown> };
}

/**
 * Takes a pending request back; where it is not pending, the reason holds the row as it is.
 * @param expected the request that must still be there as it was read; left out where any will do
 */
export function cancelPending(
  { project_id, request_id }: Pick<DeployRequest, "project_id" | "request_id">,
  end: { by: string; now: string },
  expected?: DeployRequest,
): TransactItem {
  const { clauses, values } = expected ? asItWas(expected) : { clauses: [], values: {} };
  return {
    Update: {
      TableName: settings.table(),
      Key: keyOf(project_id, request_id),
      UpdateExpression: "SET #status = :cancelled, cancelled_by = :by, completed_at = :now REMOVE pending_key",
      ConditionExpression: [stillPending, ...clauses].join(" AND "),
      ExpressionAttributeNames: { "#status": "status" },
      ExpressionAttributeValues: {
        ":pending": "pending",
        ":cancelled": "cancelled",
        ":by": end.by,
        ":now": end.now,
        ...values,
      },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  };
}

const DAYS_MS = 86_400_000;
/** As long ago as a request without a key in the index is looked for among all requests. */
const LOOK_BACK_MS = 7 * DAYS_MS;

interface PendingQuery {
  /** Only what stands behind it in the order. */
  after?: Pick<DeployRequest, "submitted_at" | "request_id"> | undefined;
  /** The attributes that are wanted; undefined for all. */
  attributes?: readonly string[];
  now?: number;
}

function projection(attributes: readonly string[] | undefined) {
  if (!attributes) return { names: {}, expression: {} };
  const names = Object.fromEntries(attributes.map((name, index) => [`#p${index}`, name]));
  return { names, expression: { ProjectionExpression: Object.keys(names).join(", ") } };
}

type Page = Pick<QueryCommandOutput, "Items" | "LastEvaluatedKey">;

async function* rowsOf(
  query: (start: Record<string, unknown> | undefined) => Promise<Page>,
): AsyncGenerator<DeployRequest, void> {
  let start: Record<string, unknown> | undefined;
  do {
    const from = start;
    const page = await querying(() => query(from));
    yield* (page.Items ?? []) as DeployRequest[];
    start = page.LastEvaluatedKey;
  } while (start);
}

function indexed(projectId: string, { after, attributes }: PendingQuery) {
  const { names, expression } = projection(attributes);
  return rowsOf((ExclusiveStartKey) =>
    dynamodb().send(
      new QueryCommand({
        TableName: settings.table(),
        IndexName: "pending-index",
        KeyConditionExpression: after ? "project_id = :project AND pending_key > :after" : "project_id = :project",
        ...expression,
        ...(attributes && { ExpressionAttributeNames: names }),
        ExpressionAttributeValues: { ":project": projectId, ...(after && { ":after": pendingKey(after) }) },
        ExclusiveStartKey,
      }),
    ),
  );
}

function recent(projectId: string, { after, attributes, now = Date.now() }: PendingQuery) {
  const { names, expression } = projection(attributes);
  const oldest = rowKeys.request(`REQ-${compactTimestamp(now - LOOK_BACK_MS)}`);
  const passed = after ? rowKeys.request(after.request_id) : oldest;
  return rowsOf((ExclusiveStartKey) =>
    dynamodb().send(
      new QueryCommand({
        TableName: settings.table(),
        ConsistentRead: true,
        KeyConditionExpression: "project_id = :project AND record_id BETWEEN :from AND :to",
        FilterExpression: stillPending,
        ...expression,
        ExpressionAttributeNames: { "#status": "status", ...names },
        ExpressionAttributeValues: {
          ":project": projectId,
          ":from": passed > oldest ? passed : oldest,
          ":to": rowKeys.request("REQ-~"),
          ":pending": "pending",
        },
        ExclusiveStartKey,
      }),
    ),
  );
}

/**
 * The pending requests of a project, the oldest first, read as they are asked for. The index may lag behind and knows
 * nothing of rows that other writers have made without its key, so the requests of the last seven days are looked at
 * themselves too.
 * @param query its `attributes`, if any, must contain `request_id`, `submitted_at` and `status`
 * @throws DomainError INTERNAL_ERROR
 */
export async function* pendingRequests(
  projectId: string,
  query: PendingQuery = {},
): AsyncGenerator<DeployRequest, void> {
  const seen = new Set<string>();
  const sources = [indexed(projectId, query), recent(projectId, query)];
  const isBefore = (one: DeployRequest, other: DeployRequest) => pendingKey(one) < pendingKey(other);
  for await (const request of mergedInOrder(sources, isBefore)) {
    const isBehind = !query.after || pendingKey(request) > pendingKey(query.after);
    // Rows without an id cannot be included; the index may still show what is pending no more.
    if (!request.request_id || !isBehind || request.status !== "pending" || seen.has(request.request_id)) continue;
    seen.add(request.request_id);
    yield request;
  }
}

/** How many requests wait to be deployed. @throws DomainError INTERNAL_ERROR */
export async function countPending(projectId: string): Promise<number> {
  const attributes = ["request_id", "submitted_at", "status"];
  let count = 0;
  for await (const _ of pendingRequests(projectId, { attributes })) count += 1;
  return count;
}
