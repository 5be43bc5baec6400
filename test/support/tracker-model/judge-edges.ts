import type { Asked } from "./asked.ts";
import { typeOf, withOtherEnd } from "./judge-records.ts";
import { changed, type EdgeKind, type ModelEdge, type ModelRecord, type Picture, waitsFor } from "./picture.ts";
import { done, locked, type Refused, refused, unmet, type Verdict } from "./verdict.ts";

type Of<What extends Asked["what"]> = Extract<Asked, { what: What }>;

function isEdge(kind: EdgeKind, to: string) {
  return (edge: ModelEdge) => edge.kind === kind && edge.to === to;
}

function has(record: ModelRecord, kind: EdgeKind, to: string): boolean {
  return record.edges.some(isEdge(kind, to));
}

function withEdge(record: ModelRecord, kind: EdgeKind, to: string): ModelRecord {
  const namesParent = kind === "parent" && typeOf(to) === record.type;
  const edges = has(record, kind, to) ? record.edges : [...record.edges, { kind, to }];
  return { ...record, edges, parent: namesParent ? to : record.parent };
}

/** Of several parents of its own type the older attribute names another one then. */
function withoutEdge(record: ModelRecord, kind: EdgeKind, to: string): ModelRecord {
  const edges = record.edges.filter((edge) => !isEdge(kind, to)(edge));
  if (kind !== "parent" || (record.parent !== to && record.parent !== "")) return { ...record, edges };
  const others = edges.filter((edge) => edge.kind === "parent" && typeOf(edge.to) === record.type);
  return { ...record, edges, parent: others.at(-1)?.to ?? "" };
}

/** An edge that would make a record wait for itself. */
function cyclic(picture: Picture, id: string, kind: EdgeKind, targets: readonly string[]): Refused | undefined {
  if (kind === "discovered_from" || !targets.some((to) => waitsFor(picture, to, id))) return undefined;
  return refused(409, "DEPENDENCY_CYCLE");
}

/** The record with a field that stands for edges of one kind. */
function judgeField(picture: Picture, record: ModelRecord, asked: Of<"edges">): Verdict {
  const kind = asked.field === "parent" ? "parent" : "blocks";
  const wanted = asked.ids.filter((id) => id !== record.id && picture.records.has(id));
  const current = record.edges.filter((edge) => edge.kind === kind).map(({ to }) => to);
  // The older attribute is about parents of the record's own type; others stay.
  const replaced = kind === "parent" ? current.filter((to) => typeOf(to) === record.type) : current;
  const gone = replaced.filter((to) => !wanted.includes(to));
  const come = wanted.filter((to) => !current.includes(to));
  const refusal = cyclic(picture, record.id, kind, come);
  if (refusal) return refusal;
  const set = kind === "parent" ? { ...record, parent: wanted[0] ?? "" } : record;
  const without = gone.reduce((before, to) => withoutEdge(before, kind, to), set);
  return done(
    changed(
      picture,
      record.id,
      come.reduce((before, to) => withEdge(before, kind, to), without),
    ),
  );
}

/** PATCH of a field that names others. */
export function judgeEdgeField(picture: Picture, asked: Of<"edges">): Verdict {
  const [parent] = asked.ids;
  if (asked.field === "parent" && parent !== undefined) {
    if (parent === asked.id || typeOf(parent) !== typeOf(asked.id)) return refused(400, "INVALID_INPUT");
  }
  const record = picture.records.get(asked.id);
  if (!record) return refused(404, "NOT_FOUND");
  return unmet(record, asked) ?? locked(record, asked, picture.now) ?? judgeField(picture, record, asked);
}

/** PUT and DELETE of one edge. */
export function judgeDependency(picture: Picture, asked: Of<"depend" | "undepend">): Verdict {
  const { id, other, kind, what } = asked;
  if (what === "depend" && id === other) return refused(400, "INVALID_INPUT");
  const record = picture.records.get(id);
  if (!record) return refused(404, "NOT_FOUND");
  const refusal = unmet(record, asked) ?? locked(record, asked, picture.now);
  if (refusal) return refusal;
  if (!picture.records.has(other)) return refused(404, "NOT_FOUND");
  const isKnown = kind === "related" ? record.related.includes(other) : has(record, kind, other);
  if (isKnown === (what === "depend")) return isKnown ? done(picture) : refused(404, "NOT_FOUND");
  const status = what === "depend" ? 201 : 200;
  if (kind === "related") {
    const related = isKnown ? record.related.filter((one) => one !== other) : [...record.related, other];
    return done(withOtherEnd(changed(picture, id, { related }), other, id, !isKnown), status);
  }
  if (isKnown) return done(changed(picture, id, withoutEdge(record, kind, other)));
  return cyclic(picture, id, kind, [other]) ?? done(changed(picture, id, withEdge(record, kind, other)), status);
}
