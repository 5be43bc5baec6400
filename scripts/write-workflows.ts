import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ResolvedFunction, ROOT, resolvedConfig } from "./service/resolved-config.ts";
import { AllowList, type Exception } from "./workflow-guard/allow-list.ts";
import { bundledSources } from "./workflow-guard/bundled-sources.ts";
import { handlerSource } from "./workflow-guard/folders.ts";
import type { Manifest, ManifestEntry } from "./workflow-guard/manifest.ts";
import { type DeployMode, deployMode, REUSABLE } from "./workflow-guard/workflows.ts";

const MANIFEST = join(ROOT, "resources/lambda-workflow-manifest.json");
const ALLOW_LIST = join(ROOT, "resources/guard-allow-list.json");

/** Functions that ship together with more than themselves, by a workflow written by hand. */
const OWN_WORKFLOWS: Readonly<Record<string, string>> = {
  "devops-coordination-api": ".github/workflows/api-mcp-backend-deploy.yml",
};

function entryOf(key: string, { name, handler }: ResolvedFunction): ManifestEntry {
  const functionName = String(name);
  const short = functionName.replace(/^(devops|enceladus)-/, "");
  return {
    function_name: functionName,
    function_key: key,
    lambda_dir: dirname(handlerSource(handler)),
    workflow_file: OWN_WORKFLOWS[functionName] ?? `.github/workflows/lambda-${short}-deploy.yml`,
  };
}

/** A pattern for the whole folder that a source belongs to: a file that is added to it is covered too. */
function pathPattern(source: string): string {
  const depth = /^(domain|layers)\//.test(source) ? 2 : 1;
  return `${source.split("/").slice(0, depth).join("/")}/**`;
}

/**
 * The deploy workflow of a function, triggered by whatever ends up in its bundle.
 * @param mode how it gets there, where the function's code alone would not do
 */
export function workflowText(entry: ManifestEntry, sources: readonly string[], mode?: DeployMode): string {
  const others = sources.filter((source) => !source.startsWith(`${entry.lambda_dir}/`)).map(pathPattern);
  const paths = [`${entry.lambda_dir}/**`, ...[...new Set(others)].sort(), entry.workflow_file, REUSABLE];
  return `name: Deploy ${entry.function_name}

on:
  push:
    branches: [main]
    paths:
${paths.map((path) => `      - ${path}`).join("\n")}
  workflow_dispatch:
    inputs:
      reason: { description: Why, required: true }

permissions:
  contents: read
  id-token: write

jobs:
  deploy:
    uses: ./${REUSABLE}
    with:
      function_key: ${entry.function_key}
      function_name: ${entry.function_name}
      lambda_dir: ${entry.lambda_dir}
${mode ? `      mode: ${mode}\n` : ""}    secrets:
      AWS_DEPLOY_ROLE_ARN: \${{ secrets.AWS_DEPLOY_ROLE_ARN }}
`;
}

/** Brings the manifest and the workflows up to what is declared; what was written by hand stays. */
async function writeWorkflows(): Promise<void> {
  const { functions } = await resolvedConfig();
  const allowed = new AllowList(JSON.parse(readFileSync(ALLOW_LIST, "utf8")) as Exception[]);
  const known = existsSync(MANIFEST) ? (JSON.parse(readFileSync(MANIFEST, "utf8")) as Manifest).functions : [];
  const entries = Object.entries(functions)
    .map(([key, declared]) => known.find((entry) => entry.function_key === key) ?? entryOf(key, declared))
    .sort((left, right) => (left.function_name < right.function_name ? -1 : 1));
  const manifest: Manifest = { source_of_truth: "serverless.yml", functions: entries };
  writeFileSync(MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`);
  for (const entry of entries) {
    if (Object.values(OWN_WORKFLOWS).includes(entry.workflow_file)) continue;
    const hasLayer = !allowed.allows("LAYER_MISSING", entry.function_name);
    const { handler, events } = functions[entry.function_key] ?? {};
    const sources = await bundledSources(ROOT, handlerSource(handler), hasLayer);
    writeFileSync(join(ROOT, entry.workflow_file), workflowText(entry, sources, deployMode(events)));
    console.log(entry.workflow_file);
  }
}

if (import.meta.main) await writeWorkflows();
