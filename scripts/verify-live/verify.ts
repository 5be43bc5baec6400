import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type FunctionConfiguration,
  GetFunctionConfigurationCommand,
  LambdaClient,
  TagResourceCommand,
} from "@aws-sdk/client-lambda";
import type { Verdict } from "../deploy/check.ts";
import { functionLogicalId } from "../local/resolve-references.ts";
import { contentOf } from "../packages/package-content.ts";
import type { PackagedFunction } from "../packages/package-service.ts";
import { probe } from "../packages/sign-of-life.ts";
import { errorText } from "../service/aws-errors.ts";
import type { StackTemplate } from "../template/stack-template.ts";
import { type ExpectedFunction, functionVerdicts } from "./function-verdicts.ts";
import { smoke } from "./smoke.ts";

const LAYER_ID = "SharedLambdaLayer";
const EDGE_REGION = "us-east-1";

/** What is known of a stage that was deployed. */
export interface DeployedStack {
  region: string;
  template: StackTemplate;
  physicalIds: ReadonlyMap<string, string>;
  /** Of the HTTP API. */
  apiUrl: string | undefined;
  /** What was deployed. */
  commit: string;
  /** How often and how long a function that is being changed is waited for. */
  patience: { times: number; ms: number };
}

async function settled(client: LambdaClient, FunctionName: string, { times, ms }: DeployedStack["patience"]) {
  let live: FunctionConfiguration = {};
  for (let attempt = 0; attempt < times; attempt += 1) {
    if (attempt > 0) await sleep(ms);
    live = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
    if (live.State !== "Pending" && live.LastUpdateStatus !== "InProgress") break;
  }
  return live;
}

function expectation(packaged: PackagedFunction, { template, physicalIds }: DeployedStack): ExpectedFunction {
  const declared = template.Resources[functionLogicalId(packaged.key)]?.Properties ?? {};
  const layer = physicalIds.get(LAYER_ID);
  const withLayer = layer === undefined ? undefined : [layer];
  return {
    runtime: String(declared.Runtime),
    architecture: packaged.architecture,
    handler: packaged.handler,
    layers: packaged.hasLayer ? withLayer : [],
    codeSha256: createHash("sha256").update(readFileSync(packaged.zip)).digest("base64"),
  };
}

async function smokeVerdicts(packaged: PackagedFunction, { apiUrl }: DeployedStack): Promise<Verdict[]> {
  const request = packaged.isAtTheEdge ? undefined : probe(packaged.events);
  if (!request) return [];
  if (apiUrl) return smoke(packaged.name, apiUrl, request);
  return [{ what: `${packaged.name}: called`, problem: "The stack does not say where its API is." }];
}

/**
 * Checks that a function that was just deployed is live as it was packaged and answers; then it is marked with the commit and
 * the digest of its content.
 */
export async function verifyFunction(packaged: PackagedFunction, stack: DeployedStack): Promise<Verdict[]> {
  const client = new LambdaClient({ region: packaged.isAtTheEdge ? EDGE_REGION : stack.region });
  try {
    const live = await settled(client, packaged.name, stack.patience);
    const verdicts = [
      ...functionVerdicts(packaged.name, expectation(packaged, stack), live),
      ...(await smokeVerdicts(packaged, stack)),
    ];
    if (verdicts.every(({ problem }) => problem === undefined)) {
      const Tags = { "enceladus:commit": stack.commit, "enceladus:content-digest": contentOf(packaged.zip).digest };
      await client.send(new TagResourceCommand({ Resource: live.FunctionArn, Tags }));
    }
    return verdicts;
  } catch (error) {
    return [{ what: `${packaged.name}: what is live`, problem: errorText(error) }];
  }
}
