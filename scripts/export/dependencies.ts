import { type Dependency, dependenciesOf } from "../../domain/tracker/dependency-mirror.ts";
import type { ImportedDependency } from "../../domain/tracker/import-format.ts";
import type { AwaitedDependency } from "../../domain/tracker/link-store.ts";
import { RELATED_FIELDS, textList } from "../../domain/tracker/record.ts";
import { idsInDependsOn } from "../../domain/tracker/relations.ts";
import { type ListedRecord, type Names, nameOf } from "./names.ts";

function objects<Item>(value: unknown): Item[] {
  return Array.isArray(value) ? (value as Item[]) : [];
}

/** Who is related to a record because it says so itself, or because an edge leads to it. */
export type Related = ReadonlyMap<string, ReadonlySet<string>>;

function relationsOf(record: ListedRecord): string[] {
  return Object.values(RELATED_FIELDS).flatMap((field) => textList(record[field]));
}

/**
 * Which end of a relation, which both ends show, tells of it: the one where its edge starts; where it has none, the one
 * that comes first.
 */
export function relatedFrom(records: readonly ListedRecord[]): Related {
  const sources = new Map<string, Set<string>>();
  const tells = (from: string, to: string) => sources.set(to, (sources.get(to) ?? new Set()).add(from));
  for (const record of records) {
    for (const { to, kind } of dependenciesOf(record)) if (kind === "related") tells(record.item_id, to);
  }
  for (const record of records) {
    for (const id of relationsOf(record)) if (!sources.get(record.item_id)?.has(id)) tells(record.item_id, id);
  }
  return sources;
}

/** What only the older attributes say: they can be set without an edge. */
function fromOlderAttributes(record: ListedRecord, related: Related): Pick<Dependency, "to" | "kind">[] {
  const toldAtTheOtherEnd = related.get(record.item_id) ?? new Set();
  const parent = typeof record.parent === "string" && record.parent !== "" ? [record.parent] : [];
  return [
    ...idsInDependsOn(record.depends_on).map((to) => ({ to, kind: "blocks" as const })),
    ...parent.map((to) => ({ to, kind: "parent" as const })),
    ...relationsOf(record)
      .filter((id) => !toldAtTheOtherEnd.has(id))
      .map((to) => ({ to, kind: "related" as const })),
  ];
}

/** An edge by the name of its other end; a record of another project keeps its id, and is told from a name by that. */
function named({ to, kind }: Dependency, names: Names): ImportedDependency {
  return names.has(to) ? { external_id: nameOf(names, to), kind } : { external_id: to, kind, in_another_project: true };
}

/** Everything that a record depends on, by name, each once, in an order of its own. */
export function exportedDependencies(record: ListedRecord, names: Names, related: Related): ImportedDependency[] {
  const all = [
    ...fromOlderAttributes(record, related).map(({ to, kind }) => ({ external_id: nameOf(names, to), kind })),
    ...objects<AwaitedDependency>(record.awaited_dependencies).map(({ external_id, kind }) => ({ external_id, kind })),
    ...dependenciesOf(record).map((dependency) => named(dependency, names)),
  ];
  const unique = new Map(all.map((dependency) => [`${dependency.kind} ${dependency.external_id}`, dependency]));
  return [...unique].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, dependency]) => dependency);
}
