import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { applyChanges } from "../../../../scripts/function-generator/apply.ts";
import { type Change, created } from "../../../../scripts/function-generator/change.ts";

let root: string;

const at = (path: string) => join(root, path);
const text = (path: string) => (existsSync(at(path)) ? readFileSync(at(path), "utf8") : undefined);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "enceladus-apply-"));
  mkdirSync(at("functions/old"), { recursive: true });
  mkdirSync(at("resources"));
  writeFileSync(at("functions/old/handler.ts"), "old");
  writeFileSync(at("serverless.yml"), "a");
  writeFileSync(at("resources/alarms.yml"), "alarms");
});
afterEach(() => rmSync(root, { recursive: true }));

const CHANGES: Change[] = [
  created("functions/new/handler.ts", "new"),
  { path: "functions/old/handler.ts", before: "old", after: undefined },
  { path: "serverless.yml", before: "a", after: "b" },
];

describe("changes", () => {
  it("are made before what follows from them, and leave no empty folders behind", async () => {
    await applyChanges(root, CHANGES, async () => {
      writeFileSync(at("resources/alarms.yml"), `alarms of ${text("serverless.yml")}`);
    });
    expect(text("functions/new/handler.ts")).toBe("new");
    expect(existsSync(at("functions/old"))).toBe(false);
    expect(text("resources/alarms.yml")).toBe("alarms of b");
  });

  it("are taken back, with what has followed, when what follows fails", async () => {
    const failing = async () => {
      writeFileSync(at("resources/alarms.yml"), "half");
      mkdirSync(at(".github/workflows"), { recursive: true });
      writeFileSync(at(".github/workflows/lambda-new-deploy.yml"), "half");
      throw new Error("no configuration");
    };
    await expect(applyChanges(root, CHANGES, failing)).rejects.toThrow("no configuration");
    expect(existsSync(at("functions/new"))).toBe(false);
    expect(existsSync(at(".github"))).toBe(false);
    expect([text("functions/old/handler.ts"), text("serverless.yml"), text("resources/alarms.yml")]).toEqual([
      "old",
      "a",
      "alarms",
    ]);
  });

  it("are not begun where a file is not what it was", async () => {
    writeFileSync(at("serverless.yml"), "c");
    await expect(applyChanges(root, CHANGES, async () => {})).rejects.toThrow("serverless.yml has changed meanwhile");
    expect(existsSync(at("functions/new"))).toBe(false);
    expect(text("serverless.yml")).toBe("c");
  });
});
