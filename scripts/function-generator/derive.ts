import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeGeneratedFiles } from "../openapi.ts";
import { ROOT, resolvedConfig } from "../service/resolved-config.ts";
import { writeAlarms } from "../write-alarms.ts";
import { writeWorkflows } from "../write-workflows.ts";
import type { Change } from "./change.ts";

async function format(paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  const biome = join(ROOT, "node_modules/.bin/biome");
  await promisify(execFile)(biome, ["check", "--write", "--vcs-enabled=false", ...paths], { cwd: ROOT });
}

/** Formats what was written, and brings manifest, workflows, alarms, the reference of the API and the Postman collection up to it. */
export async function deriveFrom(changes: readonly Change[]): Promise<void> {
  const sources = changes.filter(({ path, after }) => after !== undefined && path.endsWith(".ts"));
  await format(sources.map(({ path }) => path));
  // Not before: it reads the calls of the collection as it is loaded, and they have just been written.
  const { writePostman } = await import("../write-postman.ts");
  const [config] = await Promise.all([resolvedConfig(), writeGeneratedFiles(), writePostman()]);
  await writeWorkflows(config);
  writeAlarms(config);
}
