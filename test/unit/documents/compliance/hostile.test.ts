import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "@jest/globals";

/** Memory of the function that judges documents, less what the runtime takes. */
const HEAP_MB = 180;

it("judges a megabyte of anything in a time linear in its length, and in little memory", async () => {
  const script = `${import.meta.dirname}/../../../support/hostile-markdown.ts`;
  const child = promisify(execFile)(process.execPath, [`--max-old-space-size=${HEAP_MB}`, script]);
  const { stdout } = await child;
  const judged = JSON.parse(stdout) as { name: string; score: number }[];
  expect(judged.length).toBe(22);
  expect(judged.filter(({ score }) => !(score >= 0 && score <= 100))).toEqual([]);
}, 120_000);
