import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { CognitoIdentityProviderClient, InitiateAuthCommand } from "@aws-sdk/client-cognito-identity-provider";
import { Command } from "commander";
import { run } from "./api/run.ts";
import { UserError } from "./api/user-error.ts";
import type { Endpoints } from "./local/endpoints-file.ts";
import { postmanEnvironment, type Settings } from "./postman/environment.ts";
import { ROOT } from "./service/resolved-config.ts";
import { COLLECTION } from "./write-postman.ts";

/** What is read of a run's summary. */
interface Summary {
  run: {
    stats: { requests: { total: number }; assertions: { total: number } };
    timings: { started: number; completed: number };
    failures: { source?: { name?: string }; parent?: { name?: string }; error: { test?: string; message: string } }[];
  };
}

interface Newman {
  run(options: object, done: (error: Error | null, summary: Summary) => void): void;
}

/** Without it a trouble of the machine would hang the run for good. */
const LONGEST_REQUEST_MS = 60_000;

function readEndpoints(folder: string): Endpoints {
  try {
    return JSON.parse(readFileSync(join(folder, "endpoints.json"), "utf8")) as Endpoints;
  } catch {
    throw new UserError(`No system is running that keeps its data in ${folder}. Start one with \`npm start\`.`);
  }
}

/** A session of the run's own: it is revoked at the end, and whoever else is signed in stays so. */
async function signIn({ aws, region, clientId, users }: Endpoints): Promise<{ idToken: string; refreshToken: string }> {
  const credentials = { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey };
  const client = new CognitoIdentityProviderClient({ region, endpoint: aws.cognito, credentials });
  const { username: USERNAME = "", password: PASSWORD = "" } = users[0] ?? {};
  const { AuthenticationResult } = await client.send(
    new InitiateAuthCommand({
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId: clientId,
      AuthParameters: { USERNAME, PASSWORD },
    }),
  );
  client.destroy();
  return { idToken: AuthenticationResult?.IdToken ?? "", refreshToken: AuthenticationResult?.RefreshToken ?? "" };
}

function runCollection(settings: Settings): Promise<Summary> {
  // It has neither types nor an ES module.
  const newman = createRequire(import.meta.url)("newman") as Newman;
  const options = {
    collection: join(ROOT, COLLECTION),
    environment: postmanEnvironment("This run", settings),
    timeoutRequest: LONGEST_REQUEST_MS,
  };
  return new Promise((resolve, reject) => {
    newman.run(options, (error, summary) => (error ? reject(error) : resolve(summary)));
  });
}

/** Runs the collection against a local system and says what has failed. */
async function postmanRun({ data, prefix = "" }: { data: string; prefix?: string }): Promise<void> {
  const endpoints = readEndpoints(data);
  const { stats, timings, failures } = (
    await runCollection({
      baseUrl: endpoints.apiUrl,
      ...(await signIn(endpoints)),
      internalKey: endpoints.internalKey,
      awsAccessKeyId: endpoints.aws.accessKeyId,
      awsSecretAccessKey: endpoints.aws.secretAccessKey,
      region: endpoints.region,
      ownPrefix: prefix,
    })
  ).run;
  for (const { parent, source, error } of failures) {
    console.error(`${parent?.name ?? "-"} > ${source?.name ?? "-"}: ${error.test ?? ""} ${error.message}`);
  }
  const seconds = ((timings.completed - timings.started) / 1000).toFixed(1);
  console.log(
    `${stats.requests.total} requests, ${stats.assertions.total} checks, ${failures.length} failures (${seconds} s)`,
  );
  if (failures.length > 0) throw new UserError("The API does not do what the collection says.");
}

await run(
  new Command("postman:run")
    .description("Runs the Postman collection against the local system")
    .option("--data <dir>", "data folder of the local system", ".local")
    .option("--prefix <letters>", "id prefix of the run's project, three capital letters; any by default")
    .action(postmanRun),
);
