import { describe, expect, it } from "@jest/globals";
import {
  dependenciesOf,
  hasDependency,
  mirrorIncoming,
  mirrorOutgoing,
} from "../../../domain/tracker/dependency-mirror.ts";
import type { DependencyKind } from "../../../domain/tracker/link-store.ts";
import { aRecord } from "../../support/tracker-values.ts";

const edge = (to: string, kind: DependencyKind) => ({ from: "ENC-TSK-001", to, kind });

describe("the record where an edge starts", () => {
  it("names the edge, once", () => {
    const once = mirrorOutgoing(aRecord(), edge("ENC-ISS-002", "blocks"));
    expect(dependenciesOf(once)).toEqual([{ to: "ENC-ISS-002", kind: "blocks" }]);
    expect(mirrorOutgoing(once, edge("ENC-ISS-002", "blocks"))).toEqual(once);
    expect(hasDependency(once, { to: "ENC-ISS-002", kind: "blocks" })).toBe(true);
    expect(hasDependency(once, { to: "ENC-ISS-002", kind: "related" })).toBe(false);
  });

  it("says of a blocker that it depends on it, beside what it depended on", () => {
    const record = aRecord({ depends_on: [{ type: "task", ids: ["X-TSK-1"] }, "LATER"] });
    expect(mirrorOutgoing(record, edge("ENC-ISS-002", "blocks")).depends_on).toEqual([
      { type: "task", ids: ["X-TSK-1"] },
      { type: "issue", ids: ["ENC-ISS-002"] },
      "LATER",
    ]);
  });

  it("has a parent of its own type as its parent, another one as an edge only", () => {
    expect(mirrorOutgoing(aRecord(), edge("ENC-TSK-002", "parent")).parent).toBe("ENC-TSK-002");
    expect(mirrorOutgoing(aRecord(), edge("ENC-FTR-002", "parent"))).not.toHaveProperty("parent");
  });

  it("relates to what it relates to", () => {
    const record = aRecord({ related_issue_ids: new Set(["X-ISS-1"]) });
    expect(mirrorOutgoing(record, edge("ENC-ISS-002", "related")).related_issue_ids).toEqual([
      "X-ISS-1",
      "ENC-ISS-002",
    ]);
  });

  it("says nothing else of where it was discovered", () => {
    const { dependencies, ...rest } = mirrorOutgoing(aRecord(), edge("ENC-ISS-002", "discovered_from"));
    expect(dependencies).toEqual([{ to: "ENC-ISS-002", kind: "discovered_from" }]);
    expect(rest).toEqual(aRecord());
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

it("a record without readable dependencies has none", () => {
  for (const odd of [undefined, null, "x", {}]) expect(dependenciesOf(aRecord({ dependencies: odd }))).toEqual([]);
});
