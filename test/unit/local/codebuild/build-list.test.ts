import { describe, expect, it } from "@jest/globals";
import { BuildList } from "../../../../scripts/local/codebuild/build-list.ts";
import { StartBuildRequest } from "../../../../scripts/local/codebuild/requests.ts";
import { BuildOutcome } from "../../../../scripts/local/wire/faults.ts";
import { START } from "./builds.ts";

const asked = (more: object = {}) => StartBuildRequest.parse({ projectName: "builder", ...more });
const outcome = BuildOutcome.parse({});
const MINUTE = 60_000;

function listOf(count: number, project = "builder"): BuildList {
  const list = new BuildList();
  for (let n = 0; n < count; n++) list.add(asked({ projectName: project }), outcome, "f", START + n);
  return list;
}

describe("a token", () => {
  const anew = () => asked({ idempotencyToken: "t", environmentVariablesOverride: [{ name: "A", value: "1" }] });
  const request = anew();

  it("finds the build of the same request for five minutes", () => {
    const list = new BuildList();
    const build = list.add(request, outcome, "f", START);
    expect(list.startedWith(anew(), START + 5 * MINUTE - 1)).toBe(build);
    expect(list.startedWith(request, START + 5 * MINUTE)).toBeUndefined();
    expect(list.startedWith(asked({ idempotencyToken: "other" }), START)).toBeUndefined();
  });

  it.each([
    ["other variables", { environmentVariablesOverride: [{ name: "A", value: "2" }] }],
    ["another project", { projectName: "other", environmentVariablesOverride: [{ name: "A", value: "1" }] }],
    ["none of the variables", {}],
  ])("is refused with %s", (_, more) => {
    const list = new BuildList();
    list.add(request, outcome, "f", START);
    expect(() => list.startedWith(asked({ idempotencyToken: "t", ...more }), START + 1)).toThrow(
      expect.objectContaining({ code: "InvalidInputException", message: expect.stringContaining("other parameters") }),
    );
  });

  it("that is absent finds nothing", () => {
    expect(listOf(1).startedWith(asked(), START)).toBeUndefined();
  });
});

describe("a list of builds", () => {
  it("numbers them by project, and finds them by id and by ARN", () => {
    const list = listOf(2);
    const other = list.add(asked({ projectName: "other" }), outcome, "f", START);
    expect(list.all().map(({ number }) => number)).toEqual([1, 2, 1]);
    expect(list.find(other.id)).toBe(other);
    expect(list.find(`arn:aws:codebuild:us-east-1:000000000000:build/${other.id}`)).toBe(other);
    expect(list.find("other:unknown")).toBeUndefined();
  });

  it.each(["ASCENDING", "DESCENDING"] as const)(
    "is paged by hundreds (%s), whatever starts between two pages",
    (order) => {
      const list = listOf(250);
      const ids = list.all().map(({ id }) => id);
      const pages: string[][] = [];
      let nextToken: string | undefined;
      do {
        const page = list.page("builder", order, nextToken);
        pages.push(page.ids);
        nextToken = page.nextToken;
        if (order === "DESCENDING") list.add(asked(), outcome, "f", START);
      } while (nextToken !== undefined);
      expect(pages.map((page) => page.length)).toEqual([100, 100, 50]);
      expect(pages.flat()).toEqual(order === "ASCENDING" ? ids : ids.reverse());
    },
  );

  it("has no further page after a full last one", () => {
    expect(listOf(100).page("builder", "ASCENDING")).not.toHaveProperty("nextToken");
  });

  it.each(["", "x", "REVTQ0VORElORyB4"])("refuses the token %j", (token) => {
    expect(() => listOf(1).page("builder", "DESCENDING", token)).toThrow(
      expect.objectContaining({ code: "InvalidInputException" }),
    );
  });

  it("refuses a token of the other order", () => {
    const list = listOf(101);
    const { nextToken } = list.page("builder", "ASCENDING");
    expect(() => list.page("builder", "DESCENDING", nextToken)).toThrow();
  });

  it("forgets the oldest that has ended above a thousand, and none that runs", () => {
    const list = listOf(1_000);
    const [first, second, third] = list.all();
    if (second) second.end = { at: START, status: "SUCCEEDED" };
    list.add(asked(), outcome, "f", START);
    expect(list.all()).toHaveLength(1_000);
    expect([first, second, third].map((build) => list.find(build?.id ?? "") !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
    list.add(asked(), outcome, "f", START);
    expect(list.all()).toHaveLength(1_001);
  });
});
