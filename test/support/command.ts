import { execFile } from "node:child_process";
import { resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");

export interface CommandResult {
  code: number;
  output: string;
  errors: string;
}

/** Runs one of the scripts as a person does, `script` without `scripts/` and `.ts`. */
export function runScript(script: string, args: readonly string[]): Promise<CommandResult> {
  const env = { ...process.env, ENCELADUS_API: "", ENCELADUS_KEY: "" };
  const options = { cwd: ROOT, env, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((settle) => {
    execFile(process.execPath, [`scripts/${script}.ts`, ...args], options, (error, output, errors) => {
      const code = typeof error?.code === "number" ? error.code : error ? -1 : 0;
      settle({ code, output, errors });
    });
  });
}
