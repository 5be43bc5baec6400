import type { ManifestEntry } from "../workflow-guard/manifest.ts";
import { type DeployMode, REUSABLE } from "../workflow-guard/workflows.ts";

/** A pattern for the whole folder that a source belongs to: a file that is added to it is covered too. */
function pathPattern(source: string): string {
  const depth = /^(domain|layers)\//.test(source) ? 2 : 1;
  return `${source.split("/").slice(0, depth).join("/")}/**`;
}

const BY_HAND = `  workflow_dispatch:
    inputs:
      reason: { description: Why, required: true }
`;

/**
 * When a function has to be deployed: whenever anything changes that ends up in its bundle, and by hand.
 * @param more patterns of what it depends on without bundling it
 */
export function triggersText(entry: ManifestEntry, sources: readonly string[], more: readonly string[] = []): string {
  const others = sources.filter((source) => !source.startsWith(`${entry.lambda_dir}/`)).map(pathPattern);
  const needed = [...new Set([...others, ...more])].sort();
  const paths = [`${entry.lambda_dir}/**`, ...needed, entry.workflow_file, REUSABLE];
  return `on:
  push:
    branches: [main]
    paths:
${paths.map((path) => `      - ${path}`).join("\n")}
${BY_HAND}`;
}

/** The triggers of what only a person starts. */
export function byHandText(): string {
  return `on:\n${BY_HAND}`;
}

/** The job that deploys a function, by the reusable workflow. */
export function deployJobText(entry: ManifestEntry, mode?: DeployMode): string {
  return `  deploy:
    uses: ./${REUSABLE}
    with:
      function_key: ${entry.function_key}
      function_name: ${entry.function_name}
      lambda_dir: ${entry.lambda_dir}
${mode ? `      mode: ${mode}\n` : ""}    secrets:
      AWS_DEPLOY_ROLE_ARN: \${{ secrets.AWS_DEPLOY_ROLE_ARN }}
`;
}

/**
 * The deploy workflow of a function, triggered by whatever ends up in its bundle.
 * @param mode how it gets there, where the function's code alone would not do
 */
export function workflowText(entry: ManifestEntry, sources: readonly string[], mode?: DeployMode): string {
  return `name: Deploy ${entry.function_name}

${triggersText(entry, sources)}
permissions:
  contents: read
  id-token: write

jobs:
${deployJobText(entry, mode)}`;
}
