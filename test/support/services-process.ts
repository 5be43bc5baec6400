/**
 * The local AWS in memory, as a process of its own: sends its description to the process that started it, and ends
 * with it.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ServiceConfiguration } from "../../scripts/local/configuration.ts";
import { startFront } from "../../scripts/local/front.ts";
import { type LocalServices, startServices } from "../../scripts/local/services.ts";
import { startLambdaRelay } from "./lambda-relay.ts";
import type { ServiceDescription } from "./service-description.ts";

const ROOT = `${import.meta.dirname}/../..`;

async function resolvedConfiguration(): Promise<ServiceConfiguration> {
  const command = `${ROOT}/node_modules/.bin/sls`;
  const { stdout } = await promisify(execFile)(command, ["print", "--format", "json", "--stage", "dev"], {
    cwd: ROOT,
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout) as ServiceConfiguration;
}

function describe(services: LocalServices, controlUrl: string, declared: ServiceConfiguration): ServiceDescription {
  const { direct, region, credentials, tables, queues, buckets, topics, users, internalKey } = services;
  const entries = Object.entries(declared.functions);
  const functions = Object.fromEntries(entries.map(([key, { name }]) => [key, name]));
  const environments = Object.fromEntries(entries.map(([key]) => [key, services.environmentFor(key)]));
  const names = { tables, queues, buckets, topics, functions };
  return { controlUrl, direct, region, credentials, ...names, users, internalKey, environments };
}

const configuration = await resolvedConfiguration();
const lambda = await startLambdaRelay();
// Nothing consumes the queues here: what is sent can be received at once.
const services = await startServices({ configuration, lambdaUrl: lambda.url, longestQueueDelay: 0 });
services.codebuild.run();
// Faults are set and calls are read over HTTP: the tests run in other processes.
const front = await startFront(0, services.wire, async (_incoming, outgoing) => {
  outgoing.writeHead(404).end();
});
process.once("disconnect", async () => {
  await front.stop();
  await services.stop();
  await lambda.stop();
  process.exit(0);
});
process.send?.(describe(services, `${front.url}/local`, configuration));
