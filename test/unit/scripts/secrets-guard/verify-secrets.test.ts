import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { MAX_FILE_BYTES } from "../../../../scripts/secrets-guard/tracked-files.ts";
import { type SecretsReport, verifySecrets } from "../../../../scripts/verify-secrets.ts";
import { runScript } from "../../../support/command.ts";

const KEY = ["AK", "IAABCDEFGHIJKLMNOP"].join("");

let root: string;

/** A repository of its own, whatever those around it are told of where theirs is. */
function git(...args: string[]): void {
  const environment = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  execFileSync("git", args, { cwd: root, env: Object.fromEntries(environment), stdio: "pipe" });
}

function write(file: string, content: string | Buffer): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), content);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "enceladus-secrets-"));
  git("init", "--quiet");
  write("resources/secrets-allow-list.json", "[]");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function placesIn(files: Readonly<Record<string, string | Buffer>>): Promise<string[]> {
  for (const [file, content] of Object.entries(files)) write(file, content);
  git("add", "--force", "--all");
  const { findings } = await verifySecrets({ root, truffleHog: "no" });
  return findings.map(({ rule, file, line }) => `${file}:${line} ${rule}`);
}

describe("the secrets of a repository", () => {
  it("are found in all files that are tracked, binary ones and those with any name", async () => {
    const binary = Buffer.concat([Buffer.from([0, 1, 2, 255]), Buffer.from(KEY), Buffer.from([0])]);
    expect(await placesIn({ "a/b.ts": `\n\n${KEY}`, "c.bin": binary, 'd "e"\n.txt': KEY })).toStrictEqual([
      "a/b.ts:3 AWS_KEY_ID",
      "c.bin:1 AWS_KEY_ID",
      'd "e"\n.txt:1 AWS_KEY_ID',
    ]);
  });

  it("are not looked for in what is built or not tracked", async () => {
    expect(await placesIn({ "node_modules/a.js": KEY, "dist/a.js": KEY, "x/coverage/a.js": KEY })).toStrictEqual([]);
    write("untracked.ts", KEY);
    expect((await verifySecrets({ root, truffleHog: "no" })).ok).toBe(true);
  });

  it("are not followed out of it, nor missed where a link is made of one", async () => {
    symlinkSync("/etc/passwd", join(root, "link"));
    symlinkSync(KEY, join(root, "secret-link"));
    expect(await placesIn({})).toStrictEqual(["secret-link:1 AWS_KEY_ID"]);
  });

  it("may be in a file that is too large to tell", async () => {
    expect(await placesIn({ large: Buffer.alloc(MAX_FILE_BYTES + 1) })).toStrictEqual(["large:0 FILE_TOO_LARGE"]);
  });

  it("are let through by an exception for this file, this rule and this text", async () => {
    write("a.ts", KEY);
    git("add", "--all");
    const { findings } = await verifySecrets({ root, truffleHog: "no" });
    const exception = { file: "a.ts", rule: "AWS_KEY_ID", sha256: findings[0]?.sha256, reason: "made up" };
    write("resources/secrets-allow-list.json", JSON.stringify([exception]));
    expect(await placesIn({})).toStrictEqual([]);
    expect(await placesIn({ "a.ts": `${KEY.slice(0, -1)}Q`, "b.ts": KEY })).toHaveLength(2);
    write("resources/secrets-allow-list.json", JSON.stringify([{ ...exception, reason: " " }]));
    expect(await verifySecrets({ root, truffleHog: "no" })).toMatchObject({
      ok: false,
      error: { code: "UNREADABLE_INPUT" },
    });
  });
});

describe("the history of a repository", () => {
  const commit = (message: string) => {
    git("add", "--all");
    git("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", message);
  };

  it("has what a later commit has taken away, with the commit and the line", async () => {
    write("a b.ts", `one\n+++ two\nx\r+${KEY}\n`);
    commit("put");
    write("a b.ts", "one\n-- two\n");
    commit("take away");
    expect(await verifySecrets({ root, truffleHog: "no" })).toMatchObject({ ok: true });
    expect((await verifySecrets({ root, truffleHog: "no", history: ["--all"] })).findings).toMatchObject([
      { rule: "AWS_KEY_ID", file: "a b.ts", line: 3, commit: expect.stringMatching(/^[0-9a-f]{40}$/) },
    ]);
    expect(await verifySecrets({ root, truffleHog: "no", history: ["HEAD~1..HEAD"] })).toMatchObject({ ok: true });
  });

  it("that git does not know is not taken for a clean one", async () => {
    commit("first");
    const report = await verifySecrets({ root, truffleHog: "no", history: ["no-such-branch"] });
    expect(report).toMatchObject({ ok: false, error: { code: "UNREADABLE_INPUT" } });
  });
});

/** Stands in for TruffleHog, which is no package of npm: what it prints, and how it ends. */
function truffleHog(output: string, code: number): string {
  write("bin/trufflehog", `#!/bin/sh\ncat <<'END'\n${output}\nEND\nexit ${code}\n`);
  chmodSync(join(root, "bin/trufflehog"), 0o755);
  return join(root, "bin");
}

describe("TruffleHog", () => {
  const { PATH } = process.env;
  const LINE = JSON.stringify({
    DetectorName: "AWS",
    Raw: "what it has found",
    SourceMetadata: { Data: { Git: { commit: "abc", file: "old.ts", line: 3 } } },
  });

  /** What the guard says where this is the TruffleHog that is found, or none is. */
  async function reportWith(place: string, ...args: string[]) {
    process.env.PATH = place;
    try {
      const { code, output, errors } = await runScript("verify-secrets", ["--root", root, "--json", ...args]);
      expect(output + errors).not.toContain("what it has found");
      return { code, ...(JSON.parse(output) as SecretsReport) };
    } finally {
      process.env.PATH = PATH;
    }
  }

  it("adds what it finds in the history", async () => {
    expect(await reportWith(`${truffleHog(`{"level":"info"}\n${LINE}`, 0)}:${PATH}`)).toMatchObject({
      code: 1,
      trufflehog: "ran",
      findings: [{ code: "TRUFFLEHOG_AWS", path: "old.ts:3", commit: "abc" }],
    });
  });

  it("lets nothing through when it fails", async () => {
    const error = { message: "trufflehog ended with 2" };
    expect(await reportWith(`${truffleHog("", 2)}:${PATH}`)).toMatchObject({ code: 1, ok: false, error });
  });

  it("is not needed, unless it is demanded", async () => {
    expect(await reportWith("/usr/bin:/bin")).toMatchObject({ code: 0, trufflehog: "not installed" });
    const error = { message: "trufflehog is not installed" };
    expect(await reportWith("/usr/bin:/bin", "--require-trufflehog")).toMatchObject({ code: 1, error });
  });
});

describe("guard:secrets", () => {
  const report = async (...args: string[]) => runScript("verify-secrets", ["--root", root, ...args]);

  it("prints file, line and rule, and never what it has found", async () => {
    await placesIn({ "a.ts": `\n${KEY}` });
    const { code, output, errors } = await report("--patterns-only");
    expect([code, errors, output]).toStrictEqual([1, "a.ts:2 AWS_KEY_ID\n", "2 files, 1 findings\n"]);
    const json = await report("--patterns-only", "--json");
    expect([json.code, JSON.parse(json.output)]).toMatchObject([
      1,
      { findings: [{ code: "AWS_KEY_ID", path: "a.ts:2" }] },
    ]);
    const hashes = await report("--patterns-only", "--hashes");
    expect(hashes.errors).toMatch(/^a\.ts:2 AWS_KEY_ID [0-9a-f]{64}\n$/);
    for (const { output, errors } of [json, hashes]) expect(output + errors).not.toContain(KEY);
  });

  it("says that it cannot read what is no repository", async () => {
    rmSync(join(root, ".git"), { recursive: true });
    const { code, output } = await report("--json", "--patterns-only");
    expect([code, JSON.parse(output)]).toMatchObject([1, { ok: false, error: { code: "UNREADABLE_INPUT" } }]);
  });
});
