import type { Asked } from "./asked.ts";
import { CLOSED, CREATABLE, FIRST, MODEL_TYPES, moveBetween, type Wanted } from "./lifecycle.ts";
import { changed, type ModelRecord, type Picture, tasksAreShipped } from "./picture.ts";
import type { Rows } from "./rows.ts";
import { changes, type Done, done, locked, refused, unmet, type Verdict } from "./verdict.ts";

type Of<What extends Asked["what"]> = Extract<Asked, { what: What }>;

/** The picture with the record that is new in the rows; the system chooses its id. */
function created(picture: Picture, asked: Of<"create">, rows: Rows, tellsOthers: boolean): Picture {
  const id = [...rows.keys()].find((one) => !picture.records.has(one));
  if (id === undefined) return picture;
  const related = asked.related.filter((other) => picture.records.has(other));
  const record: ModelRecord = {
    id,
    type: asked.type,
    createdAt: `${new Date(picture.now).toISOString().slice(0, 19)}Z`,
    title: "Made by the model",
    priority: asked.priority,
    status: asked.status ?? FIRST[asked.type],
    version: 1,
    notes: 1,
    fence: 0,
    session: undefined,
    edges: [],
    parent: "",
    related,
    accepted: asked.type === "feature" ? [false] : [],
    pending: "",
  };
  const told = tellsOthers ? related : [];
  const others = told.reduce((before, other) => {
    return changed(before, other, { related: [...(before.records.get(other)?.related ?? []), id] }, false);
  }, picture);
  return { ...others, records: new Map(others.records).set(id, record) };
}

export function judgeCreate(picture: Picture, asked: Of<"create">): Verdict {
  const { type, status } = asked;
  if (status !== undefined && !CREATABLE[type].includes(status)) return refused(400, "INVALID_INPUT");
  const verdict: Done = {
    isRefused: false,
    status: 201,
    after: (rows) => created(picture, asked, rows, true),
    // Where the other ends cannot be read, they are not told of the relation.
    orElse: (rows) => created(picture, asked, rows, false),
    says: ({ record_id, created_at }, after) => {
      const record = after.records.get(record_id);
      if (picture.records.has(record_id) || record?.createdAt !== created_at)
        throw new Error(`${record_id} is not new`);
    },
  };
  return verdict;
}

const FROM_REQUEST: readonly Wanted[] = ["commit", "merge", "deployment", "reason"];

/** Whether a move gets what it wants. */
function isGranted(wants: Wanted, picture: Picture, record: ModelRecord, hasEvidence: boolean): boolean {
  if (FROM_REQUEST.includes(wants)) return hasEvidence;
  if (wants === "accepted criteria") return record.accepted.every(Boolean);
  return wants === "nothing" || tasksAreShipped(picture, record) === true;
}

function judgeStatus(picture: Picture, record: ModelRecord, asked: Of<"status">): Verdict {
  const { to, hasEvidence } = asked;
  if (record.status === to) return changes(picture, asked, {});
  const move = moveBetween(record.type, record.status, to);
  if (!move || !isGranted(move.wants, picture, record, hasEvidence)) return refused(400, "INVALID_INPUT");
  return changes(picture, asked, { status: to });
}

function judgeAction(picture: Picture, record: ModelRecord, asked: Of<"action">): Verdict {
  const { type, status, pending } = record;
  if (asked.action === "note") {
    const note = pending === "" ? asked.note : `${pending}\n\n${asked.note}`;
    return changes(picture, asked, { pending: note }, false);
  }
  const [target, wanted] = asked.action === "close" ? [CLOSED[type], undefined] : [FIRST[type], CLOSED[type]];
  if (status === target) return done(picture);
  if (wanted !== undefined && status !== wanted) return refused(400, "INVALID_INPUT");
  return changes(picture, asked, { status: target });
}

function judgeRelations(picture: Picture, record: ModelRecord, asked: Of<"relations">): Verdict {
  const ofType = (id: string) => id.includes({ task: "-TSK-", issue: "-ISS-", feature: "-FTR-" }[asked.type]);
  const before = record.related.filter(ofType);
  const gone = before.filter((id) => !asked.ids.includes(id));
  const come = asked.ids.filter((id) => !before.includes(id));
  const related = [...record.related.filter((id) => !ofType(id)), ...asked.ids];
  const own = changed(picture, asked.id, { related });
  return done([...gone, ...come].reduce((after, id) => withOtherEnd(after, id, asked.id, come.includes(id)), own));
}

/** The other end of a relation; it changes only if it did not say so already. */
export function withOtherEnd(picture: Picture, id: string, other: string, isRelated: boolean): Picture {
  const { related = [] } = picture.records.get(id) ?? {};
  if (!picture.records.has(id) || related.includes(other) === isRelated) return picture;
  const next = isRelated ? [...related, other] : related.filter((one) => one !== other);
  return changed(picture, id, { related: next }, false);
}

function judgeEvidence(picture: Picture, record: ModelRecord, asked: Of<"evidence">): Verdict {
  const { index, isAccepted } = asked;
  if (record.type !== "feature" || index >= record.accepted.length) return refused(400, "INVALID_INPUT");
  return changes(picture, asked, { accepted: record.accepted.with(index, isAccepted) });
}

/** What is wrong with a request whatever the record is like. */
function malformed(asked: Asked): boolean {
  if (asked.what === "log") return asked.text.trim() === "";
  if (asked.what === "evidence") return asked.isAccepted && asked.text.trim() === "";
  return false;
}

type RecordAsked = Of<"status" | "action" | "field" | "relations" | "log" | "evidence">;

/** Changes of what a record says of itself. */
export function judgeRecordChange(picture: Picture, asked: RecordAsked): Verdict {
  if (malformed(asked)) return refused(400, "INVALID_INPUT");
  const record = picture.records.get(asked.id);
  if (!record) return refused(404, "NOT_FOUND");
  const refusal = unmet(record, asked) ?? (asked.what === "action" ? undefined : locked(record, asked, picture.now));
  if (refusal) return refusal;
  switch (asked.what) {
    case "status":
      return judgeStatus(picture, record, asked);
    case "action":
      return judgeAction(picture, record, asked);
    case "field":
      return changes(picture, asked, { [asked.field]: asked.value });
    case "relations":
      return judgeRelations(picture, record, asked);
    case "log":
      return changes(picture, asked, {});
    case "evidence":
      return judgeEvidence(picture, record, asked);
  }
}

/** The type of a record, from its id. */
export function typeOf(id: string): string {
  return MODEL_TYPES.find((type) => id.includes({ task: "-TSK-", issue: "-ISS-", feature: "-FTR-" }[type])) ?? "";
}
