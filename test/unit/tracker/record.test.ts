import { describe, expect, it } from "@jest/globals";
import {
  addressOf,
  formatItemId,
  isRecordType,
  parseItemId,
  recordId,
  textList,
  typeNamedBy,
} from "../../../domain/tracker/record.ts";
import { aRecord } from "../../support/tracker-values.ts";

describe("an item id", () => {
  it("has at least three digits and grows past 999", () => {
    expect(formatItemId("ENC", "task", 7)).toBe("ENC-TSK-007");
    expect(formatItemId("ENC", "issue", 999)).toBe("ENC-ISS-999");
    expect(formatItemId("ENC", "feature", 1_000)).toBe("ENC-FTR-1000");
  });

  it.each([
    ["ENC-TSK-086", { prefix: "ENC", type: "task", number: "086" }],
    ["A-ISS-B", { prefix: "A", type: "issue", number: "B" }],
    ["ENC-FTR-1", { prefix: "ENC", type: "feature", number: "1" }],
    ["ENC-TSK-1-2", undefined],
    ["ENC-TSK-", undefined],
    ["-TSK-1", undefined],
    ["TSK-1", undefined],
    ["ENC-EPC-1", undefined],
    ["enc-tsk-1", undefined],
    ["", undefined],
  ])("%s is read as %j", (id, parts) => {
    expect(parseItemId(id)).toEqual(parts);
  });

  it.each([
    ["ENC-TSK-086", "task"],
    ["X-ISS-Y-Z", "issue"],
    ["X-FTR", "feature"],
    ["TSK-001", undefined],
    ["X-Y-TSK-1", undefined],
    ["", undefined],
  ])("%s names the type %s", (id, type) => {
    expect(typeNamedBy(id)).toBe(type);
  });
});

describe("a record", () => {
  it("is addressed by project, type and item id", () => {
    const address = { projectId: "enceladus", type: "issue", itemId: "ENC-ISS-001" } as const;
    expect(recordId(address)).toBe("issue#ENC-ISS-001");
    expect(addressOf(aRecord({ record_type: "issue" }))).toEqual(address);
  });

  it("is a task, an issue or a feature", () => {
    for (const type of ["task", "issue", "feature"]) expect(isRecordType(type)).toBe(true);
    for (const other of ["reference", "counter", "Task", "", undefined, 5, ["task"]])
      expect(isRecordType(other)).toBe(false);
  });
});

it("the texts of a list are what is a text in it, also of a set", () => {
  expect(textList(["a", 5, null, "b", ["c"]])).toEqual(["a", "b"]);
  expect(textList(new Set(["a", "b"]))).toEqual(["a", "b"]);
  for (const odd of [undefined, null, "a", {}, 5]) expect(textList(odd)).toEqual([]);
});
