import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { ServiceConfiguration } from "../scripts/local/configuration.ts";
import { type LocalServices, startServices } from "../scripts/local/services.ts";
import { type Program, programOf } from "../scripts/packages/fresh-process.ts";
import { packageService } from "../scripts/packages/package-service.ts";
import { type UnpackedService, unpackService } from "../scripts/packages/unpack.ts";
import { resolvedConfig } from "../scripts/service/resolved-config.ts";
import { type SignIn, signIn } from "./sign-in.ts";

const TRACKER = "trackerMutation";
const DOCUMENTS = "documentApi";

/** The tables of the tracker by their real names. */
export interface TrackerTables {
  records: string;
  history: string;
  projects: string;
}

/** The tables of documents by their real names. */
export interface DocumentTables {
  documents: string;
  terms: string;
}

/** Where the bench plays: the packaged functions beside the local AWS, all in memory. */
export interface Stage {
  services: LocalServices;
  tables: TrackerTables;
  documentTables: DocumentTables;
  /** DynamoDB round the wire, for what is set up and looked up. */
  database: DynamoDBDocumentClient;
  person: SignIn;
  /** The packaged tracker, with DynamoDB at this address. */
  tracker(dynamodbUrl: string): Program;
  /** The packaged document API, with DynamoDB at this address, and S3 round the wire. */
  documents(dynamodbUrl: string): Program;
  /** A packaged function of deployments, over the wire, which counts its calls. */
  deployments(key: "deployOrchestrator" | "deployFinalize"): Program;
  stop(): Promise<void>;
}

/** A setting that only `sls offline` makes would not be there in a deployed function. */
function asDeployed(local: Readonly<Record<string, string>>): Record<string, string> {
  const { COGNITO_ISSUER: _, COGNITO_JWKS_URL: __, ENCELADUS_LOCAL: ___, ...environment } = local;
  return environment;
}

function packaged(unpacked: UnpackedService, key: string, environment: Readonly<Record<string, string>>): Program {
  const found = unpacked.functions.find((one) => one.key === key);
  if (!found) throw new Error(`serverless.yml declares no function ${key}`);
  return programOf(found, unpacked.nodePath, environment);
}

async function startLocalAws(): Promise<LocalServices> {
  const configuration = (await resolvedConfig("dev")) as unknown as ServiceConfiguration;
  return startServices({ configuration });
}

/** Packs the functions as a deploy would, and starts the local AWS. */
export async function openStage(): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), "enceladus-bench-"));
  const unpacked = unpackService(await packageService(join(directory, "packages")), directory);
  const services = await startLocalAws();
  const person = signIn();
  const environment = asDeployed(services.environmentFor(TRACKER));
  const ofDocuments = asDeployed(services.environmentFor(DOCUMENTS));
  const { region, credentials, direct } = services;
  const client = new DynamoDBClient({ endpoint: direct.dynamodb, region, credentials });
  const named = (name: string) => environment[name] ?? "";
  return {
    services,
    tables: {
      records: named("DYNAMODB_TABLE"),
      history: named("TRACKER_HISTORY_TABLE"),
      projects: named("PROJECTS_TABLE"),
    },
    documentTables: {
      documents: ofDocuments.DOCUMENTS_TABLE ?? "",
      terms: ofDocuments.DOCUMENT_TERMS_TABLE ?? "",
    },
    database: DynamoDBDocumentClient.from(client),
    person,
    tracker: (dynamodbUrl) =>
      packaged(unpacked, TRACKER, {
        ...environment,
        ...person.environment,
        AWS_ENDPOINT_URL_DYNAMODB: dynamodbUrl,
      }),
    documents: (dynamodbUrl) =>
      packaged(unpacked, DOCUMENTS, {
        ...ofDocuments,
        ...person.environment,
        AWS_ENDPOINT_URL_DYNAMODB: dynamodbUrl,
        AWS_ENDPOINT_URL_S3: direct.s3,
      }),
    deployments: (key) => packaged(unpacked, key, asDeployed(services.environmentFor(key))),
    stop: async () => {
      client.destroy();
      await services.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
