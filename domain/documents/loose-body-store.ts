import { DeleteCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { conditionally } from "@enceladus/shared/conditional-write";
import { querying } from "@enceladus/shared/database";
import { dynamodb, type TransactItem } from "@enceladus/shared/dynamodb";
import { newId } from "@enceladus/shared/ids";
import { timestamp } from "@enceladus/shared/time";
import type { BodyLocation } from "./body.ts";
import type { Owner } from "./document.ts";
import { tables } from "./tables.ts";

/**
 * Bodies that hang loose: announced before they are put, or named no more by their row. A row names a new body only in
 * the transaction that takes it out of this table, and stops naming one only in the transaction that brings it in; so
 * whatever is in the bucket is either named or in this table.
 *
 *     announce --- put --- placed (with the row)          : named
 *        |           `---- removed at once                : its writer lost
 *        `------------------------------- due, 24 h later : its writer is gone
 *     left (with the row) --------------- due, 24 h later : readers of the older row are gone
 *
 * The same content may be on its way twice. So a row of this table has the ids of all who hold the body: writers that
 * have announced it and may put it at any moment, and the write that has left it. It is removed only by one who knows
 * all of its holders; a writer that loses while there are others only ceases to hold it.
 */
export interface LooseBody extends BodyLocation {
  owner: Owner;
  /** The holders that are known: for a writer itself, for the sweep all that it has seen. */
  holders: ReadonlySet<string>;
}

/** So long does a loose body wait for the writer that announced it, and for readers of the row that named it. */
const PATIENCE_MS = 24 * 3_600_000;
/** Longer than a function runs: a removal that has begun before is not going on any more. */
const REMOVAL_MS = 60_000;

/** The one partition of `due-index`. */
const LOOSE = "body";

interface LooseRow extends Owner {
  s3_key: string;
  s3_bucket: string;
  holders: Set<string>;
}

/** Nobody else holds the body: had a row come to name it since, or somebody announced it, there were other holders. */
const SAME_HOLDERS = "holders = :holders";

/** The update by which a body is held for another day. */
function hold({ bucket, key }: BodyLocation, { document_id, project_id }: Owner, holder: string, now: number) {
  return {
    TableName: tables.bodies(),
    Key: { s3_key: key },
    UpdateExpression:
      "SET s3_bucket = :bucket, document_id = :document, project_id = :project, loose = :loose, due_at = :due " +
      "ADD holders :holders REMOVE remover, removing_since",
    ExpressionAttributeValues: {
      ":bucket": bucket,
      ":document": document_id,
      ":project": project_id,
      ":loose": LOOSE,
      ":due": timestamp(now + PATIENCE_MS),
      ":holders": new Set([holder]),
    },
  };
}

/**
 * Announces a body that is about to be put.
 * @returns undefined while the same body is being removed
 * @throws DomainError INTERNAL_ERROR
 */
export async function announce(
  place: BodyLocation,
  owner: Owner,
  now: number = Date.now(),
): Promise<LooseBody | undefined> {
  const holder = newId();
  const { ExpressionAttributeValues, ...update } = hold(place, owner, holder, now);
  // Its removal is on the way to the bucket: what is put now could be what is removed.
  const notBeingRemoved = "attribute_not_exists(remover)";
  const removerIsGone = "removing_since < :longAgo";
  const { held } = await conditionally(() =>
    dynamodb().send(
      new UpdateCommand({
        ...update,
        ConditionExpression: `${notBeingRemoved} OR ${removerIsGone}`,
        ExpressionAttributeValues: { ...ExpressionAttributeValues, ":longAgo": now - REMOVAL_MS },
      }),
    ),
  );
  return held ? { ...place, owner, holders: new Set([holder]) } : undefined;
}

/** The part of a transaction that makes a row name a body: it is loose no more, whoever else holds it. */
export function placed({ key, holders: [holder] }: LooseBody): TransactItem {
  // Where it is not, the body has been removed, or may be.
  const stillHeld = "contains(holders, :holder)";
  const notBeingRemoved = "attribute_not_exists(remover)";
  return {
    Delete: {
      TableName: tables.bodies(),
      Key: { s3_key: key },
      ConditionExpression: `${stillHeld} AND ${notBeingRemoved}`,
      ExpressionAttributeValues: { ":holder": holder },
    },
  };
}

/** The part of a transaction in which a row stops naming a body. A named body is never being removed. */
export function left(place: BodyLocation, owner: Owner, now: number): TransactItem {
  return { Update: hold(place, owner, newId(), now) };
}

/**
 * Takes a body that is named by a row out of the table, if there are no other holders.
 * @returns whether there were none
 * @throws DomainError INTERNAL_ERROR
 */
export async function withdraw({ key, holders }: LooseBody): Promise<boolean> {
  const { held } = await conditionally(() =>
    dynamodb().send(
      new DeleteCommand({
        TableName: tables.bodies(),
        Key: { s3_key: key },
        ConditionExpression: SAME_HOLDERS,
        ExpressionAttributeValues: { ":holders": holders },
      }),
    ),
  );
  return held;
}

/**
 * Removes a body that no row names, if there are no other holders and nobody is removing it.
 * @param body as it was seen before its row was looked at
 * @returns whether it was removed
 * @throws DomainError INTERNAL_ERROR; the sweep goes on with what was begun
 */
export async function remove({ bucket, key, holders }: LooseBody, now: number = Date.now()): Promise<boolean> {
  const Key = { s3_key: key };
  const remover = newId();
  // The last clause: the client has repeated a call whose answer got lost.
  const nobodyElseRemovesIt = "(attribute_not_exists(remover) OR removing_since < :longAgo OR remover = :me)";
  const { held } = await conditionally(() =>
    dynamodb().send(
      new UpdateCommand({
        TableName: tables.bodies(),
        Key,
        UpdateExpression: "SET remover = :me, removing_since = :now",
        ConditionExpression: `${SAME_HOLDERS} AND ${nobodyElseRemovesIt}`,
        ExpressionAttributeValues: {
          ":holders": holders,
          ":me": remover,
          ":now": now,
          ":longAgo": now - REMOVAL_MS,
        },
      }),
    ),
  );
  if (!held) return false;
  // Loaded here, since readers of metadata have no use for the S3 client.
  const { deleteBody } = await import("./body-store.ts");
  await deleteBody({ bucket, key });
  await conditionally(() =>
    dynamodb().send(
      new DeleteCommand({
        TableName: tables.bodies(),
        Key,
        ConditionExpression: "remover = :me",
        ExpressionAttributeValues: { ":me": remover },
      }),
    ),
  );
  return true;
}

/**
 * Ceases to hold a body that others hold too; what becomes of it is theirs to settle.
 * @param body of a writer
 * @returns whether there is nothing left to do; false where there are no others any more
 * @throws DomainError INTERNAL_ERROR
 */
export async function cease({ key, holders }: LooseBody): Promise<boolean> {
  const [holder = ""] = holders;
  const heldByOthersToo = "contains(holders, :holder) AND size(holders) > :one";
  const outcome = await conditionally<LooseRow>(() =>
    dynamodb().send(
      new UpdateCommand({
        TableName: tables.bodies(),
        Key: { s3_key: key },
        UpdateExpression: "DELETE holders :holders",
        ConditionExpression: heldByOthersToo,
        ExpressionAttributeValues: { ":holder": holder, ":holders": holders, ":one": 1 },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    ),
  );
  return outcome.held || !outcome.row?.holders.has(holder);
}

/** A page of loose bodies. */
export interface LoosePage {
  bodies: LooseBody[];
  last: Record<string, unknown> | undefined;
}

/**
 * A page of the bodies that are due at a moment, those that have waited longest first.
 * @param now milliseconds since the epoch
 * @throws DomainError INTERNAL_ERROR
 */
export async function queryDue(now: number, start: Record<string, unknown> | undefined): Promise<LoosePage> {
  const { Items = [], LastEvaluatedKey } = await querying(() =>
    dynamodb().send(
      new QueryCommand({
        TableName: tables.bodies(),
        IndexName: "due-index",
        KeyConditionExpression: "loose = :loose AND due_at <= :now",
        ExpressionAttributeValues: { ":loose": LOOSE, ":now": timestamp(now) },
        ExclusiveStartKey: start,
        Limit: 100,
      }),
    ),
  );
  const bodies = (Items as LooseRow[]).map(({ s3_bucket, s3_key, document_id, project_id, holders }) => ({
    bucket: s3_bucket,
    key: s3_key,
    owner: { document_id, project_id },
    holders,
  }));
  return { bodies, last: LastEvaluatedKey };
}
