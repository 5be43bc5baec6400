import { isDeepStrictEqual } from "node:util";
import { expect } from "@jest/globals";
import pLimit from "p-limit";
import type { TrackerRecord } from "../../domain/tracker/record.ts";
import { linksOf, rowsOf } from "./tracker-rows.ts";

/** An edge as a row of the links table has it. */
export interface StoredEdge {
  from: string;
  to: string;
  kind: string;
}

/** What a record has to say of its blockers, and under which keys it is found. */
export interface GraphState {
  open_blockers: string[];
  blocked_parents: string[];
  ready_scope: string | undefined;
  ready_rank: string | undefined;
  leased_scope: string | undefined;
  stalled_scope: string | undefined;
}

const FINISHED: Readonly<Record<string, readonly string[]>> = {
  task: ["closed"],
  issue: ["closed"],
  feature: ["completed", "production", "deprecated"],
};
const RELATIONS: Readonly<Record<string, string>> = {
  task: "related_task_ids",
  issue: "related_issue_ids",
  feature: "related_feature_ids",
};
const PRIORITIES = ["P0", "P1", "P2", "P3", "P4"];
const READS_AT_ONCE = 16;
/** Of many records that are wrong these are shown. */
const MOST_SHOWN = 5;

type Graph = ReadonlyMap<string, TrackerRecord>;

function isOpen({ record_type, status }: TrackerRecord): boolean {
  return !FINISHED[record_type]?.includes(status);
}

function endsOf(edges: readonly StoredEdge[], from: string, kind: string): string[] {
  return edges.filter((edge) => edge.from === from && edge.kind === kind).map(({ to }) => to);
}

function rankOf({ priority, created_at, item_id }: TrackerRecord): string {
  const place = PRIORITIES.indexOf(String(priority));
  const number = (item_id.split("-")[2] ?? "").padStart(15, "0");
  return [place === -1 ? PRIORITIES.length : place, created_at ?? "", number, item_id].join("#");
}

/** Where a record is found: as ready, as held by somebody, or as held up. */
function keysOf(record: TrackerRecord, isBlocked: boolean): Omit<GraphState, "open_blockers" | "blocked_parents"> {
  const scope = `${record.project_id}#${record.record_type}`;
  const isHeld = record.active_agent_session === true;
  const stall = isBlocked ? "blocked" : record.parked_at === undefined ? undefined : "parked";
  const where = isOpen(record) ? (isHeld ? "leased" : (stall ?? "ready")) : "nowhere";
  return {
    ready_scope: where === "ready" ? scope : undefined,
    ready_rank: where === "ready" ? rankOf(record) : undefined,
    leased_scope: where === "leased" && record.lease_expires_at ? scope : undefined,
    stalled_scope: where === stall ? `${scope}#${stall}` : undefined,
  };
}

/**
 * What every record has to say, from the edges and the statuses alone: a plain walk over the graph, written apart from
 * the code that keeps it.
 */
export function derivedStates(records: Graph, edges: readonly StoredEdge[]): Map<string, GraphState> {
  const openBlockers = (id: string): string[] =>
    endsOf(edges, id, "blocks").filter((to) => {
      const blocker = records.get(to);
      return blocker !== undefined && isOpen(blocker);
    });
  const blocked = new Map<string, boolean>();
  const isBlocked = (id: string): boolean => {
    const known = blocked.get(id);
    if (known !== undefined) return known;
    blocked.set(id, false);
    const found = openBlockers(id).length > 0 || endsOf(edges, id, "parent").some(isBlocked);
    blocked.set(id, found);
    return found;
  };
  return new Map(
    [...records].map(([id, record]) => [
      id,
      {
        open_blockers: openBlockers(id).sort(),
        blocked_parents: endsOf(edges, id, "parent").filter(isBlocked).sort(),
        ...keysOf(record, isBlocked(id)),
      },
    ]),
  );
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? (value as string[]) : [];
}

function statedIn(record: TrackerRecord): GraphState {
  const { open_blockers, blocked_parents, ready_scope, ready_rank, leased_scope, stalled_scope } = record;
  return {
    open_blockers: list(open_blockers).toSorted(),
    blocked_parents: list(blocked_parents).toSorted(),
    ready_scope: ready_scope as string | undefined,
    ready_rank: ready_rank as string | undefined,
    leased_scope: leased_scope as string | undefined,
    stalled_scope: stalled_scope as string | undefined,
  };
}

/** The records of projects and the edges that start at them. */
async function graphOf(projectIds: readonly string[]) {
  const rows = (await Promise.all(projectIds.map(rowsOf))).flat();
  const records = new Map(
    rows.filter(({ record_type }) => record_type in FINISHED).map((record) => [record.item_id, record]),
  );
  const limit = pLimit(READS_AT_ONCE);
  const links = await Promise.all([...records.keys()].map((id) => limit(linksOf, id)));
  const rowsOfEdges = links.flat() as (StoredEdge & { link: string })[];
  const named = ({ from, kind, to }: StoredEdge) => `${from} ${kind} ${to}`;
  const direction = (name: string) => rowsOfEdges.filter(({ link }) => link.startsWith(`${name}#`));
  return { records, edges: direction("out"), incoming: direction("in").map(named), named };
}

/** Whether an id that an older attribute names is a record that can be looked at. */
function known(records: Graph, ids: readonly string[], self: string): string[] {
  return [...new Set(ids.filter((id) => id !== self && records.has(id)))].sort();
}

/** What the attributes of a record say of its edges, in the words of the edges. */
function mirrored(record: TrackerRecord, records: Graph) {
  const dependsOn = list(record.depends_on).flatMap((entry: unknown) =>
    typeof entry === "string" ? [entry] : list((entry as { ids: unknown }).ids),
  );
  const words = typeof record.blocked_by === "string" ? record.blocked_by.split(",").map((word) => word.trim()) : [];
  const dependencies = list(record.dependencies) as unknown as { to: string; kind: string }[];
  return {
    dependencies: dependencies.map(({ to, kind }) => `${kind} ${to}`).sort(),
    depends_on: known(records, dependsOn, record.item_id),
    blocked_by: known(records, words, record.item_id),
  };
}

function expectMirrors(records: Graph, edges: readonly StoredEdge[]): void {
  for (const record of records.values()) {
    const { item_id, record_type } = record;
    const own = edges.filter(({ from, to }) => from === item_id && records.has(to));
    const blockers = own.filter(({ kind }) => kind === "blocks").map(({ to }) => to);
    const said = mirrored(record, records);
    // What people wrote round an id says it as well as the id alone.
    const inWords = blockers.filter((id) => String(record.blocked_by).includes(id));
    expect({ item_id, ...said, blocked_by: [...new Set([...said.blocked_by, ...inWords])].sort() }).toEqual({
      item_id,
      dependencies: own.map(({ to, kind }) => `${kind} ${to}`).sort(),
      depends_on: blockers.toSorted(),
      blocked_by: blockers.toSorted(),
    });
    const parents = own.filter(({ kind, to }) => kind === "parent" && records.get(to)?.record_type === record_type);
    const parent = record.parent === undefined || !records.has(record.parent) ? "none" : record.parent;
    expect([item_id, parents.length > 0 ? parents.map(({ to }) => to) : ["none"]]).toEqual([
      item_id,
      expect.arrayContaining([parent]),
    ]);
  }
  for (const { from, to } of edges.filter((edge) => edge.kind === "related" && records.has(edge.to))) {
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      const field = RELATIONS[records.get(other)?.record_type ?? ""] ?? "";
      expect([one, list(records.get(one)?.[field])]).toEqual([one, expect.arrayContaining([other])]);
    }
  }
}

function expectAcyclic(records: Graph, edges: readonly StoredEdge[]): void {
  const waiting = edges.filter(({ kind, to }) => (kind === "blocks" || kind === "parent") && records.has(to));
  let left = waiting;
  for (;;) {
    const starts = new Set(left.map(({ from }) => from));
    const rest = left.filter(({ to }) => starts.has(to));
    if (rest.length === left.length) break;
    left = rest;
  }
  expect(left.map(({ from, kind, to }) => `${from} ${kind} ${to}`)).toEqual([]);
}

/**
 * Everything that the records of projects say of their edges is so: mirrors, blockers, index keys, both rows of each
 * edge, no cycle, nobody left to be told. All projects that the edges join have to be named.
 */
export async function expectGraph(...projectIds: string[]): Promise<void> {
  const { records, edges, incoming, named } = await graphOf(projectIds);
  const inside = edges.filter(({ to }) => records.has(to));
  expect(incoming.toSorted()).toEqual(inside.map(named).sort());
  // A parent that is not there yet has its row, for the gate that looks at children; nothing else may lead nowhere.
  const nowhere = edges.filter(({ to }) => !records.has(to));
  expect(nowhere.filter(({ from, kind, to }) => kind !== "parent" || records.get(from)?.parent !== to)).toEqual([]);

  const states = derivedStates(records, inside);
  const wrong = [...records.values()].filter(
    (record) => !isDeepStrictEqual(statedIn(record), states.get(record.item_id)),
  );
  const shown = wrong.slice(0, MOST_SHOWN).map((record) => [record.item_id, statedIn(record)]);
  expect({ wrong: wrong.length, shown }).toEqual({
    wrong: 0,
    shown: shown.map(([id]) => [id, states.get(String(id))]),
  });
  const unaware = inside.filter(
    ({ kind, to }) => (kind === "blocks" || kind === "parent") && records.get(to)?.has_dependants !== true,
  );
  expect(unaware).toEqual([]);
  expectMirrors(records, edges);
  expectAcyclic(records, edges);
  for (const projectId of projectIds) expect(await linksOf(`${projectId}#unsettled`)).toEqual([]);
}
