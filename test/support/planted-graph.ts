import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import pLimit from "p-limit";
import type { TrackerRecord } from "../../domain/tracker/record.ts";
import { derivedStates, type StoredEdge } from "./graph-check.ts";
import { directDynamodb, realName } from "./services.ts";
import { rowId } from "./tracker-rows.ts";

const BATCH = 25;
const AT_ONCE = 8;

/** A record to be there, with what it waits for. */
export interface Planted {
  item_id: string;
  blockers?: readonly string[];
  parents?: readonly string[];
  fields?: Partial<TrackerRecord>;
}

async function putAll(table: string, items: readonly object[]): Promise<void> {
  const TableName = realName("tables", table);
  const limit = pLimit(AT_ONCE);
  const batches = Array.from({ length: Math.ceil(items.length / BATCH) }, (_, index) =>
    items.slice(index * BATCH, (index + 1) * BATCH),
  );
  const write = (batch: readonly object[]) =>
    directDynamodb.send(
      new BatchWriteCommand({ RequestItems: { [TableName]: batch.map((Item) => ({ PutRequest: { Item } })) } }),
    );
  await Promise.all(batches.map((batch) => limit(write, batch)));
}

function recordOf(project_id: string, { item_id, blockers = [], parents = [], fields }: Planted): TrackerRecord {
  const record_id = rowId(item_id);
  const [record_type = ""] = record_id.split("#");
  const created_at = "2026-02-03T04:05:06Z";
  const edges = [...blockers.map((to) => ({ to, kind: "blocks" })), ...parents.map((to) => ({ to, kind: "parent" }))];
  const sameType = parents.filter((id) => rowId(id).startsWith(`${record_type}#`));
  return {
    project_id,
    record_id,
    record_type,
    item_id,
    title: `Title of ${item_id}`,
    status: record_type === "feature" ? "planned" : "open",
    sync_version: 1,
    created_at,
    updated_at: created_at,
    ...(edges.length > 0 && { dependencies: edges.map((edge) => ({ ...edge, created_at })) }),
    ...(blockers.length > 0 && { depends_on: [...blockers], blocked_by: blockers.join(", ") }),
    ...(sameType.length > 0 && { parent: sameType.at(-1) as string }),
    ...fields,
  };
}

/**
 * Puts records and their edges behind the API, as calls would have left them: much faster than to make hundreds of
 * them. They have no history. All edges have to lead to records that are planted with them.
 */
export async function plant(projectId: string, planted: readonly Planted[]): Promise<void> {
  const records = new Map(planted.map((one) => [one.item_id, recordOf(projectId, one)]));
  const edges = planted.flatMap(({ item_id: from, blockers = [], parents = [] }): StoredEdge[] => [
    ...blockers.map((to) => ({ from, to, kind: "blocks" })),
    ...parents.map((to) => ({ from, to, kind: "parent" })),
  ]);
  const ends = new Set(edges.map(({ to }) => to));
  const states = derivedStates(records, edges);
  const rows = [...records.values()].map((record) => {
    const { open_blockers, blocked_parents, ...keys } = states.get(record.item_id) ?? { open_blockers: [] };
    return {
      ...record,
      ...keys,
      ...(open_blockers.length > 0 && { open_blockers }),
      ...(blocked_parents && blocked_parents.length > 0 && { blocked_parents }),
      ...(ends.has(record.item_id) && { has_dependants: true }),
    };
  });
  const links = edges.flatMap((edge) => {
    const whole = { ...edge, from_project: projectId, to_project: projectId };
    return [
      { node: edge.from, link: `out#${edge.kind}#${edge.to}`, ...whole },
      { node: edge.to, link: `in#${edge.kind}#${edge.from}`, ...whole },
    ];
  });
  await Promise.all([putAll("devops-project-tracker", rows), putAll("tracker-links", links)]);
}
