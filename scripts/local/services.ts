import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { ServiceName } from "./aws-services.ts";
import { type CodeBuild, startCodeBuild } from "./codebuild/index.ts";
import { declaredProjects } from "./codebuild/projects.ts";
import { type LocalUser, type LocalUserPool, startCognito } from "./cognito.ts";
import { resourcesOfType, type ServiceConfiguration } from "./configuration.ts";
import { bucketContractName, contractName } from "./contract-names.ts";
import { startDynamoDbLocal } from "./dynamodb-local.ts";
import { LocalError } from "./errors.ts";
import { type EventBus, startEventBus } from "./event-bus.ts";
import { type Fauxqs, startFauxqs } from "./fauxqs.ts";
import { functionEnvironment, LOCAL_CREDENTIALS } from "./function-environment.ts";
import { createQueue, createSubscription, createTopic, withDelayUpTo } from "./provision/messaging.ts";
import { createTable } from "./provision/tables.ts";
import { createReferences, type References } from "./resolve-references.ts";
import { bucketsWithEvents, publishObjectEvents } from "./s3-events.ts";
import { type SecretsManager, startSecretsManager } from "./secrets-manager.ts";
import { startElsewhere } from "./wire/elsewhere.ts";
import { FaultList } from "./wire/faults.ts";
import { startWire, type Wire } from "./wire/index.ts";

export interface ServiceOptions {
  /** The resolved serverless.yml, e.g. of `sls print --format json`. */
  configuration: ServiceConfiguration;
  /** Where everything is kept; absent: in memory and a temporary folder. */
  dataDir?: string;
  /** Address of the HTTP API, e.g. `http://127.0.0.1:3000`: an allowed origin of the functions. */
  apiOrigin?: string;
  /** The file in which the sign-in page says that the users' passwords are. */
  passwordsIn?: string;
  /** Where functions can be invoked, at the latest when the first one calls; absent: nowhere. */
  lambdaUrl?: string;
  /** The longest that queues hold messages back, in seconds, whatever they declare; absent: as declared. */
  longestQueueDelay?: number;
  /** Hears when a part is up. */
  progress?: (part: string) => void;
}

/** The embedded AWS, with everything in it that serverless.yml declares. */
export interface LocalServices {
  /** How functions reach AWS: origins that count and can fail. */
  wire: Wire;
  /** Origins round the wire, for seeding, the pump and the set-up of tests. */
  direct: Readonly<Record<ServiceName, string>>;
  region: string;
  credentials: typeof LOCAL_CREDENTIALS;
  /** Contract name to real name; of queues to the direct URL; of topics to the ARN. */
  tables: Readonly<Record<string, string>>;
  queues: Readonly<Record<string, string>>;
  buckets: Readonly<Record<string, string>>;
  topics: Readonly<Record<string, string>>;
  userPoolId: string;
  clientId: string;
  issuer: string;
  jwksUrl: string;
  users: readonly LocalUser[];
  internalKey: string;
  /** References as functions see them (queue URLs through the wire), and round the wire. */
  references: { wired: References; direct: References };
  eventBus: EventBus;
  /** Builds end only after its `run`. */
  codebuild: Pick<CodeBuild, "run">;
  /** The whole environment of a function, every reference resolved. */
  environmentFor(functionKey: string): Record<string, string>;
  stop(): Promise<void>;
}

interface Running {
  stop(): Promise<void>;
}

/** The one resource of a type on which the local parts depend by its logical id. */
function requiredResource(configuration: ServiceConfiguration, logicalId: string, type: string) {
  const resource = configuration.resources.Resources[logicalId];
  if (resource?.Type !== type) throw new LocalError(`serverless.yml must declare ${logicalId} as ${type}.`);
  return resource.Properties ?? {};
}

function nameMap(names: readonly string[], toContract: (name: string) => string, toReal = (name: string) => name) {
  return Object.fromEntries(names.map((name) => [toContract(name), toReal(name)]));
}

async function provisionTables(url: string, configuration: ServiceConfiguration, references: References) {
  const client = new DynamoDBClient({
    endpoint: url,
    region: configuration.provider.region,
    credentials: LOCAL_CREDENTIALS,
  });
  try {
    const streams = await Promise.all(
      resourcesOfType(configuration, "AWS::DynamoDB::Table").map(async ([id, { Properties = {} }]) => {
        const properties = references.resolve(Properties) as Readonly<Record<string, unknown>>;
        const streamArn = await createTable(client, { ...properties, TableName: references.ref(id) });
        return [id, streamArn === undefined ? {} : { StreamArn: streamArn }] as const;
      }),
    );
    return Object.fromEntries(streams) as Record<string, Record<string, string>>;
  } finally {
    client.destroy();
  }
}

function provisionMessaging(
  { stores }: Fauxqs,
  configuration: ServiceConfiguration,
  references: References,
  longestDelay?: number,
): void {
  const resolved = (properties: unknown) => references.resolve(properties ?? {}) as Readonly<Record<string, unknown>>;
  for (const [id] of resourcesOfType(configuration, "AWS::S3::Bucket")) stores.s3Store.createBucket(references.ref(id));
  for (const [id, { Properties }] of resourcesOfType(configuration, "AWS::SQS::Queue")) {
    const [name, url, arn] = [
      references.attribute(id, "QueueName"),
      references.ref(id),
      references.attribute(id, "Arn"),
    ];
    createQueue(stores, { name, url, arn, properties: withDelayUpTo(longestDelay, resolved(Properties)) });
  }
  for (const [id] of resourcesOfType(configuration, "AWS::SNS::Topic")) {
    createTopic(stores, references.attribute(id, "TopicName"), configuration.provider.region);
  }
  for (const [, { Properties }] of resourcesOfType(configuration, "AWS::SNS::Subscription")) {
    createSubscription(stores, resolved(Properties));
  }
}

function startUserPool(
  { configuration, apiOrigin, passwordsIn = "endpoints.json" }: ServiceOptions,
  references: References,
  dataDir: string,
): Promise<LocalUserPool> {
  const resolved = (id: string, type: string) =>
    references.resolve(requiredResource(configuration, id, type)) as Readonly<Record<string, unknown>>;
  return startCognito({
    dataDir: join(dataDir, "cognito"),
    userPoolId: references.ref("UserPool"),
    clientId: references.ref("UserPoolClient"),
    userPool: resolved("UserPool", "AWS::Cognito::UserPool"),
    client: resolved("UserPoolClient", "AWS::Cognito::UserPoolClient"),
    apiOrigin,
    passwordsIn,
  });
}

function startSecrets(
  configuration: ServiceConfiguration,
  references: References,
  file?: string,
): Promise<SecretsManager> {
  requiredResource(configuration, "InternalKeySecret", "AWS::SecretsManager::Secret");
  const declared = resourcesOfType(configuration, "AWS::SecretsManager::Secret").map(([id, { Properties = {} }]) => ({
    arn: references.ref(id),
    name: references.text(Properties.Name ?? id),
    properties: references.resolve(Properties),
  }));
  return startSecretsManager(declared, file);
}

/**
 * Starts the embedded AWS and creates in it what serverless.yml declares; what is there from an earlier start is left
 * alone. Needs no `sls offline`.
 * @throws LocalError when something does not start or the data do not fit serverless.yml
 */
export async function startServices(options: ServiceOptions): Promise<LocalServices> {
  const { configuration, dataDir, progress = () => {} } = options;
  const { region, stage } = configuration.provider;
  const temporary = dataDir === undefined ? await mkdtemp(join(tmpdir(), "enceladus-")) : undefined;
  const folder = dataDir ?? temporary ?? "";
  const keptIn = (name: string) => (dataDir === undefined ? undefined : join(dataDir, name));
  const running: Running[] = [];

  async function started<T extends Running>(part: string, starting: Promise<T>): Promise<T> {
    const service = await starting;
    running.push(service);
    progress(part);
    return service;
  }

  /** Says that there is no such service: whoever starts no functions has none to invoke. */
  async function startNowhere(): Promise<string> {
    const nowhere = await startElsewhere();
    running.push(nowhere);
    return nowhere.url;
  }

  async function stop(): Promise<void> {
    await Promise.allSettled(running.map((service) => service.stop()));
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
  }

  async function start(): Promise<LocalServices> {
    // Names do not depend on addresses, so the slow part (the JVM) and the others start side by side.
    const apiOrigin = options.apiOrigin ?? "";
    const names = createReferences(configuration, { sqsOrigin: "", apiOrigin });
    const busNames = resourcesOfType(configuration, "AWS::Events::EventBus").map(([id]) => names.ref(id));
    const settled = await Promise.allSettled([
      started("DynamoDB", startDynamoDbLocal(keptIn("dynamodb"))),
      started("S3, SQS and SNS", startFauxqs(region, keptIn("fauxqs"))),
      started("Cognito", startUserPool(options, names, folder)),
      started("Secrets Manager", startSecrets(configuration, names, keptIn("secrets.json"))),
      started("EventBridge", startEventBus({ buses: busNames, region })),
    ]);
    const failed = settled.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
    const [dynamodb, fauxqs, cognito, secrets, eventBus] = settled.map((result) =>
      result.status === "fulfilled" ? result.value : undefined,
    ) as [Awaited<ReturnType<typeof startDynamoDbLocal>>, Fauxqs, LocalUserPool, SecretsManager, EventBus];

    const faults = new FaultList();
    const projects = declaredProjects(configuration, names);
    const builds = { projects, region, bus: eventBus, faults, file: keptIn("builds.json") };
    const codebuild = await started("CodeBuild", startCodeBuild(builds));
    const direct: Record<ServiceName, string> = {
      dynamodb: dynamodb.url,
      s3: fauxqs.url,
      sqs: fauxqs.url,
      sns: fauxqs.url,
      eventbridge: eventBus.url,
      cognito: cognito.url,
      secretsmanager: secrets.url,
      codebuild: codebuild.url,
      lambda: options.lambdaUrl ?? (await startNowhere()),
    };
    const wire = await started("The wire", startWire(direct, faults, region));
    const attributes = await provisionTables(dynamodb.url, configuration, names);
    const references = {
      wired: createReferences(configuration, { sqsOrigin: wire.origins.sqs, apiOrigin, attributes }),
      direct: createReferences(configuration, { sqsOrigin: direct.sqs, apiOrigin, attributes }),
    };
    provisionMessaging(fauxqs, configuration, references.direct, options.longestQueueDelay);
    publishObjectEvents(fauxqs.stores.s3Store, bucketsWithEvents(configuration, references.direct), eventBus);
    progress("Tables, queues, buckets and topics");

    const refsOf = (type: string) => resourcesOfType(configuration, type).map(([id]) => references.direct.ref(id));
    const lastPart = (text: string, separator: string) => text.slice(text.lastIndexOf(separator) + 1);
    const toContract = (name: string) => contractName(name, stage);
    const userPoolId = names.ref("UserPool");
    const jwksUrl = `${wire.origins.cognito}/${userPoolId}/.well-known/jwks.json`;
    return {
      wire,
      direct,
      region,
      credentials: LOCAL_CREDENTIALS,
      tables: nameMap(refsOf("AWS::DynamoDB::Table"), toContract),
      queues: nameMap(refsOf("AWS::SQS::Queue"), (url) => toContract(lastPart(url, "/"))),
      buckets: nameMap(refsOf("AWS::S3::Bucket"), (name) => bucketContractName(name, stage)),
      topics: nameMap(refsOf("AWS::SNS::Topic"), (arn) => toContract(lastPart(arn, ":"))),
      userPoolId,
      clientId: names.ref("UserPoolClient"),
      issuer: cognito.issuer,
      jwksUrl,
      users: cognito.users,
      internalKey: secrets.valueOf(names.ref("InternalKeySecret")),
      references,
      eventBus,
      codebuild,
      environmentFor: (functionKey) =>
        functionEnvironment(configuration, functionKey, {
          references: references.wired,
          wire,
          issuer: cognito.issuer,
          jwksUrl,
          ...(options.apiOrigin !== undefined && { apiOrigin: options.apiOrigin }),
        }),
      stop,
    };
  }

  try {
    return await start();
  } catch (error) {
    await stop();
    throw error;
  }
}
