import { describe, expect, it } from "@jest/globals";
import {
  dependenciesOf,
  dependencyOf,
  hasDependency,
  idsInBlockedBy,
  mirrorIncoming,
  mirrorOutgoing,
  withoutOutgoing,
  wordsInBlockedBy,
} from "../../../domain/tracker/dependency-mirror.ts";
import type { DependencyKind } from "../../../domain/tracker/link-store.ts";
import type { TrackerRecord } from "../../../domain/tracker/record.ts";
import { aRecord } from "../../support/tracker-values.ts";

const NOW = "2026-02-03T04:05:06Z";
const edge = (to: string, kind: DependencyKind) => ({ from: "ENC-TSK-001", to, kind });
const made = (record: TrackerRecord, to: string, kind: DependencyKind) => mirrorOutgoing(record, edge(to, kind), NOW);

describe("the record where an edge starts", () => {
  it("names the edge, once, and since when it is there", () => {
    const once = made(aRecord(), "ENC-ISS-002", "blocks");
    expect(dependenciesOf(once)).toEqual([{ to: "ENC-ISS-002", kind: "blocks", created_at: NOW }]);
    expect(mirrorOutgoing(once, edge("ENC-ISS-002", "blocks"), "2026-12-31T00:00:00Z")).toEqual(once);
    expect(hasDependency(once, { to: "ENC-ISS-002", kind: "blocks" })).toBe(true);
    expect(hasDependency(once, { to: "ENC-ISS-002", kind: "related" })).toBe(false);
    expect(dependencyOf(once, { to: "ENC-ISS-002", kind: "blocks" })?.created_at).toBe(NOW);
  });

  it("says of a blocker that it depends on it and is blocked by it, beside what it said before", () => {
    const record = aRecord({ depends_on: [{ type: "task", ids: ["X-TSK-1"] }, "LATER"], blocked_by: "the lawyers" });
    expect(made(record, "ENC-ISS-002", "blocks")).toMatchObject({
      depends_on: [{ type: "task", ids: ["X-TSK-1"] }, { type: "issue", ids: ["ENC-ISS-002"] }, "LATER"],
      blocked_by: "the lawyers, ENC-ISS-002",
    });
  });

  it("does not name a blocker again that people have named", () => {
    const blocked_by = "as soon as enc-iss-002 is done";
    expect(made(aRecord({ blocked_by }), "ENC-ISS-002", "blocks").blocked_by).toBe(blocked_by);
  });

  it.each([undefined, null, "", "  ", 7])("takes a blocked_by of %j for empty", (blocked_by) => {
    expect(made(aRecord({ blocked_by }), "ENC-TSK-002", "blocks").blocked_by).toBe("ENC-TSK-002");
  });

  it("has a parent of its own type as its parent, another one as an edge only", () => {
    expect(made(aRecord(), "ENC-TSK-002", "parent").parent).toBe("ENC-TSK-002");
    expect(made(aRecord(), "ENC-FTR-002", "parent")).not.toHaveProperty("parent");
  });

  it("relates to what it relates to", () => {
    const record = aRecord({ related_issue_ids: new Set(["X-ISS-1"]) });
    expect(made(record, "ENC-ISS-002", "related").related_issue_ids).toEqual(["X-ISS-1", "ENC-ISS-002"]);
  });

  it("says nothing else of where it was discovered", () => {
    const { dependencies, ...rest } = made(aRecord(), "ENC-ISS-002", "discovered_from");
    expect(dependencies).toEqual([{ to: "ENC-ISS-002", kind: "discovered_from", created_at: NOW }]);
    expect(rest).toEqual(aRecord());
  });
});

describe("the record where an edge started", () => {
  const without = (record: TrackerRecord, to: string, kind: DependencyKind) => withoutOutgoing(record, { to, kind });

  it.each<[DependencyKind, string]>([
    ["blocks", "ENC-ISS-002"],
    ["parent", "ENC-TSK-002"],
    ["related", "ENC-FTR-002"],
    ["discovered_from", "ENC-TSK-002"],
  ])("shows none of it any more: %s", (kind, to) => {
    const gone = without(made(aRecord(), to, kind), to, kind);
    expect(gone.dependencies).toBeUndefined();
    expect(JSON.stringify(gone)).not.toContain(to);
  });

  it("keeps its other edges", () => {
    const record = [
      ["ENC-TSK-002", "blocks"],
      ["ENC-TSK-003", "blocks"],
      ["ENC-TSK-002", "related"],
    ].reduce((before, [to, kind]) => made(before, String(to), kind as DependencyKind), aRecord());
    expect(without(record, "ENC-TSK-002", "blocks")).toMatchObject({
      dependencies: [
        { to: "ENC-TSK-003", kind: "blocks" },
        { to: "ENC-TSK-002", kind: "related" },
      ],
      depends_on: [{ type: "task", ids: ["ENC-TSK-003"] }],
      blocked_by: "ENC-TSK-003",
      related_task_ids: ["ENC-TSK-002"],
    });
  });

  it("keeps what people have written round the id", () => {
    const words = "ENC-TSK-002 (the big one), the lawyers";
    const record = made(aRecord({ blocked_by: `${words}, enc-tsk-002` }), "ENC-TSK-002", "blocks");
    expect(without(record, "ENC-TSK-002", "blocks").blocked_by).toBe(words);
    const spaced = aRecord({ blocked_by: "a ,b" });
    expect(without(spaced, "ENC-TSK-002", "blocks").blocked_by).toBe("a ,b");
  });

  it("has another parent of its own type as its parent, if there is one", () => {
    const parents = ["ENC-TSK-002", "ENC-TSK-003", "ENC-FTR-001"];
    const record = parents.reduce((before, to) => made(before, to, "parent"), aRecord());
    const one = without(record, "ENC-TSK-003", "parent");
    expect(one.parent).toBe("ENC-TSK-002");
    expect(without(record, "ENC-TSK-002", "parent").parent).toBe("ENC-TSK-003");
    expect(without(one, "ENC-TSK-002", "parent").parent).toBe("");
  });

  it("stays as it is where there was no such edge", () => {
    const record = aRecord();
    for (const kind of ["parent", "related", "discovered_from"] as const) {
      expect(without(record, "ENC-TSK-002", kind)).toBe(record);
    }
  });
});

describe("the record where an edge ends", () => {
  it("tells a relation too, and nothing else", () => {
    const target = aRecord({ record_type: "issue" });
    expect(mirrorIncoming(target, edge(target.item_id, "related")).related_task_ids).toEqual(["ENC-TSK-001"]);
    for (const kind of ["blocks", "parent", "discovered_from"] as const) {
      expect(mirrorIncoming(target, edge(target.item_id, kind))).toBe(target);
    }
  });
});

describe("blocked_by", () => {
  it.each<[unknown, string[]]>([
    ["ENC-TSK-001", ["ENC-TSK-001"]],
    ["enc-tsk-001, ENC-TSK-001;ENC-ISS-2", ["ENC-TSK-001", "ENC-ISS-2"]],
    ["when ENC-FTR-012 is there (see ABC-TSK-7).", ["ENC-FTR-012", "ABC-TSK-7"]],
    ["the lawyers", []],
    ["ENC-EPC-001, ENC-TSK-, TSK-1", []],
    ["", []],
    [null, []],
    [["ENC-TSK-001"], []],
  ])("%j names %j", (value, ids) => {
    expect(idsInBlockedBy(value)).toEqual(ids);
  });

  it.each<[unknown, string]>([
    ["ENC-TSK-002", ""],
    ["the lawyers, ENC-TSK-002", "the lawyers"],
    ["ENC-TSK-002, a,b, enc-iss-003", "a, b"],
    ["when ENC-TSK-002 is done", "when ENC-TSK-002 is done"],
    ["ENC-TSK-009", "ENC-TSK-009"],
    [" a ,b", " a ,b"],
    [undefined, ""],
    [null, ""],
  ])("%j without what edges say is %j", (blocked_by, words) => {
    const record = aRecord({
      blocked_by,
      dependencies: [
        { to: "ENC-TSK-002", kind: "blocks" },
        { to: "ENC-ISS-003", kind: "blocks" },
        { to: "ENC-TSK-009", kind: "related" },
      ],
    });
    expect(wordsInBlockedBy(record)).toBe(words);
  });
});

it("a record without readable dependencies has none", () => {
  for (const odd of [undefined, null, "x", {}]) expect(dependenciesOf(aRecord({ dependencies: odd }))).toEqual([]);
});
