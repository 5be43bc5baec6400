import { readFile } from "node:fs/promises";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SQSClient } from "@aws-sdk/client-sqs";
import * as z from "zod";
import { UserError } from "../api/user-error.ts";
import { endpointsFile } from "../local/endpoints-file.ts";
import { type FailureQueue, failureQueues } from "../service/failure-queues.ts";
import { ROOT, resolvedConfig } from "../service/resolved-config.ts";

/** The ways to what a replay needs. */
export interface Clients {
  region: string;
  sqs: SQSClient;
  lambda: LambdaClient;
  streams: DynamoDBStreamsClient;
  events: EventBridgeClient;
}

/** A deployed stage, or the local system. */
export interface Place {
  /** For people. */
  name: string;
  stage: string;
  queues: readonly FailureQueue[];
  clients: Clients;
}

export interface PlaceOptions {
  /** Of AWS; without it the local system is meant. */
  stage?: string;
  region?: string;
  /** The folder of the local system. */
  data: string;
}

/** `npm start` has no other. */
const LOCAL_STAGE = "dev";
/** The longest that a function may take. */
const INVOCATION_MS = 15 * 60_000 + 10_000;

const Endpoints = z.object({
  lambdaUrl: z.string(),
  region: z.string(),
  aws: z.object({
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
    dynamodb: z.string(),
    sqs: z.string(),
    eventbridge: z.string(),
  }),
});
type Endpoints = z.output<typeof Endpoints>;

async function readEndpoints(data: string): Promise<Endpoints> {
  const file = endpointsFile(data);
  const text = await readFile(file, "utf8").catch(() => {
    throw new UserError(
      `No system is running that keeps its data in ${data} (there is no ${file}). ` +
        "Start one with `npm start`, or name a deployed stage with --stage.",
    );
  });
  return Endpoints.parse(JSON.parse(text));
}

/**
 * @param local where the services of a local system are; without it those of AWS are meant, with the credentials of this
 *   machine
 */
export function createClients(region: string, local?: Pick<Endpoints, "aws" | "lambdaUrl">): Clients {
  const common = { region, ...(local && { credentials: local.aws }) };
  const at = (endpoint: string | undefined) => ({ ...common, ...(endpoint !== undefined && { endpoint }) });
  return {
    region,
    sqs: new SQSClient({ ...at(local?.aws.sqs), useQueueUrlAsEndpoint: local === undefined }),
    // An invocation that is asked for again because its answer came late would be one more.
    lambda: new LambdaClient({
      ...at(local?.lambdaUrl),
      maxAttempts: 1,
      requestHandler: { requestTimeout: INVOCATION_MS },
    }),
    streams: new DynamoDBStreamsClient(at(local?.aws.dynamodb)),
    events: new EventBridgeClient(at(local?.aws.eventbridge)),
  };
}

/** @throws UserError where no local system runs */
export async function openPlace({ stage, region, data }: PlaceOptions): Promise<Place> {
  const local = stage === undefined ? await readEndpoints(data) : undefined;
  const name = stage ?? LOCAL_STAGE;
  const config = await resolvedConfig(name, ROOT, region === undefined ? [] : ["--region", region]);
  const where = local?.region ?? String(config.provider.region);
  return {
    name: local ? `the local system in ${data}` : `the stage ${name} in ${where}`,
    stage: name,
    queues: failureQueues(config),
    clients: createClients(where, local),
  };
}
