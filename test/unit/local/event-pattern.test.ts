import { describe, expect, it } from "@jest/globals";
import { compileFilters, compilePattern, InvalidPatternError } from "../../../scripts/local/event-bus/pattern.ts";

const event = {
  source: "enceladus.tracker",
  "detail-type": "record.status.changed",
  resources: ["arn:aws:s3:::one", "arn:aws:s3:::two"],
  detail: {
    status: "closed",
    count: 7,
    ratio: 0.5,
    flag: true,
    nothing: null,
    empty: "",
    emptyList: [],
    ip: "10.0.0.17",
    path: "docs/decisions/0001-one.md",
    tags: ["a", "b"],
    items: [
      { kind: "x", size: 1 },
      { kind: "y", size: 9 },
    ],
    deep: { inner: { value: "here" } },
  },
};

const detail = (field: string, ...entries: unknown[]): boolean =>
  compilePattern({ detail: { [field]: entries } })(event);

describe("event pattern", () => {
  it("needs every field and any of a field's entries", () => {
    expect(compilePattern({ source: ["enceladus.tracker", "other"], detail: { status: ["closed"] } })(event)).toBe(
      true,
    );
    expect(compilePattern({ source: ["enceladus.tracker"], detail: { status: ["open"] } })(event)).toBe(false);
    expect(compilePattern({ account: ["1"] })(event)).toBe(false);
  });

  it.each([
    ["a number", "count", 7, true],
    ["the same number written otherwise", "count", 7.0, true],
    ["no text that looks like the number", "count", "7", false],
    ["a boolean", "flag", true, true],
    ["null", "nothing", null, true],
    ["null where there is text", "status", null, false],
    ["the empty string", "empty", "", true],
    ["text with its case", "status", "Closed", false],
  ])("takes %s literally", (_, field, entry, matches) => {
    expect(detail(field, entry)).toBe(matches);
  });

  it("matches a list if one of its values does", () => {
    expect(detail("tags", "b")).toBe(true);
    expect(detail("tags", "c")).toBe(false);
    expect(compilePattern({ resources: [{ suffix: ":::two" }] })(event)).toBe(true);
  });

  it("wants one object of a list to fulfil all of it", () => {
    expect(compilePattern({ detail: { items: { kind: ["x"], size: [1] } } })(event)).toBe(true);
    expect(compilePattern({ detail: { items: { kind: ["x"], size: [9] } } })(event)).toBe(false);
  });

  it.each([
    [{ prefix: "clo" }, true],
    [{ prefix: "CLO" }, false],
    [{ prefix: { "equals-ignore-case": "CLO" } }, true],
    [{ suffix: "sed" }, true],
    [{ suffix: { "equals-ignore-case": "SED" } }, true],
    [{ "equals-ignore-case": "CLOSED" }, true],
    [{ "equals-ignore-case": "CLOSE" }, false],
    [{ wildcard: "c*d" }, true],
    [{ wildcard: "c*e" }, false],
  ])("matches text by %j: %s", (entry, matches) => {
    expect(detail("status", entry)).toBe(matches);
  });

  it.each([
    ["docs/*/0001*.md", true],
    ["docs/*.md", true],
    ["*", true],
    ["*.md", true],
    ["docs/*one.md*one.md", false],
    ["docs/decisions/0001-one.md", true],
    ["docs/decisions/\\*", false],
  ])("reads the wildcard %s: %s", (wildcard, matches) => {
    expect(detail("path", { wildcard })).toBe(matches);
  });

  it("lets an escaped star stand for itself", () => {
    const matches = compilePattern({ name: [{ wildcard: "a\\*b\\\\*" }] });
    expect(matches({ name: "a*b\\c" })).toBe(true);
    expect(matches({ name: "axb\\c" })).toBe(false);
  });

  it.each([
    [["=", 7], true],
    [[">", 7], false],
    [[">=", 7, "<", 8], true],
    [["<", 0], false],
  ])("compares numbers by %j: %s", (numeric, matches) => {
    expect(detail("count", { numeric })).toBe(matches);
    expect(detail("status", { numeric })).toBe(false);
  });

  it("matches addresses of a block", () => {
    expect(detail("ip", { cidr: "10.0.0.0/24" })).toBe(true);
    expect(detail("ip", { cidr: "10.0.1.0/24" })).toBe(false);
    expect(detail("status", { cidr: "10.0.0.0/24" })).toBe(false);
    expect(compilePattern({ ip: [{ cidr: "2001:db8::/32" }] })({ ip: "2001:db8::1" })).toBe(true);
  });

  it.each([
    ["closed", false],
    ["open", true],
    [["open", "closed"], false],
    [["open", "parked"], true],
    [{ prefix: "clo" }, false],
    [{ prefix: ["op", "clo"] }, false],
    [{ suffix: "xyz" }, true],
    [{ "equals-ignore-case": ["CLOSED", "x"] }, false],
    [{ wildcard: "c*d" }, false],
  ])("matches anything but %j: %s", (operand, matches) => {
    expect(detail("status", { "anything-but": operand })).toBe(matches);
  });

  it("wants the field to be there for anything-but", () => {
    expect(detail("missing", { "anything-but": "x" })).toBe(false);
    expect(detail("nothing", { "anything-but": "x" })).toBe(true);
    expect(detail("count", { "anything-but": [1, 2] })).toBe(true);
  });

  it("tells a field that is there from one that is not; only leaves count", () => {
    expect(detail("status", { exists: true })).toBe(true);
    expect(detail("nothing", { exists: true })).toBe(true);
    expect(detail("missing", { exists: true })).toBe(false);
    expect(detail("missing", { exists: false })).toBe(true);
    expect(detail("status", { exists: false })).toBe(false);
    expect(detail("deep", { exists: true })).toBe(false);
    expect(detail("emptyList", { exists: true })).toBe(false);
    expect(compilePattern({ nowhere: { at: { all: [{ exists: false }] } } })(event)).toBe(true);
    expect(detail("missing", { exists: false }, "x")).toBe(true);
  });

  it("joins the parts of $or with the fields beside it", () => {
    const pattern = {
      source: ["enceladus.tracker"],
      $or: [{ detail: { count: [1] } }, { detail: { status: ["closed"] } }],
    };
    expect(compilePattern(pattern)(event)).toBe(true);
    expect(compilePattern({ ...pattern, source: ["x"] })(event)).toBe(false);
    expect(compilePattern({ detail: { $or: [{ count: [1] }, { ratio: [{ numeric: [">", 0.4] }] }] } })(event)).toBe(
      true,
    );
    expect(compilePattern({ detail: { $or: [{ count: [1] }, { ratio: [1] }] } })(event)).toBe(false);
  });

  it("does not take inherited properties for fields", () => {
    expect(compilePattern({ constructor: { name: [{ exists: true }] } })({})).toBe(false);
    expect(compilePattern({ toString: [{ exists: false }] })({})).toBe(true);
  });

  it.each([
    ["text in place of a list", { source: "x" }],
    ["an empty list", { source: [] }],
    ["an empty object", { detail: {} }],
    ["no object", ["x"]],
    ["an unknown filter", { source: [{ regex: "x" }] }],
    ["two filters in one", { source: [{ prefix: "x", suffix: "y" }] }],
    ["half a comparison", { n: [{ numeric: [">"] }] }],
    ["an unknown comparison", { n: [{ numeric: ["!=", 1] }] }],
    ["a bound that is text", { n: [{ numeric: [">", "1"] }] }],
    ["no address block", { ip: [{ cidr: "10.0.0.0" }] }],
    ["a double star", { s: [{ wildcard: "a**b" }] }],
    ["an unfinished escape", { s: [{ wildcard: "a\\" }] }],
    ["an empty anything-but", { s: [{ "anything-but": [] }] }],
    ["an empty $or", { $or: [] }],
  ])("refuses %s and says where", (_, pattern) => {
    expect(() => compilePattern(pattern)).toThrow(InvalidPatternError);
    expect(() => compilePattern(pattern)).toThrow(/^pattern/);
  });
});

describe("filters of an event source mapping", () => {
  it("let everything through where there are none", () => {
    expect(compileFilters(undefined)({})).toBe(true);
    expect(compileFilters([])({})).toBe(true);
  });

  it("take a record that any of them matches", () => {
    const matches = compileFilters([
      { eventName: ["INSERT"], dynamodb: { NewImage: { kind: { S: ["task"] } } } },
      { eventName: ["REMOVE"] },
    ]);
    expect(matches({ eventName: "INSERT", dynamodb: { NewImage: { kind: { S: "task" } } } })).toBe(true);
    expect(matches({ eventName: "INSERT", dynamodb: { NewImage: { kind: { S: "issue" } } } })).toBe(false);
    expect(matches({ eventName: "REMOVE" })).toBe(true);
  });
});
