import fc from "fast-check";
import type { Asked, Asker, Asking } from "./asked.ts";
import { typeOf } from "./judge-records.ts";
import { CREATABLE, isOver, MODEL_TYPES, MOVES, type ModelType, targetsOf } from "./lifecycle.ts";
import type { ModelRecord, Picture } from "./picture.ts";

/** More records than these are not made. */
export const MOST_RECORDS = 8;
const NAMES = ["ada", "bob", "cyd"] as const;
/** Of so many picks one leads to no record. */
const PICKS = 40;

/** How something is asked for: by whom, with which beliefs, under which key. */
const manner = fc.record({
  who: fc.constantFrom("holder", "holder", "holder", "somebody", "nobody", "nobody", "agent"),
  name: fc.constantFrom(...NAMES),
  ifMatch: fc.constantFrom(
    "none",
    "none",
    "none",
    "none",
    "none",
    "right",
    "right",
    "stale",
    "any",
    "several",
    "others",
  ),
  fence: fc.constantFrom("none", "none", "none", "none", "right", "right", "older", "newer"),
  expected: fc.constantFrom("none", "none", "none", "none", "none", "right", "stale"),
  hasKey: fc.constantFrom(false, false, false, true),
});
type Manner = typeof manner extends fc.Arbitrary<infer Value> ? Value : never;

const pick = fc.nat(PICKS - 1);
const picks = fc.array(pick, { maxLength: 3 });
const type = fc.constantFrom(...MODEL_TYPES);
const seconds = fc.constantFrom(undefined, 60, 60, 90, 300);
const kind = fc.constantFrom(
  "blocks" as const,
  "blocks" as const,
  "parent" as const,
  "related" as const,
  "discovered_from" as const,
);
const what = <What extends string>(...names: What[]) => fc.constantFrom(...names);

/** What is asked for, with records as picks. */
const DOINGS = {
  create: fc.record({
    what: what("create"),
    type,
    status: fc.constantFrom("default", "default", "any"),
    place: fc.nat(20),
    priority: fc.constantFrom("", "P0", "P1", "P2", "P3", "P4", "someday"),
    others: picks,
  }),
  status: fc.record({
    what: what("status"),
    direction: fc.constantFrom("onward", "onward", "onward", "back", "same", "any"),
    place: fc.nat(20),
    hasEvidence: fc.constantFrom(true, true, true, false),
  }),
  action: fc.record({
    what: what("action"),
    action: fc.constantFrom("close", "close", "reopen", "reopen", "note"),
    note: what("look", "wait"),
  }),
  field: fc.record({
    what: what("field"),
    field: fc.constantFrom("title", "priority", "priority"),
    value: fc.constantFrom("P0", "P1", "P2", "P3", "P4", "other"),
  }),
  edges: fc.record({
    what: what("edges"),
    field: fc.constantFrom("depends_on", "blocked_by", "parent"),
    others: picks,
  }),
  relations: fc.record({ what: what("relations"), type, others: picks }),
  log: fc.record({ what: what("log"), text: fc.constantFrom("half of it", "the rest", " ") }),
  evidence: fc.record({
    what: what("evidence"),
    index: fc.constantFrom(0, 0, 0, 1),
    isAccepted: fc.boolean(),
    text: fc.constantFrom("a run", "a run", ""),
  }),
  checkout: fc.record({
    what: what("checkout"),
    seconds,
    force: fc.constantFrom(false, false, false, true),
    reason: fc.constantFrom("urgent", "urgent", undefined),
  }),
  heartbeat: fc.record({ what: what("heartbeat"), lease: fc.constantFrom("right", "right", "wrong"), seconds }),
  release: fc.record({
    what: what("release"),
    lease: fc.constantFrom("none", "none", "right", "wrong"),
    force: fc.constantFrom(false, false, true),
  }),
  claim: fc.record({ what: what("claim"), types: fc.subarray([...MODEL_TYPES], { minLength: 1 }), seconds }),
  depend: fc.record({ what: what("depend"), other: pick, kind }),
  undepend: fc.record({
    what: what("undepend"),
    other: pick,
    place: fc.nat(20),
    isThere: fc.constantFrom(true, true, false),
    kind,
  }),
  look: fc.record({ what: what("read", "explain", "history", "list", "ready") }),
};
export type StepName = keyof typeof DOINGS;
export const STEP_NAMES = Object.keys(DOINGS) as StepName[];

type Doing = { [Name in StepName]: (typeof DOINGS)[Name] extends fc.Arbitrary<infer Value> ? Value : never }[StepName];

/** Something to be asked, before it is known of which records. */
export interface Step {
  at: number;
  doing: Doing;
  manner: Manner;
}

/** Asked by a person, without conditions. */
export const PLAINLY: Manner = {
  who: "nobody",
  name: "ada",
  ifMatch: "none",
  fence: "none",
  expected: "none",
  hasKey: false,
};

/** @param manners how it may be asked for; default every way */
export function stepsOf(name: StepName, manners: fc.Arbitrary<Manner> = manner): fc.Arbitrary<Step> {
  return fc.record({ at: pick, doing: DOINGS[name] as fc.Arbitrary<Doing>, manner: manners });
}

/** The record that a pick stands for; one that is not there has no place in the picture. */
function picked({ records, prefix }: Picture, at: number): string {
  const ids = [...records.keys()];
  return (at === PICKS - 1 ? undefined : ids[at % Math.max(1, ids.length)]) ?? `${prefix}-TSK-777`;
}

function askerOf({ who, name }: Manner, record: ModelRecord | undefined, needsName: boolean): Asker {
  if (who === "holder") return { session_id: record?.session?.holder ?? name };
  if (who === "somebody" || (needsName && who === "nobody")) return { session_id: name };
  return who === "agent" ? { write_source: { channel: "mcp_server" } } : {};
}

function tagsFor({ ifMatch }: Manner, version: number): Asked["ifMatch"] {
  const tags: Record<Manner["ifMatch"], Asked["ifMatch"]> = {
    none: undefined,
    any: "*",
    right: [version],
    stale: [version - 1],
    several: [9_999, version],
    others: [9_999, version + 1],
  };
  return tags[ifMatch];
}

function fenceFor({ fence }: Manner, newest: number): number | undefined {
  return { none: undefined, right: newest, older: Math.max(0, newest - 1), newer: newest + 1 }[fence];
}

function statusFor(doing: Extract<Doing, { what: "status" }>, record: ModelRecord | undefined): string {
  const { direction, place } = doing;
  if (!record || direction === "same") return record?.status ?? "open";
  const everything = MOVES[record.type].map(({ to }) => to);
  const targets = direction === "any" ? [...everything, "nonsense"] : targetsOf(record.type, record.status, direction);
  return targets[place % Math.max(1, targets.length)] ?? record.status;
}

function isOfType(type: ModelType) {
  return (id: string) => typeOf(id) === type;
}

function askingOf(doing: Doing, picture: Picture, id: string): Asking {
  const record = picture.records.get(id);
  const idsOf = (others: readonly number[]) => [...new Set(others.map((other) => picked(picture, other)))];
  switch (doing.what) {
    case "create": {
      const statuses = [...CREATABLE[doing.type], ...MOVES[doing.type].map(({ to }) => to)];
      const status = doing.status === "default" ? undefined : statuses[doing.place % statuses.length];
      const { type, priority } = doing;
      return {
        what: "create",
        type,
        status,
        priority,
        related: idsOf(doing.others).filter((other) => picture.records.has(other)),
      };
    }
    case "status":
      return { what: "status", to: statusFor(doing, record), hasEvidence: doing.hasEvidence };
    case "edges": {
      const ids = idsOf(doing.others);
      return { what: "edges", field: doing.field, ids: doing.field === "parent" ? ids.slice(0, 1) : ids };
    }
    case "relations": {
      const ids = idsOf(doing.others).filter((other) => other !== id && picture.records.has(other));
      return { what: "relations", type: doing.type, ids: ids.filter(isOfType(doing.type)) };
    }
    case "heartbeat":
      return { what: "heartbeat", leaseId: leaseFor(doing.lease, record) ?? "none", seconds: doing.seconds };
    case "release":
      return { what: "release", leaseId: leaseFor(doing.lease, record), force: doing.force };
    case "depend":
      return { what: "depend", other: picked(picture, doing.other), kind: doing.kind };
    case "undepend": {
      const known = record?.edges[doing.place % Math.max(1, record.edges.length)];
      if (known && doing.isThere) return { what: "undepend", other: known.to, kind: known.kind };
      return { what: "undepend", other: picked(picture, doing.other), kind: doing.kind };
    }
    default:
      return doing as Asking;
  }
}

function leaseFor(lease: string, record: ModelRecord | undefined): string | undefined {
  if (lease === "none") return undefined;
  return lease === "right" ? (record?.session?.leaseId ?? "none") : "01K00000000000000000000000";
}

const WITHOUT_RECORD = ["create", "claim", "list", "ready"];
const WITHOUT_FENCE = ["create", "claim"];
const TAKING = ["checkout", "claim"];
const READS = ["read", "explain", "history", "list", "ready"];
const LEASES = ["checkout", "heartbeat", "release"];

/**
 * The records where something matters most: a close and a reopening where others wait, a move where more is judged than
 * the request.
 */
function idsFor(doing: Doing, { records }: Picture): string[] {
  if (doing.what === "status") {
    const gated = ["in-progress", "completed"];
    return [...records.values()].flatMap(({ id, type, status }) =>
      type === "feature" && gated.includes(status) ? [id] : [],
    );
  }
  if (doing.what !== "action" || doing.action === "note") return [];
  const waitedFor = new Set([...records.values()].flatMap(({ edges }) => edges.map(({ to }) => to)));
  const isOpening = doing.action === "reopen";
  return [...waitedFor].filter((id) => isOver(records.get(id)?.status ?? "") === isOpening);
}

/** How many picks of four go where it matters most. */
const FITTING: Readonly<Record<string, number>> = { action: 3, status: 1 };

/**
 * A step as a request for the project as it is.
 * @param key the key under which it is asked, if it is to have one
 */
export function resolve({ at, doing, manner }: Step, picture: Picture, key: string): Asked {
  const fitting = at % 4 < (FITTING[doing.what] ?? 0) ? idsFor(doing, picture) : [];
  const id = WITHOUT_RECORD.includes(doing.what) ? "" : (fitting[at % fitting.length] ?? picked(picture, at));
  const record = picture.records.get(id);
  const { version = 1, fence = 0 } = record ?? {};
  const isChange = !READS.includes(doing.what);
  const hasConditions = isChange && !WITHOUT_FENCE.includes(doing.what);
  const expected = { none: undefined, right: version, stale: version + 1 }[manner.expected];
  return {
    ...askingOf(doing, picture, id),
    project: picture.project,
    id,
    asker: askerOf(manner, record, TAKING.includes(doing.what)),
    ifMatch: hasConditions ? tagsFor(manner, version) : undefined,
    fence: hasConditions ? fenceFor(manner, fence) : undefined,
    expectedVersion: hasConditions && !LEASES.includes(doing.what) ? expected : undefined,
    key: isChange && manner.hasKey ? key : undefined,
  };
}
