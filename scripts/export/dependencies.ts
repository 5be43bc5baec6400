import type { AwaitedDependency, DependencyKind } from "../../domain/tracker/link-store.ts";
import { RELATED_FIELDS, textList } from "../../domain/tracker/record.ts";
import { idsInDependsOn } from "../../domain/tracker/relations.ts";
import { type ListedRecord, type Names, nameOf } from "./names.ts";

function objects<Item>(value: unknown): Item[] {
  return Array.isArray(value) ? (value as Item[]) : [];
}

interface Dependency {
  to: string;
  kind: DependencyKind;
}

function dependenciesOf(record: ListedRecord): Dependency[] {
  return objects<Dependency>(record.dependencies);
}

/** Who is related to a record because it says so itself, or because an edge leads to it. */
export type Related = ReadonlyMap<string, ReadonlySet<string>>;

/** The records that lead to each record by an edge of the kind `related`, which both ends show. */
export function relatedFrom(records: readonly ListedRecord[]): Related {
  const sources = new Map<string, Set<string>>();
  for (const record of records) {
    for (const { to, kind } of dependenciesOf(record)) {
      if (kind === "related") sources.set(to, (sources.get(to) ?? new Set()).add(record.item_id));
    }
  }
  return sources;
}

/** What only the older attributes say: they can be set without an edge. */
function fromOlderAttributes(record: ListedRecord, related: Related): Dependency[] {
  const toldAtTheOtherEnd = related.get(record.item_id) ?? new Set();
  const relations = Object.values(RELATED_FIELDS).flatMap((field) => textList(record[field]));
  const parent = typeof record.parent === "string" && record.parent !== "" ? [record.parent] : [];
  return [
    ...idsInDependsOn(record.depends_on).map((to) => ({ to, kind: "blocks" as const })),
    ...parent.map((to) => ({ to, kind: "parent" as const })),
    ...relations.filter((id) => !toldAtTheOtherEnd.has(id)).map((to) => ({ to, kind: "related" as const })),
  ];
}

/** Everything that a record depends on, by name, each once, in an order of its own. */
export function exportedDependencies(record: ListedRecord, names: Names, related: Related): AwaitedDependency[] {
  const here = [...dependenciesOf(record), ...fromOlderAttributes(record, related)];
  const all = [
    ...here.map(({ to, kind }) => ({ external_id: nameOf(names, to), kind })),
    ...objects<AwaitedDependency>(record.awaited_dependencies).map(({ external_id, kind }) => ({ external_id, kind })),
  ];
  const unique = new Map(all.map((dependency) => [`${dependency.kind} ${dependency.external_id}`, dependency]));
  return [...unique].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, dependency]) => dependency);
}
