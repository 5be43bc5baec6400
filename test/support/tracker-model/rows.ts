import { isDeepStrictEqual } from "node:util";
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { TrackerRecord } from "../../../domain/tracker/record.ts";
import { directDynamodb, realName } from "../services.ts";
import { MODEL_TYPES, type ModelType } from "./lifecycle.ts";
import {
  blockedParents,
  type EdgeKind,
  type ModelEdge,
  type ModelRecord,
  openBlockers,
  type Picture,
} from "./picture.ts";

/** The records of a project as they are stored, by their ids, as far as the model knows them. */
export type Rows = ReadonlyMap<string, TrackerRecord>;

const ATTRIBUTES = [
  ...["project_id", "record_id", "record_type", "item_id", "created_at", "title", "priority", "status"],
  ...["sync_version", "history_notes", "history_seq", "history_hash", "fence", "lease_id", "lease_expires_at"],
  ...["active_agent_session", "active_agent_session_id", "lease_heartbeat_at", "dependencies", "parent", "update"],
  ...["related_task_ids", "related_issue_ids", "related_feature_ids", "acceptance_criteria"],
  ...["open_blockers", "blocked_parents"],
];
const NAMES = Object.fromEntries(ATTRIBUTES.map((name, index) => [`#a${index}`, name]));

/** Read in one go, and without what is long. */
export async function storedRows(projectId: string): Promise<Rows> {
  const { Items } = await directDynamodb.send(
    new QueryCommand({
      TableName: realName("tables", "devops-project-tracker"),
      KeyConditionExpression: "project_id = :project",
      ProjectionExpression: Object.keys(NAMES).join(", "),
      ExpressionAttributeNames: NAMES,
      ExpressionAttributeValues: { ":project": projectId },
      ConsistentRead: true,
    }),
  );
  const rows = (Items ?? []) as TrackerRecord[];
  const records = rows.filter(({ record_type }) => MODEL_TYPES.some((type) => type === record_type));
  return new Map(records.map((row) => [row.item_id, row]));
}

function list<Entry>(value: unknown): Entry[] {
  return Array.isArray(value) ? (value as Entry[]) : [];
}

function sessionOf(row: TrackerRecord): ModelRecord["session"] {
  if (row.active_agent_session !== true) return undefined;
  return {
    holder: String(row.active_agent_session_id),
    leaseId: String(row.lease_id),
    endsAt: Date.parse(String(row.lease_expires_at)),
    beatAt: row.lease_heartbeat_at === undefined ? undefined : Date.parse(row.lease_heartbeat_at),
  };
}

/** A stored record in the words of the model. */
export function modelled(row: TrackerRecord): ModelRecord {
  const dependencies = list<{ to: string; kind: string }>(row.dependencies);
  return {
    id: row.item_id,
    type: row.record_type as ModelType,
    createdAt: String(row.created_at),
    title: row.title,
    priority: row.priority ?? "",
    status: row.status,
    version: row.sync_version ?? 0,
    notes: row.history_notes ?? 0,
    fence: row.fence ?? 0,
    session: sessionOf(row),
    edges: dependencies
      .filter(({ kind }) => kind !== "related")
      .map(({ to, kind }): ModelEdge => ({ to, kind: kind as EdgeKind })),
    parent: row.parent ?? "",
    related: [row.related_task_ids, row.related_issue_ids, row.related_feature_ids].flatMap(list<string>),
    accepted:
      row.record_type === "feature"
        ? list<{ evidence_acceptance: boolean }>(row.acceptance_criteria).map((one) => one.evidence_acceptance)
        : [],
    pending: row.update ?? "",
  };
}

const named = ({ kind, to }: ModelEdge) => `${kind} ${to}`;

/** Without the order of what has none. */
function comparable(record: ModelRecord) {
  return { ...record, edges: record.edges.map(named).sort(), related: record.related.toSorted() };
}

/** What is stored otherwise than a picture has it: nothing, if the picture is true. */
export function differences(picture: Picture, rows: Rows): object[] {
  const ids = new Set([...picture.records.keys(), ...rows.keys()]);
  return [...ids].flatMap((id): object[] => {
    const [record, row] = [picture.records.get(id), rows.get(id)];
    if (!record || !row) return [{ id, inModel: record !== undefined, isStored: row !== undefined }];
    const waits = { open_blockers: openBlockers(picture, id), blocked_parents: blockedParents(picture, id) };
    const is = {
      ...comparable(modelled(row)),
      open_blockers: list<string>(row.open_blockers).toSorted(),
      blocked_parents: list<string>(row.blocked_parents).toSorted(),
    };
    const should: Readonly<Record<string, unknown>> = { ...comparable(record), ...waits };
    return Object.entries(is)
      .filter(([name, value]) => !isDeepStrictEqual(value, should[name]))
      .map(([name, value]) => ({ id, name, is: value, should: should[name] }));
  });
}

/** A project as it is stored, as a picture. */
export function pictured(of: Pick<Picture, "project" | "prefix" | "now">, rows: Rows): Picture {
  return { ...of, records: new Map([...rows].map(([id, row]) => [id, modelled(row)])) };
}
