import { Command } from "commander";
import { openApiDocument } from "./openapi/document.ts";
import { servedOperations } from "./openapi/operations.ts";
import { postmanCollection } from "./postman/collection.ts";
import { LOCAL, postmanEnvironment } from "./postman/environment.ts";
import { writeAll, writeOrCheck } from "./service/generated-files.ts";

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

/** Writes what is generated for Postman. @returns the files */
export async function writePostman(): Promise<string[]> {
  return writeAll(await generatedFiles());
}

if (import.meta.main) {
  const { check } = new Command("postman")
    .description("Writes the collection and the environment for Postman, from the operations")
    .option("--check", "write nothing, fail when a file is stale")
    .parse()
    .opts<{ check?: boolean }>();
  writeOrCheck(await generatedFiles(), "postman", check);
}
