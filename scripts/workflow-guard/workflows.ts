import { existsSync, globSync, readFileSync } from "node:fs";
import { join, matchesGlob } from "node:path";
import { parse } from "yaml";
import { isAtTheEdge } from "../service/at-the-edge.ts";
import type { ResolvedConfig, Settings } from "../service/resolved-config.ts";
import type { AllowList } from "./allow-list.ts";
import { bundledSources } from "./bundled-sources.ts";
import { type Finding, finding } from "./finding.ts";
import { handlerSource } from "./folders.ts";
import type { Manifest, ManifestEntry } from "./manifest.ts";

export const REUSABLE = ".github/workflows/lambda-deploy-reusable.yml";

/** What the reusable workflow is told to deploy; it takes the code alone where it is told nothing. */
export type DeployMode = "stack";

/**
 * How a function with these events is deployed. The distribution names a version of its function, and only the stack
 * makes it name another one.
 */
export function deployMode(events: unknown): DeployMode | undefined {
  return isAtTheEdge(events) ? "stack" : undefined;
}

interface Job extends Settings {
  uses?: unknown;
  with?: Settings;
  env?: Settings;
}

/** A workflow as far as it is looked at. */
interface Workflow {
  on?: { push?: { branches?: unknown; paths?: unknown }; workflow_dispatch?: unknown };
  env?: Settings;
  jobs?: Readonly<Record<string, Job>>;
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function readWorkflow(file: string): Workflow | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const workflow: unknown = parse(readFileSync(file, "utf8"));
    return typeof workflow === "object" && workflow !== null ? workflow : undefined;
  } catch {
    return undefined;
  }
}

function reusableJob(workflow: Workflow): Job | undefined {
  return Object.values(workflow.jobs ?? {}).find(({ uses }) => uses === `./${REUSABLE}`);
}

/** Whether the workflow deploys this function and no other: compared value by value, never searched for in the text. */
function checkNames(workflow: Workflow, entry: ManifestEntry, mode: DeployMode | undefined): Finding[] {
  const mismatch = (message: string) => [finding("WORKFLOW_NAME_MISMATCH", entry.function_name, message)];
  const job = reusableJob(workflow);
  if (job) {
    const { function_name, function_key, lambda_dir } = entry;
    const expected = Object.entries({ function_name, function_key, lambda_dir, ...(mode && { mode }) });
    const wrong = expected.filter(([field, value]) => job.with?.[field] !== value).map(([field]) => field);
    return wrong.length > 0 ? mismatch(`${entry.workflow_file}: ${wrong.join(", ")} of its job`) : [];
  }
  const environments = [workflow.env, ...Object.values(workflow.jobs ?? {}).map(({ env }) => env)];
  const names = environments.map((env) => env?.DEPLOY_FUNCTION_NAME).filter((name) => name !== undefined);
  const isRight = names.length > 0 && names.every((name) => name === entry.function_name);
  return isRight ? [] : mismatch(`${entry.workflow_file} deploys ${names.map(String).join(", ") || "nothing"}`);
}

function checkTriggers(workflow: Workflow, entry: ManifestEntry, sources: readonly string[]): Finding[] {
  const { push, workflow_dispatch } = { push: undefined, workflow_dispatch: undefined, ...workflow.on };
  const paths = strings(push?.paths);
  const missing: string[] = [];
  if (!strings(push?.branches).includes("main")) missing.push("the branch main");
  const needed = [`${entry.lambda_dir}/**`, entry.workflow_file, ...(reusableJob(workflow) ? [REUSABLE] : [])];
  missing.push(...needed.filter((path) => !paths.includes(path)));
  const uncovered = sources.filter((source) => !paths.some((path) => matchesGlob(source, path)));
  missing.push(...new Set(uncovered.map((source) => source.replace(/[^/]+$/, "**"))));
  // Present without any inputs it is null, which is not the same as absent.
  if (workflow_dispatch === undefined) missing.push("workflow_dispatch");
  if (missing.length === 0) return [];
  const message = `${entry.workflow_file} lacks ${missing.join(", ")}`;
  return [finding("WORKFLOW_PATHS_INCOMPLETE", entry.function_name, message)];
}

async function checkEntry(
  root: string,
  entry: ManifestEntry,
  config: ResolvedConfig,
  allowed: AllowList,
): Promise<Finding[]> {
  const workflow = readWorkflow(join(root, entry.workflow_file));
  if (!workflow) {
    return [finding("WORKFLOW_MISSING", entry.function_name, `${entry.workflow_file} is absent or no YAML`)];
  }
  const declared = config.functions[entry.function_key];
  const hasLayer = !allowed.allows("LAYER_MISSING", entry.function_name);
  const sources = declared ? await bundledSources(root, handlerSource(declared.handler), hasLayer) : [];
  return [...checkNames(workflow, entry, deployMode(declared?.events)), ...checkTriggers(workflow, entry, sources)];
}

/** Each function has its workflow, which deploys it whenever one of its sources changes; no workflow is left over. */
export async function checkWorkflows(
  root: string,
  manifest: Manifest,
  config: ResolvedConfig,
  allowed: AllowList,
): Promise<Finding[]> {
  const entries = await Promise.all(manifest.functions.map((entry) => checkEntry(root, entry, config, allowed)));
  const listed = new Set(manifest.functions.map((entry) => entry.workflow_file));
  const orphans = globSync(".github/workflows/lambda-*-deploy.yml", { cwd: root })
    .sort()
    .filter((file) => !listed.has(file));
  return [
    ...entries.flat(),
    ...orphans.map((file) => finding("ORPHAN_WORKFLOW", null, `${file} is not in the manifest`)),
  ];
}
