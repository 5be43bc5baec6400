import { describe, expect, it } from "@jest/globals";
import { type Progress, reindexAll } from "../../../scripts/reindex.ts";

describe("indexing a project anew", () => {
  it("invokes the indexer until all is done, each time from where the last run has come to", async () => {
    const runs = new Map<string | undefined, Progress>([
      [undefined, { documents: 50, indexed: 3, next_cursor: "a" }],
      ["a", { documents: 50, indexed: 0, next_cursor: "b" }],
      ["b", { documents: 7, indexed: 7 }],
    ]);
    const told: unknown[] = [];
    const invoke = async ({ project_id, cursor }: { project_id: string; cursor: string | undefined }) => {
      const run = project_id === "alpha" ? runs.get(cursor) : undefined;
      if (!run) throw new Error(`not expected: ${project_id} ${cursor}`);
      return run;
    };
    await reindexAll("alpha", invoke, (so) => told.push({ ...so }));
    expect(told).toStrictEqual([
      { documents: 50, indexed: 3 },
      { documents: 100, indexed: 3 },
      { documents: 107, indexed: 10 },
    ]);
  });
});
