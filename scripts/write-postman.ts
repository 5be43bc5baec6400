import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { openApiDocument } from "./openapi/document.ts";
import { servedOperations } from "./openapi/operations.ts";
import { postmanCollection } from "./postman/collection.ts";
import { LOCAL, postmanEnvironment } from "./postman/environment.ts";
import { ROOT } from "./service/resolved-config.ts";

export const COLLECTION = "test/postman/enceladus.postman_collection.json";
const ENVIRONMENT = "test/postman/local.postman_environment.json";

/** What is generated for Postman: the text of each file, by its path in the repository. */
export async function generatedFiles(): Promise<Map<string, string>> {
  const operations = (await servedOperations()).flatMap((served) => served.operations);
  const collection = postmanCollection(operations, openApiDocument(operations, "0"));
  const environment = postmanEnvironment("Enceladus on this machine", LOCAL);
  return new Map([
    [COLLECTION, `${JSON.stringify(collection, null, 2)}\n`],
    [ENVIRONMENT, `${JSON.stringify(environment, null, 2)}\n`],
  ]);
}

function isStale(file: string, text: string): boolean {
  try {
    return readFileSync(join(ROOT, file), "utf8") !== text;
  } catch {
    return true;
  }
}

/** Writes what is generated for Postman. @returns the files */
export async function writePostman(): Promise<string[]> {
  const files = await generatedFiles();
  for (const [file, text] of files) {
    mkdirSync(dirname(join(ROOT, file)), { recursive: true });
    writeFileSync(join(ROOT, file), text);
  }
  return [...files.keys()];
}

if (import.meta.main) {
  const { check } = new Command("postman")
    .description("Writes the collection and the environment for Postman, from the operations")
    .option("--check", "write nothing, fail when a file is stale")
    .parse()
    .opts<{ check?: boolean }>();
  if (check) {
    for (const [file, text] of await generatedFiles()) {
      if (!isStale(file, text)) continue;
      console.error(`${file} is stale: run \`npm run postman\``);
      process.exitCode = 1;
    }
  } else {
    for (const file of await writePostman()) console.log(file);
  }
}
