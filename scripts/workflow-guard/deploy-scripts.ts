import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AllowList } from "./allow-list.ts";
import { type Finding, finding } from "./finding.ts";
import type { Manifest } from "./manifest.ts";

/** Operations that change what serverless.yml declares, behind its back: the next deployment would not know of them. */
const FORBIDDEN = [
  "update function configuration",
  "create function",
  "create event source mapping",
  "create route",
  "update route",
  "create role",
  "put role policy",
  "attach role policy",
  "publish layer version",
];

/** Where deployments are scripted. `scripts/local/` speaks to stand-ins on this machine. */
const SCRIPTS = ["scripts/**/*.{ts,js,mjs,cjs,sh,py}", ".github/**/*.{yml,yaml}", ".githooks/*", ".ci/*"];
const LOCAL = "scripts/local/";

/** An operation as the command line names it, and as the SDK does. */
function spellings(operation: string): string[] {
  const words = operation.split(" ");
  const pascal = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join("");
  return [words.join("-"), `${pascal}Command`];
}

const NAMES = FORBIDDEN.flatMap(spellings);
const PATTERN = new RegExp(`(?<![\\w-])(?:${NAMES.join("|")})(?![\\w-])`, "g");

function checkCommands(root: string, allowed: AllowList): Finding[] {
  return globSync(SCRIPTS, { cwd: root })
    .filter((file) => !file.startsWith(LOCAL))
    .sort()
    .flatMap((file) => {
      const found = [...new Set(readFileSync(join(root, file), "utf8").match(PATTERN))];
      if (found.length === 0 || allowed.allows("DEPLOY_SCRIPT_MISSING", null, file)) return [];
      const message = `${file} does by hand what a deployment does: ${found.join(", ")}`;
      return [finding("DEPLOY_SCRIPT_MISSING", null, message)];
    });
}

/** Scripts that the manifest names are there, and none changes what serverless.yml alone declares. */
export function checkDeployScripts(root: string, manifest: Manifest, allowed: AllowList): Finding[] {
  const absent = manifest.functions.flatMap(({ function_name: name, deploy_script: script }) => {
    if (script === undefined || existsSync(join(root, script))) return [];
    return [finding("DEPLOY_SCRIPT_MISSING", name, `${script} does not exist`)];
  });
  return [...absent, ...checkCommands(root, allowed)];
}
