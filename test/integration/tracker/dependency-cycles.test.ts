import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import { expectGraph } from "../../support/graph-check.ts";
import { plant } from "../../support/planted-graph.ts";
import { makeProject } from "../../support/projects.ts";
import { callsDuring, realName } from "../../support/services.ts";
import { call, create, patch, pathOf, read, set, type TrackerAnswer } from "../../support/tracker-api.ts";
import { linksOf, snapshot, stored } from "../../support/tracker-rows.ts";

let project: string;
let prefix: string;

beforeEach(async () => {
  const made = await makeProject();
  [project, prefix] = [made.project_id, made.prefix];
});

const id = (number: number) => `${prefix}-TSK-${String(number).padStart(3, "0")}`;
const put = (from: string, to: string, kind: string) =>
  call("PUT", `${pathOf(project, from)}/dependencies/${to}`, { kind });

async function plantSome(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, index) => id(index + 1));
  await plant(
    project,
    ids.map((item_id) => ({ item_id })),
  );
  return ids;
}

/** Each record waits for the next one, by the kinds in turn; the last one waits for nothing. */
async function plantChain(length: number, kinds: readonly string[]): Promise<string[]> {
  const ids = Array.from({ length }, (_, index) => id(index + 1));
  await plant(
    project,
    ids.map((item_id, index) => {
      const next = ids.slice(index + 1, index + 2);
      return kinds[index % kinds.length] === "blocks" ? { item_id, blockers: next } : { item_id, parents: next };
    }),
  );
  return ids;
}

/** The refusal tells a path of edges that are there, but for the first step, which is the refused one. */
async function expectRealPath({ status, body }: TrackerAnswer, from: string, to: string): Promise<string[]> {
  expect([status, body.error_envelope.code]).toEqual([409, "DEPENDENCY_CYCLE"]);
  const path = body.error_envelope.details.path as string[];
  expect([path[0], path[1], path.at(-1)]).toEqual([from, to, from]);
  expect(body.error).toContain(path.join(" -> "));
  for (const [index, start] of path.entries()) {
    const end = path[index + 1];
    if (index === 0 || end === undefined) continue;
    const kinds = (await linksOf(start)).map(({ link }) => link);
    expect(kinds.some((link) => link === `out#blocks#${end}` || link === `out#parent#${end}`)).toBe(true);
  }
  return path;
}

describe("a cycle", () => {
  afterEach(() => expectGraph(project));

  it.each<[number, string, string[]]>([
    [2, "blocks", ["blocks"]],
    [2, "parent", ["parent"]],
    [2, "both", ["blocks", "parent"]],
    [3, "blocks", ["blocks"]],
    [3, "parent", ["parent"]],
    [3, "both", ["parent", "blocks"]],
    [50, "blocks", ["blocks"]],
    [50, "parent", ["parent"]],
    [50, "both", ["blocks", "parent", "parent"]],
  ])("of %i records by %s is refused with its path, and nothing is written", async (length, _, kinds) => {
    const ids = await plantChain(length, kinds);
    const [first, last] = [ids[0], ids.at(-1)] as [string, string];
    const before = [await snapshot(project, last), await snapshot(project, first)];
    for (const kind of ["blocks", "parent"]) {
      const path = await expectRealPath(await put(last, first, kind), last, first);
      expect(path).toHaveLength(length + 1);
    }
    expect([await snapshot(project, last), await snapshot(project, first)]).toEqual(before);
    for (const kind of ["related", "discovered_from"]) expect((await put(last, first, kind)).status).toBe(201);
  });

  it("is told by its shortest way", async () => {
    await plantChain(20, ["blocks"]);
    await put(id(2), id(19), "parent");
    const path = await expectRealPath(await put(id(20), id(1), "blocks"), id(20), id(1));
    expect(path).toEqual([id(20), id(1), id(2), id(19), id(20)]);
  });

  it("is refused in an older attribute too, with everything else that it says", async () => {
    const ids = await plantChain(3, ["blocks", "parent"]);
    const [first, , last] = ids as [string, string, string];
    const other = await create(project, "issue");
    const before = await snapshot(project, last);
    for (const [field, value] of Object.entries({
      depends_on: [other, first],
      blocked_by: `${other}, and then ${first}`,
      parent: first,
    })) {
      await expectRealPath(await patch(project, last, { field, value }), last, first);
    }
    expect(await snapshot(project, last)).toEqual(before);
  });

  it("does not take what is said by relations, or by edges that are gone, for waiting", async () => {
    const [one, two] = (await plantSome(2)) as [string, string];
    await put(one, two, "related");
    await put(one, two, "discovered_from");
    await set(project, one, "depends_on", [two]);
    await set(project, one, "depends_on", []);
    expect((await put(two, one, "blocks")).status).toBe(201);
  });

  it("is refused for closed records as well: they may be opened again", async () => {
    const [one, two] = (await plantChain(2, ["blocks"])) as [string, string];
    for (const record of [one, two]) await patch(project, record, { action: "close" });
    await expectRealPath(await put(two, one, "blocks"), two, one);
  });

  it("costs a look at the graph only where there could be one", async () => {
    const ids = await plantChain(30, ["blocks"]);
    const [lone, other] = [await create(project, "task"), await create(project, "task")];
    const looks = async (from: string, to: string) => {
      const calls = await callsDuring(async () => expect((await put(from, to, "blocks")).status).toBe(201));
      const TableName = realName("tables", "tracker-links");
      return calls.filter(({ request }) => (request as { TableName?: string }).TableName === TableName).length;
    };
    // Nothing waits for the one, or the other waits for nothing: no chain of edges can lead back.
    expect(await looks(lone, String(ids[0]))).toBe(0);
    expect(await looks(String(ids[29]), other)).toBeLessThanOrEqual(2);
  });
});

describe("a cycle over several projects", () => {
  it("is refused, with records that the caller may not see left unnamed", async () => {
    const abroad = await makeProject();
    const [one, two] = (await plantSome(2)) as [string, string];
    const foreign = await create(abroad.project_id, "task");
    await put(one, foreign, "blocks");
    await call("PUT", `${pathOf(abroad.project_id, foreign)}/dependencies/${two}`, { kind: "blocks" });
    const { secret } = await issueKey({ projects: [project] });
    const path = `${pathOf(project, two)}/dependencies/${one}`;
    const answer = await call("PUT", path, { kind: "blocks" }, { as: "stranger", headers: byKey(secret) });
    expect([answer.status, answer.body.error_envelope.details.path]).toEqual([
      409,
      [two, one, "(another project)", two],
    ]);
    expect(answer.text).not.toContain(abroad.prefix);
    await expectRealPath(await put(two, one, "blocks"), two, one);
    await expectGraph(project, abroad.project_id);
  });
});

describe("a cycle in an import", () => {
  const issue = (external_id: string, ...blockers: string[]) => ({
    external_id,
    type: "task",
    title: external_id,
    status: "open",
    created_at: "2026-01-01T00:00:00Z",
    dependencies: blockers.map((blocker) => ({ external_id: blocker, kind: "blocks" })),
  });

  async function bring(records: object[]) {
    const answer = await call("POST", `/${project}/imports`, { records });
    expect(answer.status).toBe(200);
    return answer.body.records as unknown as { external_id: string; result: string; warnings?: string[] }[];
  }

  const ring = [issue("a", "b", "x"), issue("b", "c"), issue("c", "a", "y"), issue("x"), issue("y")];

  it.each([
    ["in one call", [ring]],
    ["backwards", [ring.toReversed()]],
    ["one by one", ring.map((one) => [one])],
    ["one by one, backwards", ring.toReversed().map((one) => [one])],
  ])("loses one edge, which is told, and nothing else: %s", async (_, calls) => {
    const outcomes: Awaited<ReturnType<typeof bring>> = [];
    for (const records of calls) outcomes.push(...(await bring(records)));
    expect(outcomes.map(({ result }) => result)).toEqual(Array(5).fill("created"));
    const warnings = outcomes.flatMap((outcome) => outcome.warnings ?? []);
    expect(warnings).toEqual([
      expect.stringMatching(/^dependency 'blocks' .* left out: .* would wait for itself: .* -> /),
    ]);
    const records = await Promise.all(Array.from({ length: 5 }, (_one, index) => read(project, id(index + 1))));
    expect(records.flatMap(({ dependencies = [] }) => dependencies as object[])).toHaveLength(4);
    for (const record of records) expect(record).not.toHaveProperty("awaited_dependencies");
    for (const name of "abcxy") expect(await linksOf(`${project}#external#${name}`)).toHaveLength(1);
    await expectGraph(project);
    // Again, it changes nothing, and says the same again.
    const again = await bring(ring);
    expect(again.map(({ result }) => result)).toEqual(Array(5).fill("unchanged"));
    expect(again.flatMap((outcome) => outcome.warnings ?? [])).toHaveLength(1);
  });
});

describe("two edges at once that together close a cycle", () => {
  const REPETITIONS = 50;

  it("between two records are never both made", async () => {
    const ids = await plantSome(2 * REPETITIONS);
    for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
      const [one, two] = ids.slice(2 * repetition) as [string, string];
      const kinds = [repetition % 2 ? "blocks" : "parent", repetition % 3 ? "blocks" : "parent"] as const;
      const answers = await Promise.all([put(one, two, kinds[0]), put(two, one, kinds[1])]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    }
    await expectGraph(project);
  }, 60_000);

  it("without a record in common are never both made", async () => {
    const pairs = Array.from({ length: 4 * REPETITIONS }, (_, index) => id(index + 1));
    await plant(
      project,
      pairs.map((item_id, index) =>
        index % 2 === 0 ? { item_id, blockers: [pairs[index + 1] as string] } : { item_id },
      ),
    );
    for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
      // One waits for two, three waits for four: two -> three and four -> one would close the ring.
      const [one, two, three, four] = pairs.slice(4 * repetition) as [string, string, string, string];
      const answers = await Promise.all([put(two, three, "blocks"), put(four, one, "parent")]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    }
    await expectGraph(project);
  }, 60_000);
});

describe("any edges", () => {
  interface Wish {
    from: number;
    to: number;
    kind: "blocks" | "parent" | "related";
    way: "put" | "patch";
  }
  const RECORDS = 8;
  const wish: fc.Arbitrary<Wish> = fc.record({
    from: fc.nat(RECORDS - 1),
    to: fc.nat(RECORDS - 1),
    kind: fc.constantFrom("blocks", "blocks", "parent", "parent", "related"),
    way: fc.constantFrom("put", "put", "patch"),
  });

  /** Whether one already waits for the other, by the edges that were accepted. */
  function leads(edges: readonly Wish[], from: number, to: number, seen = new Set<number>()): boolean {
    if (from === to) return true;
    seen.add(from);
    return edges.some((edge) => edge.from === from && !seen.has(edge.to) && leads(edges, edge.to, to, seen));
  }

  it("are refused exactly when an edge that was accepted leads back", async () => {
    let [accepted, refused] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(wish, { minLength: 15, maxLength: 30 }), async (wishes) => {
        const made = await makeProject();
        [project, prefix] = [made.project_id, made.prefix];
        const ids = await plantSome(RECORDS);
        const edges: Wish[] = [];
        for (const { from, to, kind, way } of wishes) {
          if (from === to) continue;
          const [one, other] = [ids[from], ids[to]] as [string, string];
          const patched = way === "patch" && kind === "blocks";
          const known = edges
            .filter((edge) => edge.kind === "blocks" && edge.from === from)
            .map((edge) => ids[edge.to]);
          const answer = patched
            ? await patch(project, one, { field: "depends_on", value: [...known, other] })
            : await put(one, other, kind);
          const closes = kind !== "related" && leads(edges, to, from);
          expect([wishes, answer.status >= 400]).toEqual([wishes, closes]);
          if (closes) await expectRealPath(answer, one, other);
          else if (kind !== "related") edges.push({ from, to, kind, way });
          if (closes) refused += 1;
          else accepted += 1;
        }
        await expectGraph(project);
      }),
      { numRuns: 8 },
    );
    expect(accepted).toBeGreaterThan(10);
    expect(refused).toBeGreaterThan(10);
    expect((await stored(project, id(1))).status).toBe("open");
  }, 120_000);
});
