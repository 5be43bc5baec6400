import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { changedFiles } from "../../../../scripts/submit-ui-deploy/changed-files.ts";

let root: string;
let ui: string;
const commits: string[] = [];

function git(...args: string[]): string {
  const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...identity, ...args], { cwd: root, encoding: "utf8" }).trim();
}

function commit(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
  git("add", "-A");
  git("commit", "-q", "-m", "x");
  commits.push(git("rev-parse", "HEAD"));
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "enceladus-changes-"));
  ui = join(root, "frontend/ui");
  mkdirSync(ui, { recursive: true });
  git("init", "-q");
  commit({ "frontend/ui/a.ts": "1", "frontend/ui/b.ts": "1", "elsewhere.ts": "1" });
  commit({ "frontend/ui/a.ts": "2", "frontend/ui/ü, $(x).ts": "1", "elsewhere.ts": "2" });
});
afterAll(() => rmSync(root, { recursive: true }));

describe("the files that a push has changed", () => {
  it("are those of the user interface that differ, whatever they are called", async () => {
    const [before = "", after = ""] = commits;
    expect(await changedFiles(ui, before, after)).toEqual(["frontend/ui/a.ts", "frontend/ui/ü, $(x).ts"]);
  });

  it.each([
    ["0000000000000000000000000000000000000000", "a branch that is new"],
    ["0123456789abcdef0123456789abcdef01234567", "a commit that is not here"],
    ["", "nothing"],
    ["--output=/tmp/x", "an option"],
  ])("are not guessed: %s (%s)", async (before) => {
    expect(await changedFiles(ui, before, commits[1] ?? "")).toEqual([]);
  });
});
