import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Command } from "commander";
import { openApiDocument } from "./openapi/document.ts";
import { knownPaths, knownPathsText } from "./openapi/known-paths.ts";
import { servedOperations } from "./openapi/operations.ts";
import { apiReference } from "./openapi/reference.ts";

const ROOT = resolve(import.meta.dirname, "..");

/** What is generated from the operations: the text of each file, by its path in the repository. */
export async function generatedFiles(): Promise<Map<string, string>> {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  const served = await servedOperations();
  const document = openApiDocument(
    served.flatMap(({ operations }) => operations),
    version,
  );
  return new Map([
    ["docs/openapi.json", `${JSON.stringify(document, null, 2)}\n`],
    ["docs/api.md", apiReference(document)],
    ["functions/not-found/routes.json", knownPathsText(knownPaths(document))],
  ]);
}

function current(file: string): string | undefined {
  try {
    return readFileSync(join(ROOT, file), "utf8");
  } catch {
    return undefined;
  }
}

/** The generated files that are not what the operations say, in the repository as it is. */
export async function staleFiles(): Promise<string[]> {
  return [...(await generatedFiles())].filter(([file, text]) => current(file) !== text).map(([file]) => file);
}

/** Brings the generated files up to what the operations say. @returns their paths */
export async function writeGeneratedFiles(): Promise<string[]> {
  const files = await generatedFiles();
  for (const [file, text] of files) {
    mkdirSync(dirname(join(ROOT, file)), { recursive: true });
    writeFileSync(join(ROOT, file), text);
  }
  return [...files.keys()];
}

if (import.meta.main) {
  const { check } = new Command("openapi")
    .description("Writes the OpenAPI document and what else is generated from the operations")
    .option("--check", "write nothing, fail when a file is stale")
    .parse()
    .opts<{ check?: boolean }>();
  if (check) {
    const stale = await staleFiles();
    for (const file of stale) console.error(`${file} is stale: run \`npm run openapi\``);
    process.exitCode = stale.length > 0 ? 1 : 0;
  } else {
    for (const file of await writeGeneratedFiles()) console.log(file);
  }
}
