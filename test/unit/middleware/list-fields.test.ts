import { listFields, withFields } from "@enceladus/middleware/list-fields";
import { describe, expect, it } from "@jest/globals";

const read = (list: string | undefined) => listFields("id").parse(list);
const names = (count: number) => Array.from({ length: count }, (_, number) => `f${number}`);

describe("the query parameter fields", () => {
  it("is a comma list of names, or is not there", () => {
    expect(read(undefined)).toBeUndefined();
    expect(read("title")).toEqual(["title"]);
    expect(read("title,sync_version,x2")).toEqual(["title", "sync_version", "x2"]);
    expect(read("a".repeat(64))).toHaveLength(1);
  });

  it("has at most 50 names", () => {
    expect(read(names(50).join(","))).toHaveLength(50);
    expect(() => read(names(51).join(","))).toThrow("at most 50");
  });

  it.each(["", ",", "title,", ",title", "title,,status", "Title", "1st", "_x", "a b", "a, b", "a.b", "é", "a\n"])(
    "is refused as %j",
    (list) => {
      expect(() => read(list)).toThrow("comma list");
    },
  );

  it("is refused with a name that is longer than 64 characters", () => {
    expect(() => read("a".repeat(65))).toThrow();
  });

  it("is read in a moment, however long it is", () => {
    const started = performance.now();
    expect(() => read(`${"a,".repeat(500_000)}!`)).toThrow();
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe("an entry of a list", () => {
  const entry = { id: "7", title: "Do it", status: "open" };

  it("is whole where nobody asked for less", () => {
    expect(withFields(entry, undefined, ["id"])).toBe(entry);
  });

  it("has the fields that were asked for, and those that it always has", () => {
    expect(withFields(entry, ["status", "status"], ["id"])).toEqual({ id: "7", status: "open" });
  });

  it("knows nothing of names that are no fields", () => {
    expect(withFields(entry, ["constructor", "owner"], ["id"])).toEqual({ id: "7" });
  });
});
