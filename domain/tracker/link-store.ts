import { BatchGetCommand, DeleteCommand, GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { conditionally } from "@enceladus/shared/conditional-write";
import { querying, reading } from "@enceladus/shared/database";
import type { TransactItem } from "@enceladus/shared/dynamodb";
import { dynamodb } from "@enceladus/shared/dynamodb";
import { tables } from "./tables.ts";

/** What one record may have to do with another. `blocks`: the other must close first. */
export const DEPENDENCY_KINDS = ["blocks", "parent", "related", "discovered_from"] as const;
export type DependencyKind = (typeof DEPENDENCY_KINDS)[number];

/** An edge between two records, by their item ids; ids are unique over all projects. */
export interface Edge {
  from: string;
  to: string;
  kind: DependencyKind;
  /** The projects of the two; absent in older rows. */
  from_project?: string;
  to_project?: string;
}

/** An edge whose other end has a name from elsewhere and is not here yet. */
export interface AwaitedDependency {
  external_id: string;
  kind: DependencyKind;
}

/**
 * The rows of the links table. An edge stands twice, so that both ends read it consistently and without an index:
 * `FROM | out#kind#TO` and `TO | in#kind#FROM`. A name from elsewhere is a node of its own: `project#external#name`
 * with the row `record` for the record that bears it, and `pending#kind#FROM` for edges that wait for it. A record whose
 * dependants have not all heard of its last change stands as `project#unsettled | record id` until they have. `graph |
 * epoch` counts the edges that could have closed a cycle.
 */
interface Row {
  node: string;
  link: string;
}

function outgoing({ from, to, kind }: Edge): Row {
  return { node: from, link: `out#${kind}#${to}` };
}

function incoming({ from, to, kind }: Edge): Row {
  return { node: to, link: `in#${kind}#${from}` };
}

function externalNode(projectId: string, externalId: string): string {
  return `${projectId}#external#${externalId}`;
}

function put(row: Row, attributes: Record<string, unknown>, condition?: string): TransactItem {
  return {
    Put: {
      TableName: tables.links(),
      Item: { ...row, ...attributes },
      ...(condition && { ConditionExpression: condition }),
    },
  };
}

function remove(row: Row): TransactItem {
  return { Delete: { TableName: tables.links(), Key: row } };
}

/** The items that make an edge. Making it twice is the same edge. */
export function putEdge(edge: Edge, now: string): TransactItem[] {
  return [outgoing(edge), incoming(edge)].map((row) => put(row, { ...edge, created_at: now }));
}

/** The items that take an edge away, whether or not it is there. */
export function removeEdge(edge: Edge): TransactItem[] {
  return [remove(outgoing(edge)), remove(incoming(edge))];
}

/** Gives a record its name from elsewhere, in the transaction that creates it. */
export function putExternalName(projectId: string, externalId: string, itemId: string): TransactItem {
  // Two imports of one issue at once: the name is unique in its project, so only one of them creates the record.
  const nameIsFree = "attribute_not_exists(node)";
  return put({ node: externalNode(projectId, externalId), link: "record" }, { item_id: itemId }, nameIsFree);
}

function waiting(projectId: string, { external_id, kind }: AwaitedDependency, from: string): Row {
  return { node: externalNode(projectId, external_id), link: `pending#${kind}#${from}` };
}

/** Keeps an edge to a record that has not arrived yet. */
export function putPendingEdge(projectId: string, awaited: AwaitedDependency, from: string): TransactItem {
  return put(waiting(projectId, awaited, from), { from, kind: awaited.kind });
}

/** Forgets an edge that waited, once it is made. */
export function removePendingEdge(projectId: string, awaited: AwaitedDependency, from: string): TransactItem {
  return remove(waiting(projectId, awaited, from));
}

/**
 * @param prefix of the links; undefined for all of the node
 * @param pageSize rows a read; as many as fit where it is left out
 */
async function* pages<Item>(node: string, prefix: string | undefined, pageSize?: number): AsyncGenerator<Item[], void> {
  let start: Record<string, unknown> | undefined;
  do {
    const answer = await querying(() =>
      dynamodb().send(
        new QueryCommand({
          TableName: tables.links(),
          KeyConditionExpression: prefix ? "node = :node AND begins_with(link, :prefix)" : "node = :node",
          ExpressionAttributeValues: { ":node": node, ...(prefix && { ":prefix": prefix }) },
          ConsistentRead: true,
          ExclusiveStartKey: start,
          ...(pageSize && { Limit: pageSize }),
        }),
      ),
    );
    yield (answer.Items ?? []) as Item[];
    start = answer.LastEvaluatedKey;
  } while (start);
}

async function query<Item>(node: string, prefix: string): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages<Item>(node, prefix)) items.push(...page);
  return items;
}

/** The edges that start at a record. */
export function edgesFrom(itemId: string, kind?: DependencyKind): Promise<Edge[]> {
  return query<Edge>(itemId, kind ? `out#${kind}#` : "out#");
}

/** The edges that end at a record. */
export function edgesTo(itemId: string, kind?: DependencyKind): Promise<Edge[]> {
  return query<Edge>(itemId, kind ? `in#${kind}#` : "in#");
}

/** The edges of a kind that end at a record, read page by page. */
export function edgePagesTo(itemId: string, kind: DependencyKind, pageSize: number): AsyncGenerator<Edge[], void> {
  return pages<Edge>(itemId, `in#${kind}#`, pageSize);
}

/** The edges of a kind that end at a record, at most so many. */
export async function firstEdgesTo(itemId: string, kind: DependencyKind, most: number): Promise<Edge[]> {
  const first = await edgePagesTo(itemId, kind, most).next();
  return first.done ? [] : first.value;
}

/** A record whose dependants have not all heard of its last change. */
export interface Unsettled {
  project_id: string;
  record_id: string;
  item_id: string;
  /** Unique to the change: a later one has a marker of its own. */
  token: string;
}

function unsettledRow({ project_id, record_id }: Pick<Unsettled, "project_id" | "record_id">): Row {
  return { node: `${project_id}#unsettled`, link: record_id };
}

/** Marks a record whose dependants are told after its transaction. Whoever finds the marker may tell them. */
export function putUnsettled(unsettled: Unsettled): TransactItem {
  return put(unsettledRow(unsettled), { ...unsettled });
}

/** Forgets a marker, unless a later change has put its own in its place. */
export async function clearUnsettled(unsettled: Unsettled): Promise<void> {
  const sameChange = "#token = :token";
  await conditionally(() =>
    dynamodb().send(
      new DeleteCommand({
        TableName: tables.links(),
        Key: unsettledRow(unsettled),
        ConditionExpression: sameChange,
        ExpressionAttributeNames: { "#token": "token" },
        ExpressionAttributeValues: { ":token": unsettled.token },
      }),
    ),
  );
}

const MARKERS_A_READ = 25;

/** Records of a project whose dependants were left to be told, a first few. */
export async function unsettledOf(projectId: string): Promise<Unsettled[]> {
  const first = await pages<Unsettled>(`${projectId}#unsettled`, undefined, MARKERS_A_READ).next();
  return first.done ? [] : first.value;
}

const EPOCH: Row = { node: "graph", link: "epoch" };

/** How many edges that could have closed a cycle were made so far. */
export async function graphEpoch(): Promise<number> {
  const answer = await reading(() =>
    dynamodb().send(new GetCommand({ TableName: tables.links(), Key: EPOCH, ConsistentRead: true })),
  );
  return Number(answer.Item?.edges ?? 0);
}

/** Counts an edge that could have closed a cycle: two of them that were judged side by side are not both made. */
export function nextEpoch(read: number): TransactItem {
  const noneSince = read === 0 ? "attribute_not_exists(edges)" : "edges = :read";
  return {
    Update: {
      TableName: tables.links(),
      Key: EPOCH,
      UpdateExpression: "SET edges = :next",
      ConditionExpression: noneSince,
      ExpressionAttributeValues: { ":next": read + 1, ...(read !== 0 && { ":read": read }) },
    },
  };
}

const NAMES_A_READ = 100;

async function readNames(projectId: string, names: readonly string[]): Promise<[string, string][]> {
  const TableName = tables.links();
  let pending: Record<string, unknown>[] = names.map((name) => ({
    node: externalNode(projectId, name),
    link: "record",
  }));
  const found = new Map<string, string>();
  // DynamoDB may leave keys unread in one answer; each round asks for those only.
  while (pending.length > 0) {
    const RequestItems = { [TableName]: { Keys: pending, ConsistentRead: true } };
    const answer = await reading(() => dynamodb().send(new BatchGetCommand({ RequestItems })));
    for (const row of (answer.Responses?.[TableName] ?? []) as { node: string; item_id: string }[]) {
      found.set(row.node, row.item_id);
    }
    pending = answer.UnprocessedKeys?.[TableName]?.Keys ?? [];
  }
  return names.flatMap((name) => {
    const itemId = found.get(externalNode(projectId, name));
    return itemId ? [[name, itemId] as [string, string]] : [];
  });
}

/** The records that bear names from elsewhere, by name; names that nobody bears are left out. */
export async function itemsNamed(projectId: string, names: readonly string[]): Promise<Map<string, string>> {
  const unique = [...new Set(names)];
  const reads = Array.from({ length: Math.ceil(unique.length / NAMES_A_READ) }, (_, index) =>
    readNames(projectId, unique.slice(index * NAMES_A_READ, (index + 1) * NAMES_A_READ)),
  );
  return new Map((await Promise.all(reads)).flat());
}

/** The edges that wait for a record of this name. */
export function pendingEdges(projectId: string, externalId: string): Promise<Pick<Edge, "from" | "kind">[]> {
  return query(externalNode(projectId, externalId), "pending#");
}
