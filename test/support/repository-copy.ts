import { execFile } from "node:child_process";
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { CommandResult } from "./command.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** What is made here and belongs to nobody's sources. */
const NOT_COPIED = new Set(["node_modules", ".git", ".build", ".esbuild", ".serverless", ".local", "coverage"]);

/** A copy of this repository's sources, with the packages of the original, for commands that write in it. */
export class RepositoryCopy {
  readonly root = mkdtempSync(join(tmpdir(), "enceladus-copy-"));

  constructor() {
    const entries = readdirSync(ROOT).filter((name) => !NOT_COPIED.has(name));
    for (const name of entries) cpSync(join(ROOT, name), join(this.root, name), { recursive: true });
    const packages = join(this.root, "node_modules");
    mkdirSync(join(packages, "@enceladus"), { recursive: true });
    for (const name of readdirSync(join(ROOT, "node_modules"))) {
      if (name !== "@enceladus") symlinkSync(join(ROOT, "node_modules", name), join(packages, name));
    }
    // The workspaces are those of the copy.
    for (const [name, folder] of [
      ["shared", "layers/shared"],
      ["middleware", "middleware"],
    ] as const) {
      symlinkSync(join(this.root, folder), join(packages, "@enceladus", name));
    }
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), "utf8");
  }

  /** Every file with its text. */
  files(): Map<string, string> {
    const paths = globSync("{*,.github/**/*,*/**/*}", { cwd: this.root, exclude: ["node_modules", "**/fixtures"] });
    const files = paths.filter((path) => statSync(join(this.root, path)).isFile());
    return new Map(files.sort().map((path) => [path, this.read(path)]));
  }

  /** Runs a program of node_modules/.bin, or `node`, in it. */
  run(program: string, ...args: string[]): Promise<CommandResult> {
    const env = { ...process.env, PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}`, NODE_OPTIONS: "" };
    const options = { cwd: this.root, env, maxBuffer: 64 * 1024 * 1024 };
    return new Promise((settle) => {
      const child = execFile(program, args, options, (error, output, errors) => {
        const code = typeof error?.code === "number" ? error.code : error ? -1 : 0;
        settle({ code, output, errors });
      });
      // Nobody is there to be asked.
      child.stdin?.end();
    });
  }
}
