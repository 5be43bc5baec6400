import { DomainError } from "@enceladus/shared/errors";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  groupedByType,
  idsInDependsOn,
  parseDependsOn,
  parseIdList,
  relationLists,
} from "../../../domain/tracker/relations.ts";
import { refusalOf } from "../../support/tracker-values.ts";

const ids = (value: unknown) => parseIdList("related_task_ids", value);

describe("a list of ids", () => {
  it.each<[what: string, value: unknown, ids: string[]]>([
    ["nothing", null, []],
    ["an empty text", "", []],
    ["blanks", " , ,", []],
    ["an empty list", [], []],
    ["a comma list", "enc-tsk-1, ENC-TSK-2 ,enc-tsk-1", ["ENC-TSK-1", "ENC-TSK-2"]],
    ["a list", ["enc-tsk-2", " ENC-TSK-1 ", "ENC-TSK-2"], ["ENC-TSK-2", "ENC-TSK-1"]],
    ["a list with nulls", ["A-TSK-1", null, "A-TSK-2"], ["A-TSK-1", "A-TSK-2"]],
    ["JSON text", '["a-tsk-1","a-tsk-2"]', ["A-TSK-1", "A-TSK-2"]],
    ["JSON text with blanks around", ' \n ["a-tsk-1"] ', ["A-TSK-1"]],
    ["JSON text with a null in it", '["a-tsk-1",null]', ["A-TSK-1"]],
    [
      "JSON text in JSON text",
      JSON.stringify([JSON.stringify(["a-tsk-1", "a-tsk-2"]), "a-tsk-3"]),
      ["A-TSK-1", "A-TSK-2", "A-TSK-3"],
    ],
    ["comma lists in a list", ["a-tsk-1,a-tsk-2", "a-tsk-3"], ["A-TSK-1", "A-TSK-2", "A-TSK-3"]],
    ["broken JSON, which is a comma list", '["a-tsk-1",', ['["A-TSK-1"']],
    ["a text that was split into characters", [..."ENC-TSK-1"], ["ENC-TSK-1"]],
    ["a comma list that was split", [..."enc-tsk-1, enc-tsk-2"], ["ENC-TSK-1", "ENC-TSK-2"]],
    ["five characters, too few to be a split text", ["A", "B", "C", "D", "E"], ["A", "B", "C", "D", "E"]],
    ["characters with one that no id has", [..."a_b_c_d"], ["A", "_", "B", "C", "D"]],
  ])("may be %s", (_what, value, expected) => {
    expect(ids(value)).toEqual(expected);
  });

  it("may be JSON text in JSON text as deep as anybody likes", () => {
    let text = '["a-tsk-1"]';
    for (let depth = 0; depth < 8; depth += 1) text = JSON.stringify([text]);
    expect(ids(text)).toEqual(["A-TSK-1"]);
  });

  it.each([[5], [true], [{}], [[5]], [[{}]], [[["a"]]], ["[5]"], ["[{}]"], [[true, "a"]]])("may not be %j", (value) => {
    const refusal = refusalOf(() => ids(value));
    expect(refusal.code).toBe("INVALID_INPUT");
    expect(refusal.message).toContain("related_task_ids");
  });

  it("holds no text that is too long for an id", () => {
    expect(refusalOf(() => ids(["A-TSK-1", `A-TSK-${"1".repeat(2_000)}`])).message).toContain("related_task_ids");
  });
});

describe("depends_on", () => {
  it("is grouped by type: tasks, issues, features, then the ids of unknown form", () => {
    expect(parseDependsOn("a-ftr-1, later, a-iss-1, a-tsk-2, A-TSK-1, a-tsk-2")).toEqual([
      { type: "task", ids: ["A-TSK-2", "A-TSK-1"] },
      { type: "issue", ids: ["A-ISS-1"] },
      { type: "feature", ids: ["A-FTR-1"] },
      "LATER",
    ]);
  });

  it("has no empty groups", () => {
    expect(parseDependsOn(["a-iss-1"])).toEqual([{ type: "issue", ids: ["A-ISS-1"] }]);
    expect(parseDependsOn("")).toEqual([]);
    expect(parseDependsOn(null)).toEqual([]);
  });

  it("takes groups, whose ids are read like any list", () => {
    expect(
      parseDependsOn([{ type: "task", ids: "a-tsk-1,a-tsk-2" }, "a-iss-1", { type: "feature", ids: ["a-ftr-1"] }]),
    ).toEqual([
      { type: "task", ids: ["A-TSK-1", "A-TSK-2"] },
      { type: "issue", ids: ["A-ISS-1"] },
      { type: "feature", ids: ["A-FTR-1"] },
    ]);
    expect(parseDependsOn('[{"type":"task","ids":["a-tsk-1"]}]')).toEqual([{ type: "task", ids: ["A-TSK-1"] }]);
  });

  it.each([
    [[{ type: "epic", ids: [] }]],
    [[{ ids: ["a-tsk-1"] }]],
    [[5]],
    [[["a"]]],
    [{ type: "task", ids: [] }],
    [7],
  ])("refuses %j", (value) => {
    expect(refusalOf(() => parseDependsOn(value)).message).toContain("depends_on");
  });

  it("is read back as the ids it names", () => {
    expect(idsInDependsOn(parseDependsOn("a-iss-1,a-tsk-1,later"))).toEqual(["A-TSK-1", "A-ISS-1", "LATER"]);
    for (const odd of [undefined, null, "a-tsk-1", 5, [5, null, {}]]) expect(idsInDependsOn(odd)).toEqual([]);
  });
});

describe("relationLists", () => {
  it("sorts ids by what their second part names, and drops the others", () => {
    expect(
      relationLists(["ENC-TSK-1", "X-ISS-Y-Z", "ENC-FOO-1", "TSK-001", "ENC-FTR-1", "ENC-TSK-2", "NOTHING"]),
    ).toEqual({
      related_task_ids: ["ENC-TSK-1", "ENC-TSK-2"],
      related_issue_ids: ["X-ISS-Y-Z"],
      related_feature_ids: ["ENC-FTR-1"],
    });
    expect(relationLists([])).toEqual({});
  });
});

/** Anything that clients might send for a list, with many a bracket, quote and comma. */
const hostileText = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "-", ",", "[", "]", '"', "\\", " ", "\u00a0", "ß", "1"), maxLength: 30 }),
  fc.array(fc.string({ maxLength: 8 }), { maxLength: 4 }).map((list) => JSON.stringify(list)),
  fc
    .array(
      fc.array(fc.string({ maxLength: 4 })).map((list) => JSON.stringify(list)),
      { maxLength: 3 },
    )
    .map((list) => JSON.stringify(list)),
);
const hostile = fc.oneof(
  hostileText,
  fc.array(fc.oneof(hostileText, fc.constant(null))),
  fc.anything(),
  fc.jsonValue(),
);

const looksSplit = (list: readonly string[]) => list.length >= 6 && list.every((id) => id.length === 1);

function parsedOrRefused<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof DomainError && error.code === "INVALID_INPUT") return undefined;
    throw error;
  }
}

describe("whatever is sent", () => {
  it("becomes ids or a refusal; ids that are sent back become the same ids", () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const once = parsedOrRefused(() => ids(value));
        if (once === undefined) return;
        expect(new Set(once).size).toBe(once.length);
        for (const id of once) expect(id).toBe(id.trim().toUpperCase());
        if (!looksSplit(once)) expect(ids(once)).toEqual(once);
      }),
      { numRuns: 1_000 },
    );
  });

  it("becomes a depends_on or a refusal; one that is sent back stays what it is", () => {
    const groups = fc.array(fc.record({ type: fc.constantFrom("task", "issue", "feature", "epic"), ids: hostile }));
    fc.assert(
      fc.property(fc.oneof(hostile, groups), (value) => {
        const once = parsedOrRefused(() => parseDependsOn(value));
        if (once === undefined || looksSplit(idsInDependsOn(once))) return;
        expect(parseDependsOn(once)).toEqual(once);
        expect(groupedByType(idsInDependsOn(once))).toEqual(once);
      }),
      { numRuns: 1_000 },
    );
  });
});
