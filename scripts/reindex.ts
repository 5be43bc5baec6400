import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InvokeCommand, LambdaClient, type LambdaClientConfig } from "@aws-sdk/client-lambda";
import { Command } from "commander";
import * as z from "zod";

const Endpoints = z.object({
  lambdaUrl: z.string(),
  region: z.string(),
  aws: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
  functions: z.object({ documentIndexer: z.string() }),
});

const Progress = z.object({ documents: z.number(), indexed: z.number(), next_cursor: z.string().optional() });
export type Progress = z.output<typeof Progress>;

/** Invokes the indexer once, from where the run before has come to. */
export type Invoke = (request: { project_id: string; cursor: string | undefined }) => Promise<Progress>;

/** Invokes until all of a project is done. */
export async function reindexAll(projectId: string, invoke: Invoke, told: (so: Progress) => void): Promise<void> {
  const sum = { documents: 0, indexed: 0 };
  let cursor: string | undefined;
  do {
    const { documents, indexed, next_cursor } = await invoke({ project_id: projectId, cursor });
    sum.documents += documents;
    sum.indexed += indexed;
    cursor = next_cursor;
    told(sum);
  } while (cursor !== undefined);
}

function invokeVia(client: LambdaClient, name: string): Invoke {
  return async (reindex) => {
    const Payload = JSON.stringify({ reindex });
    const answer = await client.send(new InvokeCommand({ FunctionName: name, Payload }));
    const text = Buffer.from(answer.Payload ?? []).toString("utf8");
    if (answer.FunctionError) throw new Error(`${name} failed: ${text}`);
    return Progress.parse(JSON.parse(text));
  };
}

/** The indexer of the local system that keeps its data in a folder. */
async function localIndexer(data: string): Promise<{ name: string; config: LambdaClientConfig }> {
  const file = join(data, "endpoints.json");
  const text = await readFile(file, "utf8").catch(() => {
    throw new Error(
      `No system is running that keeps its data in ${data}. Start one, or name a function with --function.`,
    );
  });
  const { lambdaUrl, region, aws, functions } = Endpoints.parse(JSON.parse(text));
  return { name: functions.documentIndexer, config: { endpoint: lambdaUrl, region, credentials: aws } };
}

interface Options {
  project: string;
  function?: string;
  data: string;
}

async function reindex({ project, function: deployed, data }: Options): Promise<void> {
  const { name, config } = deployed ? { name: deployed, config: {} } : await localIndexer(data);
  // An invocation takes up to three minutes; one that is asked for twice does the same work twice.
  const client = new LambdaClient({ ...config, maxAttempts: 1, requestHandler: { requestTimeout: 200_000 } });
  await reindexAll(project, invokeVia(client, name), ({ documents, indexed }) => {
    process.stdout.write(`${project}: ${documents} documents looked at, ${indexed} brought into the index\n`);
  });
}

if (import.meta.main) {
  await new Command("npm run documents:reindex --")
    .description("Brings the documents of a project into the full-text index that are not in it. Safe to repeat.")
    .requiredOption("--project <name>", "the project")
    .option(
      "--function <name>",
      "the deployed indexer, in the account and region of your credentials; else the local one",
    )
    .option("--data <dir>", "data folder of the local system", ".local")
    .action(reindex)
    .parseAsync()
    .catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    });
}
