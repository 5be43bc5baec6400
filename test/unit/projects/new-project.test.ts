import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import * as z from "zod";
import { entryOf, newProject } from "../../../domain/projects/new-project.ts";
import type { Project } from "../../../domain/projects/project.ts";

const GOOD = { name: "alpha", prefix: "ALP", summary: "The first" };

/** The fields at fault, in the order in which they are reported. */
function faults(request: unknown): string[] {
  return newProject.safeParse(request).error?.issues.map(({ path }) => path.join(".")) ?? [];
}

describe("a request for a new project", () => {
  it("needs a name, a prefix and a summary, and is planned, without parent and repository", () => {
    expect(newProject.parse(GOOD)).toEqual({ ...GOOD, status: "planning", parent: undefined, repo: undefined });
    expect(faults({})).toEqual(["name", "prefix", "summary"]);
  });

  it("is trimmed, and its prefix is put in upper case", () => {
    expect(
      newProject.parse({ name: " alpha\n", prefix: "\talp ", summary: " x ", repo: " https://a.b " }),
    ).toMatchObject({ name: "alpha", prefix: "ALP", summary: "x", repo: "https://a.b" });
  });

  it.each(["", null, undefined, "  "])("takes %j for no status, no parent, no repository", (blank) => {
    const parsed = newProject.parse({ ...GOOD, status: blank, parent: blank, repo: blank });
    expect(parsed).toEqual({ ...GOOD, status: "planning", parent: undefined, repo: undefined });
  });

  it.each([
    ["name", ["Alpha", "1a", "_a", "a b", "a".repeat(51), "", "ä", 5, null, [], {}]],
    ["prefix", ["AL", "ALPH", "A1P", "ÄÖÜ", "", 5, null, true]],
    ["summary", ["", "   ", "x".repeat(501), "🚀".repeat(501), 5, null]],
    ["status", ["closed", "archived", "Planning", "done", 5, {}, []]],
    ["parent", ["Alpha", "a b", "a".repeat(51), 5, []]],
    ["repo", ["example.com", "ftp://a", "https://", "https://a b", `https://${"a".repeat(2_041)}`, 5, []]],
  ])("is at fault in %s alone for each of %j", (field, values) => {
    for (const value of values) expect(faults({ ...GOOD, [field]: value })).toEqual([field]);
  });

  it.each([
    ["name", ["a", "a-_9", "a".repeat(50)]],
    ["prefix", ["abc", "XYZ", " xYz "]],
    ["summary", ["x", "x".repeat(500), "🚀".repeat(500)]],
    ["status", ["planning", "development", "active_production"]],
    ["repo", ["http://a", "HTTPS://a".toLowerCase(), `https://${"a".repeat(2_040)}`]],
  ])("may have %s as each of %j", (field, values) => {
    for (const value of values) expect(faults({ ...GOOD, [field]: value })).toEqual([]);
  });

  it("tells a missing value from one of the wrong type", () => {
    const messages = newProject.safeParse({ name: null, prefix: 1 }).error?.issues.map(({ message }) => message);
    expect(messages).toEqual(["is required", "must be a string", "is required"]);
  });

  it("reports at most one fault a field, in the order of the fields, whatever comes", () => {
    const order = ["name", "prefix", "summary", "status", "parent", "repo"];
    const anything = fc.oneof(fc.string({ unit: "grapheme" }), fc.jsonValue(), fc.constant(undefined));
    fc.assert(
      fc.property(fc.record(Object.fromEntries(order.map((field) => [field, anything]))), (request) => {
        const reported = faults(request);
        expect(reported).toEqual(order.filter((field) => reported.includes(field)));
      }),
    );
  });

  it("has a JSON schema for the API's reference", () => {
    expect(z.toJSONSchema(newProject, { io: "input" })).toMatchObject({
      type: "object",
      required: ["name", "prefix", "summary"],
    });
  });
});

describe("the entry of a new project", () => {
  const at = "2026-01-02T03:04:05Z";
  const parent = { project_id: "mother", path: "projects/old/mother" } as Project;

  it("begins and ends its first change at one moment, and lacks what was not given", () => {
    expect(entryOf(newProject.parse(GOOD), undefined, "ada", at)).toEqual({
      project_id: "alpha",
      prefix: "ALP",
      path: "projects/alpha",
      summary: "The first",
      status: "planning",
      created_at: at,
      updated_at: at,
      created_by: "ada",
    });
  });

  it("lies below its parent, also below one that has no path", () => {
    const request = newProject.parse({ ...GOOD, parent: "mother" });
    expect(entryOf(request, parent, "ada", at)).toMatchObject({ path: "projects/old/mother/alpha", parent: "mother" });
    expect(entryOf(request, { ...parent, path: "" }, "ada", at).path).toBe("projects/mother/alpha");
  });
});
