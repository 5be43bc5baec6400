import { setTimeout as wait } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type * as z from "zod";
import type { AwsCall } from "../../scripts/local/wire/calls.ts";
import type { Fault } from "../../scripts/local/wire/faults.ts";
import { realNow } from "./clock.ts";
import type { ServiceDescription } from "./service-description.ts";

/** The local AWS that all integration tests share. */
export const services = JSON.parse(process.env.ENCELADUS_TEST_SERVICES ?? "null") as ServiceDescription;
if (services === null) throw new Error("the local AWS is not there: run this test in the Jest project `integration`");

/**
 * As whom this process calls AWS. Faults and calls are told apart by it: other test files run at the same time, in
 * processes of their own, over the same wire.
 */
export const CALLER = `testWorker${process.env.JEST_WORKER_ID ?? "0"}`;
process.env.AWS_SDK_UA_APP_ID = CALLER;

/** The real name of a table, bucket or queue by its name in the contracts. */
export function realName(kind: "tables" | "buckets" | "queues" | "topics", contractName: string): string {
  const name = services[kind][contractName];
  if (name === undefined) throw new Error(`serverless.yml declares no ${contractName} among the ${kind}`);
  return name;
}

/** Gives this process the environment of one function, where two use a name differently. */
export function actAs(functionKey: string): void {
  const environment = services.environments[functionKey];
  if (!environment) throw new Error(`serverless.yml declares no function ${functionKey}`);
  Object.assign(process.env, environment, { AWS_SDK_UA_APP_ID: CALLER });
}

const { region, credentials } = services;

/** DynamoDB round the wire: for what a test sets up and looks up. Neither faults nor counts touch it. */
export const directDynamodb = DynamoDBDocumentClient.from(
  new DynamoDBClient({ endpoint: services.direct.dynamodb, region, credentials }),
  { marshallOptions: { removeUndefinedValues: true } },
);

/** S3 round the wire. */
export const directS3 = new S3Client({ endpoint: services.direct.s3, region, credentials, forcePathStyle: true });

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${services.controlUrl}${path}`, { method, body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** A fault as tests give it; it happens to calls of this process only. */
export type FaultRequest = Omit<z.input<typeof Fault>, "function">;

/** Lets the next calls fail, lose their answer, or wait. */
export async function injectFault(fault: FaultRequest): Promise<void> {
  await control("POST", "/faults", { ...fault, function: CALLER });
}

/** The faults of this process that have not happened as often as they should. */
export async function pendingFaults(): Promise<Fault[]> {
  const { faults } = (await control("GET", "/faults")) as { faults: Fault[] };
  return faults.filter((fault) => fault.function === CALLER);
}

/** Waits until every fault of this process has met the call that it was for: a delayed call is on its way then. */
export async function faultsMet(): Promise<void> {
  while ((await pendingFaults()).length > 0) await wait(5);
}

/** Takes back what is left of this process's faults. */
export async function clearFaults(): Promise<void> {
  await control("DELETE", `/faults?function=${CALLER}`);
}

/** The AWS calls that some work has made, repeats of the client included. */
export async function callsDuring(work: () => Promise<unknown>): Promise<AwsCall[]> {
  // Calls are known by the millisecond: what came right before belongs to another one.
  const since = realNow() + 1;
  while (realNow() < since) await wait(1);
  await work();
  const { calls } = (await control("GET", `/calls?function=${CALLER}&since=${since}`)) as { calls: AwsCall[] };
  return calls;
}

/** The cookie of a person who has just signed in at the local user pool; there are two of them. */
export function signIn(person: 0 | 1 = 0): string {
  const user = services.users[person];
  if (!user) throw new Error(`the local user pool has no user ${person}`);
  return user.cookie;
}
