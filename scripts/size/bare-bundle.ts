import { join, resolve } from "node:path";
import { build } from "esbuild";
import type { Program } from "../packages/fresh-process.ts";

const ROOT = resolve(import.meta.dirname, "../..");

const SOURCE = `
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
const client = new DynamoDBClient({});
export async function handler() {
  const Key = { project_id: { S: "alpha" }, record_id: { S: "task#ALP-TSK-001" } };
  const { Item } = await client.send(new GetItemCommand({ TableName: "items", Key }));
  return { statusCode: 200, body: JSON.stringify(Item) };
}
`;

/**
 * The yardstick: the least that a function on DynamoDB can be, one GetItem with the plain client and nothing besides,
 * bundled as well as it can be (its ES modules, minified, unused code left out).
 * @param directory where the bundle goes
 */
export async function bareBundle(directory: string): Promise<Program> {
  const file = join(directory, "bare.cjs");
  await build({
    stdin: { contents: SOURCE, resolveDir: ROOT },
    outfile: file,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    mainFields: ["module", "main"],
    logLevel: "error",
  });
  return { file, exported: "handler", directory, environment: { AWS_REGION: "us-east-1" } };
}
