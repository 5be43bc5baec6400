import { GetCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { conditionally } from "@enceladus/shared/conditional-write";
import { querying, reading } from "@enceladus/shared/database";
import { dynamodb, type TransactItem } from "@enceladus/shared/dynamodb";
import { OPEN, rowKeys } from "./keys.ts";
import { settings } from "./settings.ts";
import type { DeployRecord, DeploySpec, UiSpec } from "./spec.ts";

const keyOf = (projectId: string, specId: string) => ({ project_id: projectId, record_id: rowKeys.spec(specId) });

/** @throws DomainError INTERNAL_ERROR */
export async function readSpec(projectId: string, specId: string): Promise<DeploySpec | undefined> {
  const Key = keyOf(projectId, specId);
  const { Item } = await reading(() =>
    dynamodb().send(new GetCommand({ TableName: settings.table(), Key, ConsistentRead: true })),
  );
  return Item as DeploySpec | undefined;
}

/** A new spec; its id must be free. */
export function putSpec(spec: DeploySpec): TransactItem {
  // Two specs of a mixed batch, made in one second.
  const idIsFree = "attribute_not_exists(record_id)";
  return { Put: { TableName: settings.table(), Item: spec, ConditionExpression: idIsFree } };
}

/** A new deployment; its id must be free. */
export function putDeployment(deployment: DeployRecord): TransactItem {
  const idIsFree = "attribute_not_exists(record_id)";
  return { Put: { TableName: settings.table(), Item: deployment, ConditionExpression: idIsFree } };
}

/** What a build came to, as it is noted on its spec. */
export type SpecEnd =
  | { status: "deployed"; completed_at: string; deploy_id: string }
  | { status: "failed"; completed_at: string; error_message: string };

/**
 * Closes a spec that is being built.
 * @param buildId the part of the build's id behind the project's name; undefined where no build was started
 * @param expected the whole id that the spec has, as read
 */
export function closeSpec(spec: UiSpec, end: SpecEnd, expected: string | undefined): TransactItem {
  // The same end of a build is told more than once, and by more than one way.
  const stillBuilding = "#status = :building";
  const sameBuild = expected === undefined ? "attribute_not_exists(codebuild_build_id)" : "codebuild_build_id = :build";
  const fields = Object.entries(end);
  return {
    Update: {
      TableName: settings.table(),
      Key: keyOf(spec.project_id, spec.spec_id),
      UpdateExpression: `SET ${fields.map((_, index) => `#f${index} = :v${index}`).join(", ")}`,
      ConditionExpression: `${stillBuilding} AND ${sameBuild}`,
      ExpressionAttributeNames: {
        "#status": "status",
        ...Object.fromEntries(fields.map(([name], index) => [`#f${index}`, name])),
      },
      ExpressionAttributeValues: {
        ":building": "building",
        ...(expected !== undefined && { ":build": expected }),
        ...Object.fromEntries(fields.map(([, value], index) => [`:v${index}`, value])),
      },
    },
  };
}

/**
 * Notes which build builds a spec.
 * @returns false where the spec is no longer being built, or another build is noted on it
 * @throws DomainError INTERNAL_ERROR
 */
export async function noteBuild({ project_id, spec_id }: UiSpec, buildId: string): Promise<boolean> {
  // A build can end before its id is noted; what it came to must not be overwritten.
  const stillBuilding = "#status = :building";
  const noOtherBuild = "(attribute_not_exists(codebuild_build_id) OR codebuild_build_id = :build)";
  const { held } = await conditionally(() =>
    dynamodb().send(
      new UpdateCommand({
        TableName: settings.table(),
        Key: keyOf(project_id, spec_id),
        UpdateExpression: "SET codebuild_build_id = :build",
        ConditionExpression: `${stillBuilding} AND ${noOtherBuild}`,
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: { ":building": "building", ":build": buildId },
      }),
    ),
  );
  return held;
}

/** Takes a spec from those that something is still to be done for. @throws DomainError INTERNAL_ERROR */
export async function settleSpec({ project_id, spec_id }: UiSpec): Promise<void> {
  // Never one that is still being built: its lost end would not be looked for.
  const isOver = "attribute_exists(record_id) AND #status <> :building";
  await conditionally(() =>
    dynamodb().send(
      new UpdateCommand({
        TableName: settings.table(),
        Key: keyOf(project_id, spec_id),
        UpdateExpression: "REMOVE open_spec",
        ConditionExpression: isOver,
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: { ":building": "building" },
      }),
    ),
  );
}

/**
 * The specs of all projects that something is still to be done for, the oldest first.
 * @throws DomainError INTERNAL_ERROR
 */
export async function* openSpecs(): AsyncGenerator<{ projectId: string; specId: string }, void> {
  let start: Record<string, unknown> | undefined;
  do {
    const ExclusiveStartKey = start;
    const page = await querying(() =>
      dynamodb().send(
        new QueryCommand({
          TableName: settings.table(),
          IndexName: "open-spec-index",
          KeyConditionExpression: "open_spec = :open",
          ExpressionAttributeValues: { ":open": OPEN },
          ExclusiveStartKey,
        }),
      ),
    );
    for (const { project_id, record_id } of page.Items ?? []) {
      yield { projectId: String(project_id), specId: String(record_id).slice(rowKeys.spec("").length) };
    }
    start = page.LastEvaluatedKey;
  } while (start);
}

/**
 * The deployments of a project, the latest first.
 * @param after the id behind which to begin
 * @param wanted how many rows are worth reading at once
 * @throws DomainError INTERNAL_ERROR
 */
export async function* deploymentsOf(
  projectId: string,
  after: string | undefined,
  wanted: () => number,
): AsyncGenerator<DeployRecord, void> {
  let start: Record<string, unknown> | undefined =
    after === undefined ? undefined : { project_id: projectId, record_id: rowKeys.deploy(after) };
  do {
    const ExclusiveStartKey = start;
    const page = await querying(() =>
      dynamodb().send(
        new QueryCommand({
          TableName: settings.table(),
          ScanIndexForward: false,
          Limit: wanted(),
          KeyConditionExpression: "project_id = :project AND begins_with(record_id, :deploy)",
          ExpressionAttributeValues: { ":project": projectId, ":deploy": rowKeys.deploy("") },
          ExclusiveStartKey,
        }),
      ),
    );
    yield* (page.Items ?? []) as DeployRecord[];
    start = page.LastEvaluatedKey;
  } while (start);
}
