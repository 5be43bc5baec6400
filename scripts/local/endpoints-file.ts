import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LocalUser } from "./cognito.ts";
import type { LocalServices } from "./services.ts";

/** Where everything is, for scripts and tests. Its presence says that the API is ready. */
export interface Endpoints {
  apiUrl: string;
  mcpUrl: string;
  lambdaUrl: string;
  region: string;
  aws: Record<
    "accessKeyId" | "secretAccessKey" | "dynamodb" | "s3" | "sqs" | "sns" | "eventbridge" | "cognito",
    string
  >;
  internalKey: string;
  userPoolId: string;
  clientId: string;
  issuer: string;
  users: readonly LocalUser[];
  tables: Readonly<Record<string, string>>;
  buckets: Readonly<Record<string, string>>;
  queues: Readonly<Record<string, string>>;
  topics: Readonly<Record<string, string>>;
  functions: Readonly<Record<string, string>>;
}

export interface Addresses {
  apiUrl: string;
  lambdaUrl: string;
  functions: Readonly<Record<string, string>>;
}

/** The addresses of services are those round the wire: what a test looks up is no call of a function. */
export function endpointsOf(services: LocalServices, { apiUrl, lambdaUrl, functions }: Addresses): Endpoints {
  const { dynamodb, s3, sqs, sns, eventbridge, cognito } = services.direct;
  // The SDK adds properties of its own to the credentials that it is given.
  const { accessKeyId, secretAccessKey } = services.credentials;
  return {
    apiUrl,
    mcpUrl: `${apiUrl}/api/v1/coordination/mcp`,
    lambdaUrl,
    region: services.region,
    aws: { accessKeyId, secretAccessKey, dynamodb, s3, sqs, sns, eventbridge, cognito },
    internalKey: services.internalKey,
    userPoolId: services.userPoolId,
    clientId: services.clientId,
    issuer: services.issuer,
    users: services.users,
    tables: services.tables,
    buckets: services.buckets,
    queues: services.queues,
    topics: services.topics,
    functions,
  };
}

export function endpointsFile(dataDir: string): string {
  return join(dataDir, "endpoints.json");
}

/** Written whole or not at all, and for the owner's eyes only: it holds keys and passwords. */
export async function writeEndpoints(dataDir: string, endpoints: Endpoints): Promise<void> {
  const file = endpointsFile(dataDir);
  await rm(`${file}.new`, { force: true });
  await writeFile(`${file}.new`, `${JSON.stringify(endpoints, undefined, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
