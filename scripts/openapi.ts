import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { openApiDocument } from "./openapi/document.ts";
import { knownPaths, knownPathsText } from "./openapi/known-paths.ts";
import { servedOperations } from "./openapi/operations.ts";
import { apiReference } from "./openapi/reference.ts";
import { staleAmong, writeAll, writeOrCheck } from "./service/generated-files.ts";
import { ROOT } from "./service/resolved-config.ts";

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

/** The generated files that are not what the operations say, in the repository as it is. */
export async function staleFiles(): Promise<string[]> {
  return staleAmong(await generatedFiles());
}

/** Brings the generated files up to what the operations say. @returns their paths */
export async function writeGeneratedFiles(): Promise<string[]> {
  return writeAll(await generatedFiles());
}

if (import.meta.main) {
  const { check } = new Command("openapi")
    .description("Writes the OpenAPI document and what else is generated from the operations")
    .option("--check", "write nothing, fail when a file is stale")
    .parse()
    .opts<{ check?: boolean }>();
  writeOrCheck(await generatedFiles(), "openapi", check);
}
