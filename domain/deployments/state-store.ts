import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { conditionally } from "@enceladus/shared/conditional-write";
import { reading } from "@enceladus/shared/database";
import { dynamodb, type TransactItem } from "@enceladus/shared/dynamodb";
import { rowKeys } from "./keys.ts";
import { settings } from "./settings.ts";

/** What is kept of a project as a whole. */
export interface StateRow {
  project_id: string;
  record_id: string;
  record_type: "state";
  /** Absent until somebody sets it; rows of other writers may have it in another spelling. */
  state?: string;
  updated_at?: string;
  updated_by?: string;
  reason?: string | null;
  paused_since?: string | null;
  /** The spec that is being built: the lock on the project's builds. */
  active_spec_id?: string;
  active_since?: string;
  /** The version that the last deployment of this system has brought. */
  current_version?: string;
}

const keyOf = (projectId: string) => ({ project_id: projectId, record_id: rowKeys.state });

/** @throws DomainError INTERNAL_ERROR */
export async function readState(projectId: string): Promise<StateRow | undefined> {
  const { Item } = await reading(() =>
    dynamodb().send(new GetCommand({ TableName: settings.table(), Key: keyOf(projectId), ConsistentRead: true })),
  );
  return Item as StateRow | undefined;
}

/** What somebody sets the state of a project to. */
export interface StateChange {
  state: "ACTIVE" | "PAUSED";
  updated_at: string;
  updated_by: string;
  reason: string | null;
  /** Of a pause: when it begins, unless it has begun before. */
  paused_since: string | null;
}

const SETTABLE = ["state", "updated_at", "updated_by", "reason", "paused_since"] as const;

/** Holds while all that can be set is as it was read: somebody else may set it between the look and the write. */
function asItWas(row: StateRow | undefined) {
  const known = SETTABLE.map((name) => [name, row?.[name]] as const);
  const clauses = known.map(([name, value]) =>
    value === undefined ? `attribute_not_exists(#${name})` : `#${name} = :read_${name}`,
  );
  const values = known.filter(([, value]) => value !== undefined).map(([name, value]) => [`:read_${name}`, value]);
  return { condition: clauses.join(" AND "), values: Object.fromEntries(values) as Record<string, unknown> };
}

/**
 * Sets the state, and nothing else of the row: a build may be under way. A second pause keeps the first `paused_since`.
 * @param expected the row that must still be there as it was read; left out where any will do
 * @returns the row as it is then; undefined where it was not as expected
 * @throws DomainError INTERNAL_ERROR
 */
export async function writeState(
  projectId: string,
  change: StateChange,
  expected?: { row: StateRow | undefined },
): Promise<StateRow | undefined> {
  const unchanged = expected ? asItWas(expected.row) : { condition: undefined, values: {} };
  const values = {
    ":type": "state",
    ":state": change.state,
    ":updated_at": change.updated_at,
    ":updated_by": change.updated_by,
    ":reason": change.reason,
    ":paused_since": change.paused_since,
  };
  const set = async (since: string, own?: string): Promise<StateRow | undefined> => {
    const others = ["#state = :state", "#updated_at = :updated_at", "#updated_by = :updated_by", "#reason = :reason"];
    const outcome = await conditionally(() =>
      dynamodb().send(
        new UpdateCommand({
          TableName: settings.table(),
          Key: keyOf(projectId),
          UpdateExpression: `SET record_type = :type, ${others.join(", ")}, #paused_since = ${since}`,
          ConditionExpression: [own, unchanged.condition].filter(Boolean).join(" AND ") || undefined,
          ExpressionAttributeNames: Object.fromEntries(SETTABLE.map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: { ...values, ...unchanged.values },
          ReturnValues: "ALL_NEW",
        }),
      ),
    );
    return outcome.held ? (outcome.answer.Attributes as StateRow) : undefined;
  };
  if (change.state === "ACTIVE") return set(":paused_since");
  // Two who pause at once: the later one must not move the beginning of the pause.
  const notYetPaused = "(attribute_not_exists(#state) OR #state <> :state)";
  // A row whose pause has no beginning (an older writer's) gets one.
  return (await set(":paused_since", notYetPaused)) ?? set("if_not_exists(#paused_since, :paused_since)");
}

/** Who pauses the project while a spec is being written must win: nothing is started through a pause. */
const notPaused = "(attribute_not_exists(#state) OR #state <> :paused)";

/** Holds a transaction only while the project is not paused. */
export function whileNotPaused(projectId: string): TransactItem {
  return {
    ConditionCheck: {
      TableName: settings.table(),
      Key: keyOf(projectId),
      ConditionExpression: notPaused,
      ExpressionAttributeNames: { "#state": "state" },
      ExpressionAttributeValues: { ":paused": "PAUSED" },
    },
  };
}

/**
 * Takes the project's one build for a spec.
 * @param versionRead the version of the last deployment as it was when the next one was worked out
 */
export function takeBuild(
  projectId: string,
  specId: string,
  now: string,
  versionRead: string | undefined,
): TransactItem {
  // Two orchestrators, or one that was delayed behind another's whole build.
  const nobodyBuilds = "attribute_not_exists(active_spec_id)";
  const nothingDeployedSince =
    versionRead === undefined ? "attribute_not_exists(current_version)" : "current_version = :versionRead";
  return {
    Update: {
      TableName: settings.table(),
      Key: keyOf(projectId),
      UpdateExpression: "SET active_spec_id = :spec, active_since = :now, record_type = :type",
      ConditionExpression: `${notPaused} AND ${nobodyBuilds} AND ${nothingDeployedSince}`,
      ExpressionAttributeNames: { "#state": "state" },
      ExpressionAttributeValues: {
        ":paused": "PAUSED",
        ":spec": specId,
        ":now": now,
        ":type": "state",
        ...(versionRead !== undefined && { ":versionRead": versionRead }),
      },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  };
}

/**
 * Gives the project's build back, and keeps what it has brought.
 * @param row as read: the build is given back only where the spec still holds it
 * @param version what was deployed; undefined where nothing was
 */
export function giveBuildBack(
  row: StateRow | undefined,
  projectId: string,
  specId: string,
  version?: string,
): TransactItem {
  const isHolder = row?.active_spec_id === specId;
  // What was judged is what is written over: the lock of another spec, or a newer version, is never touched.
  const sameHolder = isHolder
    ? "active_spec_id = :spec"
    : "(attribute_not_exists(active_spec_id) OR active_spec_id <> :spec)";
  const sameVersion =
    row?.current_version === undefined ? "attribute_not_exists(current_version)" : "current_version = :versionRead";
  const sets = ["record_type = :type", ...(version === undefined ? [] : ["current_version = :version"])];
  return {
    Update: {
      TableName: settings.table(),
      Key: keyOf(projectId),
      UpdateExpression: `SET ${sets.join(", ")}${isHolder ? " REMOVE active_spec_id, active_since" : ""}`,
      ConditionExpression: `${sameHolder} AND ${sameVersion}`,
      ExpressionAttributeValues: {
        ":spec": specId,
        ":type": "state",
        ...(version !== undefined && { ":version": version }),
        ...(row?.current_version !== undefined && { ":versionRead": row.current_version }),
      },
    },
  };
}

/**
 * Frees the project's build from a spec that is not being built.
 * @throws DomainError INTERNAL_ERROR
 */
export async function freeBuild(projectId: string, specId: string): Promise<void> {
  // Where it does not, somebody else has freed it, and perhaps taken it again.
  const stillThatSpec = "active_spec_id = :spec";
  await conditionally(() =>
    dynamodb().send(
      new UpdateCommand({
        TableName: settings.table(),
        Key: keyOf(projectId),
        UpdateExpression: "REMOVE active_spec_id, active_since",
        ConditionExpression: stillThatSpec,
        ExpressionAttributeValues: { ":spec": specId },
      }),
    ),
  );
}
