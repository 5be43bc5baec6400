import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { type ResolvedConfig, ROOT, readConfig, resolvedConfig } from "./service/resolved-config.ts";
import { AllowList, type Exception } from "./workflow-guard/allow-list.ts";
import { checkAuthentication } from "./workflow-guard/authentication.ts";
import { checkDeclarations } from "./workflow-guard/declarations.ts";
import { checkDeployScripts } from "./workflow-guard/deploy-scripts.ts";
import { type Finding, finding } from "./workflow-guard/finding.ts";
import { checkFolders } from "./workflow-guard/folders.ts";
import { checkManifest, type Manifest, readManifest } from "./workflow-guard/manifest.ts";
import { checkRoles } from "./workflow-guard/roles.ts";
import { checkSecrets } from "./workflow-guard/secrets.ts";
import { checkTimeouts, tightTimeouts } from "./workflow-guard/timeouts.ts";
import { checkWorkflows } from "./workflow-guard/workflows.ts";

export interface GuardOptions {
  /** Files of resolved configurations; the repository's own, of the production stage, when there are none. */
  resolved?: readonly string[];
  manifest?: string;
  root?: string;
}

/** As `--json` prints it. */
export interface GuardReport {
  ok: boolean;
  production_count: number;
  errors: Finding[];
  /** What is let through, but not as it should be; absent when there is nothing. */
  warnings?: Finding[];
}

/** What follows from the declarations, so that a command can write it. */
const WRITABLE = new Set<string>(["MISSING_MANIFEST_ENTRY", "WORKFLOW_MISSING", "WORKFLOW_PATHS_INCOMPLETE"]);

interface Inputs {
  config: ResolvedConfig;
  manifest: Manifest;
  allowed: AllowList;
}

/** Several configurations count as one, in which a key may stand once only. */
function union(configs: readonly ResolvedConfig[]): ResolvedConfig {
  const [first, ...rest] = configs;
  if (!first) throw new Error("no configuration");
  const functions = { ...first.functions };
  for (const { functions: further } of rest) {
    for (const [key, declared] of Object.entries(further)) {
      if (key in functions) throw new Error(`${key} is declared in two configurations`);
      functions[key] = declared;
    }
  }
  return { ...first, functions };
}

async function readInputs(root: string, options: GuardOptions): Promise<Inputs> {
  const files = options.resolved ?? [];
  const configs = files.map((file) => readConfig(readFileSync(file, "utf8")));
  const manifestFile = options.manifest ?? join(root, "resources/lambda-workflow-manifest.json");
  const allowList = JSON.parse(readFileSync(join(root, "resources/guard-allow-list.json"), "utf8")) as Exception[];
  return {
    config: union(configs.length > 0 ? configs : [await resolvedConfig("prod", root)]),
    manifest: readManifest(readFileSync(manifestFile, "utf8")),
    allowed: new AllowList(allowList),
  };
}

/**
 * Whether every declared function is in the manifest, has its own deploy workflow and keeps the rules for functions.
 * It reports everything it finds, not just the first thing.
 */
export async function verifyWorkflowCoverage(options: GuardOptions = {}): Promise<GuardReport> {
  const root = resolve(options.root ?? ROOT);
  try {
    const { config, manifest, allowed } = await readInputs(root, options);
    const errors = [
      ...checkManifest(manifest, config),
      ...checkDeclarations(config, allowed),
      ...checkFolders(root, manifest, config),
      ...(await checkWorkflows(root, manifest, config, allowed)),
      ...checkRoles(config, allowed),
      ...checkSecrets(config),
      ...checkTimeouts(config),
      ...(await checkAuthentication(root, config, allowed)),
      ...checkDeployScripts(root, manifest, allowed),
    ];
    const warnings = tightTimeouts(config);
    const production_count = Object.keys(config.functions).length;
    return { ok: errors.length === 0, production_count, errors, ...(warnings.length > 0 && { warnings }) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, production_count: 0, errors: [finding("UNREADABLE_INPUT", null, message)] };
  }
}

if (import.meta.main) {
  const { json, ...options } = new Command("guard:workflows")
    .description("Checks that every function has its manifest entry, its workflow, its role and its layer")
    .option("--resolved <json...>", "resolved configurations in place of this repository's")
    .option("--manifest <file>", "the manifest, default resources/lambda-workflow-manifest.json")
    .option("--root <directory>", "the repository")
    .option("--json", "print the report as JSON")
    .parse()
    .opts<GuardOptions & { json?: boolean }>();
  const report = await verifyWorkflowCoverage(options);
  if (json) console.log(JSON.stringify(report));
  else {
    for (const { code, function_name, message } of report.errors)
      console.error(`${code} ${function_name ?? "-"}: ${message}`);
    for (const { code, function_name, message } of report.warnings ?? [])
      console.error(`warning ${code} ${function_name ?? "-"}: ${message}`);
    console.log(`${report.production_count} functions, ${report.errors.length} findings`);
    if (report.errors.some(({ code }) => WRITABLE.has(code))) console.log("`npm run workflows` writes what is missing");
  }
  process.exitCode = report.ok ? 0 : 1;
}
