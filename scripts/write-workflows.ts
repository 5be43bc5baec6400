import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ResolvedConfig, type ResolvedFunction, ROOT, resolvedConfig } from "./service/resolved-config.ts";
import { AllowList, type Exception } from "./workflow-guard/allow-list.ts";
import { bundledSources } from "./workflow-guard/bundled-sources.ts";
import { handlerSource } from "./workflow-guard/folders.ts";
import type { Manifest, ManifestEntry } from "./workflow-guard/manifest.ts";
import { type DeployMode, deployMode } from "./workflow-guard/workflows.ts";
import { apiMcpWorkflowText } from "./workflow-text/api-mcp-workflow.ts";
import { workflowText } from "./workflow-text/function-workflow.ts";

const MANIFEST = join(ROOT, "resources/lambda-workflow-manifest.json");
const ALLOW_LIST = join(ROOT, "resources/guard-allow-list.json");

type WorkflowText = (entry: ManifestEntry, sources: readonly string[], mode?: DeployMode) => string;

/** Ships together with the MCP server in it. Its workflow is there before it is declared, for people to start. */
const COORDINATION_API: ManifestEntry = {
  function_name: "devops-coordination-api",
  function_key: "coordinationApi",
  lambda_dir: "functions/coordination-api",
  workflow_file: ".github/workflows/api-mcp-backend-deploy.yml",
};

/** Functions that ship together with more than themselves. */
const OWN_WORKFLOWS: Readonly<Record<string, { file: string; text: WorkflowText }>> = {
  [COORDINATION_API.function_name]: { file: COORDINATION_API.workflow_file, text: apiMcpWorkflowText },
};

function entryOf(key: string, { name, handler }: ResolvedFunction): ManifestEntry {
  const functionName = String(name);
  const short = functionName.replace(/^(devops|enceladus)-/, "");
  return {
    function_name: functionName,
    function_key: key,
    lambda_dir: dirname(handlerSource(handler)),
    workflow_file: OWN_WORKFLOWS[functionName]?.file ?? `.github/workflows/lambda-${short}-deploy.yml`,
  };
}

/** Brings the manifest and the workflows up to what is declared. @returns the files of the workflows */
export async function writeWorkflows(config: ResolvedConfig): Promise<string[]> {
  const { functions } = config;
  const allowed = new AllowList(JSON.parse(readFileSync(ALLOW_LIST, "utf8")) as Exception[]);
  const known = existsSync(MANIFEST) ? (JSON.parse(readFileSync(MANIFEST, "utf8")) as Manifest).functions : [];
  const entries = Object.entries(functions)
    .map(([key, declared]) => known.find((entry) => entry.function_key === key) ?? entryOf(key, declared))
    .sort((left, right) => (left.function_name < right.function_name ? -1 : 1));
  const manifest: Manifest = { source_of_truth: "serverless.yml", functions: entries };
  writeFileSync(MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`);
  for (const entry of entries) {
    const hasLayer = !allowed.allows("LAYER_MISSING", entry.function_name);
    const { handler, events } = functions[entry.function_key] ?? {};
    const sources = await bundledSources(ROOT, handlerSource(handler), hasLayer);
    const text = OWN_WORKFLOWS[entry.function_name]?.text ?? workflowText;
    writeFileSync(join(ROOT, entry.workflow_file), text(entry, sources, deployMode(events)));
  }
  const isDeclared = entries.some(({ function_name }) => function_name === COORDINATION_API.function_name);
  if (!isDeclared) {
    writeFileSync(join(ROOT, COORDINATION_API.workflow_file), apiMcpWorkflowText(COORDINATION_API, undefined));
  }
  return entries.map(({ workflow_file }) => workflow_file);
}

if (import.meta.main) {
  for (const file of await writeWorkflows(await resolvedConfig())) console.log(file);
}
