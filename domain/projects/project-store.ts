import { GetCommand, QueryCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { cancellationReasons } from "@enceladus/shared/aws-errors";
import { reading } from "@enceladus/shared/database";
import { dynamodb } from "@enceladus/shared/dynamodb";
import { requireEnv } from "@enceladus/shared/env";
import type { Project } from "./project.ts";
import {
  outcomeOfCancellation,
  type PrefixReservation,
  type Registration,
  type RegistrationOutcome,
} from "./registration.ts";

const tables = {
  projects: () => requireEnv("PROJECTS_TABLE"),
  prefixes: () => requireEnv("PROJECT_PREFIXES_TABLE"),
  tracker: () => requireEnv("TRACKER_TABLE"),
};

/** The one partition of `registry-index`. Every project is in it; the attribute never leaves this file. */
const REGISTRY = "project";

const text = (value: unknown): string => (typeof value === "string" ? value : "");

function fromRow({ registry: _, ...row }: Record<string, unknown>): Project {
  return {
    ...row,
    project_id: text(row.project_id),
    prefix: text(row.prefix),
    path: text(row.path),
    summary: text(row.summary),
    status: text(row.status),
    created_at: text(row.created_at),
    updated_at: text(row.updated_at),
    created_by: text(row.created_by),
  };
}

/** The project of an id as last written, or undefined. */
export async function readProject(projectId: string): Promise<Project | undefined> {
  const Key = { project_id: projectId };
  const { Item } = await reading(() =>
    dynamodb().send(new GetCommand({ TableName: tables.projects(), Key, ConsistentRead: true })),
  );
  return Item && fromRow(Item);
}

/** The project that owns a prefix, or undefined. The index follows the table with a delay of moments. */
export async function queryByPrefix(prefix: string): Promise<Project | undefined> {
  const { Items } = await reading(() =>
    dynamodb().send(
      new QueryCommand({
        TableName: tables.projects(),
        IndexName: "prefix-index",
        KeyConditionExpression: "prefix = :prefix",
        ExpressionAttributeValues: { ":prefix": prefix },
        Limit: 1,
      }),
    ),
  );
  return Items?.[0] && fromRow(Items[0]);
}

/** Who has reserved a prefix as last written, or undefined. */
export async function readReservation(prefix: string): Promise<PrefixReservation | undefined> {
  const { Item } = await reading(() =>
    dynamodb().send(new GetCommand({ TableName: tables.prefixes(), Key: { prefix }, ConsistentRead: true })),
  );
  return Item as PrefixReservation | undefined;
}

/**
 * Part of the registry in the order of the ids.
 * @param after the id that the part begins behind; undefined for the beginning
 * @param limit at most so many; undefined for as many as one read gives (1 MB)
 * @returns with the id that the next part begins behind; undefined when nothing follows
 */
export async function queryRegistry(
  after: string | undefined,
  limit: number | undefined,
): Promise<{ projects: Project[]; next: string | undefined }> {
  const { Items = [], LastEvaluatedKey } = await reading(() =>
    dynamodb().send(
      new QueryCommand({
        TableName: tables.projects(),
        IndexName: "registry-index",
        KeyConditionExpression: "registry = :registry",
        ExpressionAttributeValues: { ":registry": REGISTRY },
        ExclusiveStartKey: after === undefined ? undefined : { registry: REGISTRY, project_id: after },
        Limit: limit,
      }),
    ),
  );
  return { projects: Items.map(fromRow), next: LastEvaluatedKey && text(LastEvaluatedKey.project_id) };
}

/** Where a project's reference document is said to be. */
export interface ReferencePointer {
  /** Empty where the row names none. */
  bucket: string;
  key: string;
}

/** Where the tracker's reference row says that a project's reference document is, as last written; undefined without a row. */
export async function readReferencePointer(projectId: string): Promise<ReferencePointer | undefined> {
  const { Item } = await reading(() =>
    dynamodb().send(
      new GetCommand({
        TableName: tables.tracker(),
        Key: { project_id: projectId, record_id: `reference#${projectId}` },
        ProjectionExpression: "s3_bucket, s3_key",
        ConsistentRead: true,
      }),
    ),
  );
  return Item && { bucket: text(Item.s3_bucket), key: text(Item.s3_key) };
}

/**
 * When anything in a project's tracker last changed, its reference row included; undefined when there is no row.
 * @param signal ends the look-up early
 */
export async function queryLastUpdate(projectId: string, signal: AbortSignal): Promise<string | undefined> {
  const { Items } = await dynamodb().send(
    new QueryCommand({
      TableName: tables.tracker(),
      IndexName: "project-updated-index",
      KeyConditionExpression: "project_id = :project",
      ExpressionAttributeValues: { ":project": projectId },
      ScanIndexForward: false,
      Limit: 1,
    }),
    { abortSignal: signal },
  );
  return Items?.[0] && text(Items[0].updated_at);
}

function registrationItems({ creationId, project, reference }: Registration) {
  const { prefix, project_id, created_at, parent } = project;
  // Two requests for one name or one prefix: the pre-checks of both see nothing, one of the writes must lose.
  const nameIsFree = "attribute_not_exists(project_id)";
  const prefixIsFree = "attribute_not_exists(prefix)";
  // A row that an operator or an older tool left behind is not ours to overwrite.
  const noReferenceYet = "attribute_not_exists(record_id)";
  // The parent was there when we looked; it may be gone by now.
  const parentExists = "attribute_exists(project_id)";
  const ReturnValuesOnConditionCheckFailure = "ALL_OLD" as const;
  return [
    {
      Put: {
        TableName: tables.projects(),
        Item: { ...project, registry: REGISTRY },
        ConditionExpression: nameIsFree,
        ReturnValuesOnConditionCheckFailure,
      },
    },
    {
      Put: {
        TableName: tables.prefixes(),
        Item: { prefix, project_id, created_at, creation_id: creationId },
        ConditionExpression: prefixIsFree,
        ReturnValuesOnConditionCheckFailure,
      },
    },
    { Put: { TableName: tables.tracker(), Item: reference, ConditionExpression: noReferenceYet } },
    ...(parent === undefined
      ? []
      : [
          {
            ConditionCheck: {
              TableName: tables.projects(),
              Key: { project_id: parent },
              ConditionExpression: parentExists,
            },
          },
        ]),
  ];
}

/**
 * Writes the rows of a new project in one transaction.
 * @throws the AWS error when the outcome is not known: the rows may be there or not
 */
export async function register(registration: Registration): Promise<RegistrationOutcome> {
  try {
    await dynamodb().send(new TransactWriteCommand({ TransactItems: registrationItems(registration) }));
    return { kind: "registered" };
  } catch (error) {
    const reasons = cancellationReasons(error);
    if (!reasons) throw error;
    return outcomeOfCancellation(
      reasons.map(({ Code, Item }) => ({
        Code,
        Item: Item && unmarshall(Item as Parameters<typeof unmarshall>[0]),
      })),
    );
  }
}

/**
 * Takes the rows of a registration back. Safe to repeat, and harmless where the registration was never written or its
 * name has gone to somebody else.
 * @throws the AWS error when rows may be left
 */
export async function unregister({ creationId, project, reference }: Registration): Promise<void> {
  const { prefix, project_id, created_at, created_by } = project;
  // The rows were born together, so that the one that knows its registration speaks for all three: a project of the
  // same name, person and second that another request made stays.
  const reservationIsOurs = "creation_id = :creation";
  const projectIsOursOrGone = "attribute_not_exists(project_id) OR (created_at = :at AND created_by = :by)";
  const referenceIsOursOrGone = "attribute_not_exists(record_id) OR created_at = :at";
  try {
    await dynamodb().send(
      new TransactWriteCommand({
        TransactItems: [
          {
            Delete: {
              TableName: tables.projects(),
              Key: { project_id },
              ConditionExpression: projectIsOursOrGone,
              ExpressionAttributeValues: { ":at": created_at, ":by": created_by },
            },
          },
          {
            Delete: {
              TableName: tables.prefixes(),
              Key: { prefix },
              ConditionExpression: reservationIsOurs,
              ExpressionAttributeValues: { ":creation": creationId },
            },
          },
          {
            Delete: {
              TableName: tables.tracker(),
              Key: { project_id: reference.project_id, record_id: reference.record_id },
              ConditionExpression: referenceIsOursOrGone,
              ExpressionAttributeValues: { ":at": created_at },
            },
          },
        ],
      }),
    );
  } catch (error) {
    const nothingOfOurs = cancellationReasons(error)?.some(({ Code }) => Code === "ConditionalCheckFailed");
    if (!nothingOfOurs) throw error;
  }
}
