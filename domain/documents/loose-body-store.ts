import { DeleteCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { awsErrorName } from "@enceladus/shared/aws-errors";
import { querying, writing } from "@enceladus/shared/database";
import { dynamodb, type TransactItem } from "@enceladus/shared/dynamodb";
import { newId } from "@enceladus/shared/ids";
import { timestamp } from "@enceladus/shared/time";
import type { BodyLocation } from "./body.ts";
import type { Owner } from "./document.ts";
import { tables } from "./tables.ts";

/**
 * Bodies that hang loose: announced before they are put, or named no more by their row. A row names a new body only in
 * the transaction that takes its announcement away, and stops naming one only in the transaction that announces it as
 * left; so whatever is in the bucket is either named or in this table.
 *
 *     announce --- put --- placed (with the row)          : named
 *        |           `---- removed at once                : its writer lost
 *        `------------------------------- due, 24 h later : its writer is gone
 *     left (with the row) --------------- due, 24 h later : readers of the older row are gone
 *
 * Whoever announces a body gives the announcement a new id, and only the newest one counts: with the same content on its
 * way twice, the writer that announced first finds its announcement gone and has to announce and put again. A body is
 * removed under an announcement that nobody has renewed, so that it cannot be named meanwhile.
 */
export interface LooseBody extends BodyLocation {
  owner: Owner;
  announcement: string;
  /** Whether it has been the content of its document: someone may still be reading it. */
  wasNamed: boolean;
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
  announcement: string;
  was_named?: boolean;
}

function fromRow(row: LooseRow): LooseBody {
  const { s3_bucket, s3_key, document_id, project_id, announcement, was_named = false } = row;
  return { bucket: s3_bucket, key: s3_key, owner: { document_id, project_id }, announcement, wasNamed: was_named };
}

/** Whether a write took place; its condition may say that there is nothing to write any more. */
async function holds(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await writing(write);
    return true;
  } catch (error) {
    if (awsErrorName(error) === "ConditionalCheckFailedException") return false;
    throw error;
  }
}

/**
 * Announces a body that is about to be put.
 * @returns undefined while the same body is being removed
 * @throws DomainError INTERNAL_ERROR
 */
export async function announce(
  { bucket, key }: BodyLocation,
  { document_id, project_id }: Owner,
  now: number = Date.now(),
): Promise<LooseBody | undefined> {
  // Its removal is on the way to the bucket: what is put now could be what is removed.
  const notBeingRemoved = "attribute_not_exists(remover)";
  const removerIsGone = "removing_since < :longAgo";
  let row: LooseRow | undefined;
  const isAnnounced = await holds(async () => {
    const { Attributes } = await dynamodb().send(
      new UpdateCommand({
        TableName: tables.bodies(),
        Key: { s3_key: key },
        UpdateExpression:
          "SET s3_bucket = :bucket, document_id = :document, project_id = :project, announcement = :announcement, " +
          "loose = :loose, due_at = :due REMOVE remover, removing_since",
        ConditionExpression: `${notBeingRemoved} OR ${removerIsGone}`,
        ExpressionAttributeValues: {
          ":bucket": bucket,
          ":document": document_id,
          ":project": project_id,
          ":announcement": newId(),
          ":loose": LOOSE,
          ":due": timestamp(now + PATIENCE_MS),
          ":longAgo": now - REMOVAL_MS,
        },
        ReturnValues: "ALL_NEW",
      }),
    );
    row = Attributes as LooseRow;
  });
  return isAnnounced && row ? fromRow(row) : undefined;
}

/** The part of a transaction that makes a row name a body: it is loose no more. */
export function placed({ key, announcement }: LooseBody): TransactItem {
  const stillAnnounced = "announcement = :announcement";
  // Whoever removes it has begun; the body may be gone.
  const notBeingRemoved = "attribute_not_exists(remover)";
  return {
    Delete: {
      TableName: tables.bodies(),
      Key: { s3_key: key },
      ConditionExpression: `${stillAnnounced} AND ${notBeingRemoved}`,
      ExpressionAttributeValues: { ":announcement": announcement },
    },
  };
}

/** The part of a transaction in which a row stops naming a body. A named body is never being removed. */
export function left({ bucket, key }: BodyLocation, owner: Owner, now: number): TransactItem {
  const { document_id, project_id } = owner;
  return {
    Put: {
      TableName: tables.bodies(),
      Item: {
        s3_key: key,
        s3_bucket: bucket,
        document_id,
        project_id,
        announcement: newId(),
        was_named: true,
        loose: LOOSE,
        due_at: timestamp(now + PATIENCE_MS),
      },
    },
  };
}

/**
 * Takes an announcement back: its body is named by a row.
 * @throws DomainError INTERNAL_ERROR
 */
export async function withdraw({ key, announcement }: LooseBody): Promise<void> {
  const stillAnnounced = "announcement = :announcement";
  await holds(() =>
    dynamodb().send(
      new DeleteCommand({
        TableName: tables.bodies(),
        Key: { s3_key: key },
        ConditionExpression: stillAnnounced,
        ExpressionAttributeValues: { ":announcement": announcement },
      }),
    ),
  );
}

/**
 * Removes a body that no row names, unless somebody has announced it anew or is removing it already.
 * @param body as it was seen before its row was looked at: a row that has come to name it since has taken this
 *   announcement away
 * @returns whether it was removed
 * @throws DomainError INTERNAL_ERROR; the sweep goes on with what was begun
 */
export async function remove(body: LooseBody, now: number = Date.now()): Promise<boolean> {
  const { key, announcement } = body;
  const Key = { s3_key: key };
  const remover = newId();
  const stillAnnounced = "announcement = :announcement";
  const nobodyRemovesIt = "(attribute_not_exists(remover) OR removing_since < :longAgo OR remover = :me)";
  const isMine = await holds(() =>
    dynamodb().send(
      new UpdateCommand({
        TableName: tables.bodies(),
        Key,
        UpdateExpression: "SET remover = :me, removing_since = :now",
        ConditionExpression: `${stillAnnounced} AND ${nobodyRemovesIt}`,
        ExpressionAttributeValues: {
          ":announcement": announcement,
          ":me": remover,
          ":now": now,
          ":longAgo": now - REMOVAL_MS,
        },
      }),
    ),
  );
  if (!isMine) return false;
  // Loaded here, since readers of metadata have no use for the S3 client.
  const { deleteBody } = await import("./body-store.ts");
  await deleteBody(body);
  await holds(() =>
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
  return { bodies: (Items as LooseRow[]).map(fromRow), last: LastEvaluatedKey };
}
