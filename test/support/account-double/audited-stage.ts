import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { page } from "./paged.ts";
import { AccountDouble, AwsRefusal, type Call } from "./server.ts";

const ACCOUNT = "123456789012";
const REGION = "us-east-1";
const NOW = new Date("2026-11-27T12:00:00Z");
const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
const LAYER_ARN = arn("lambda", "layer:enceladus-shared:7");
const QUEUE_URL = `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/enceladus-work`;
const POOL = "us-east-1_pool";

type Settings = Record<string, unknown>;

const role = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });
const variables = {
  STAGE: "prod",
  COGNITO_USER_POOL_ID: { Ref: "UserPool" },
  COGNITO_CLIENT_ID: { Ref: "UserPoolClient" },
};

function declaredFunction(FunctionName: string, handler: string, roleId: string, more: Settings): Settings {
  const common = { FunctionName, Handler: handler, Runtime: "nodejs24.x", Architectures: ["arm64"], MemorySize: 256 };
  return { ...common, Timeout: 30, Role: role(roleId), Layers: [{ Ref: "SharedLambdaLayer" }], ...more };
}

/** A small service: a function behind two routes, one behind a queue, the layer, a table, a user pool. */
const TEMPLATE = {
  Resources: {
    SharedLambdaLayer: { Type: "AWS::Lambda::LayerVersion", Properties: { LayerName: "enceladus-shared" } },
    ProjectsRole: { Type: "AWS::IAM::Role", Properties: { RoleName: "devops-projects" } },
    WorkerRole: { Type: "AWS::IAM::Role", Properties: { RoleName: "devops-worker" } },
    ProjectsLambdaFunction: {
      Type: "AWS::Lambda::Function",
      Properties: declaredFunction("devops-projects", "functions/projects/handler.handler", "ProjectsRole", {
        Environment: { Variables: { ...variables, TABLE: { Ref: "ProjectsTable" } } },
      }),
    },
    WorkerLambdaFunction: {
      Type: "AWS::Lambda::Function",
      Properties: declaredFunction("devops-worker", "functions/worker/handler.handler", "WorkerRole", {
        Environment: { Variables: variables },
      }),
    },
    WorkerMapping: {
      Type: "AWS::Lambda::EventSourceMapping",
      Properties: {
        BatchSize: 10,
        Enabled: true,
        EventSourceArn: { "Fn::GetAtt": ["WorkQueue", "Arn"] },
        FunctionName: { "Fn::GetAtt": ["WorkerLambdaFunction", "Arn"] },
        FunctionResponseTypes: ["ReportBatchItemFailures"],
      },
    },
    ProjectsTable: { Type: "AWS::DynamoDB::Table", Properties: { TableName: "projects" } },
    WorkQueue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "enceladus-work", VisibilityTimeout: 360 } },
    UserPool: { Type: "AWS::Cognito::UserPool", Properties: {} },
    UserPoolClient: { Type: "AWS::Cognito::UserPoolClient", Properties: {} },
    HttpApi: { Type: "AWS::ApiGatewayV2::Api", Properties: { Name: "enceladus" } },
    ToProjects: {
      Type: "AWS::ApiGatewayV2::Integration",
      Properties: { IntegrationUri: { "Fn::GetAtt": ["ProjectsLambdaFunction", "Arn"] } },
    },
    ...Object.fromEntries(
      ["GET /api/v1/projects", "POST /api/v1/projects"].map((RouteKey) => {
        const Target = { "Fn::Join": ["/", ["integrations", { Ref: "ToProjects" }]] };
        return [RouteKey, { Type: "AWS::ApiGatewayV2::Route", Properties: { RouteKey, Target } }];
      }),
    ),
  },
};

const PHYSICAL_IDS = {
  SharedLambdaLayer: LAYER_ARN,
  ProjectsRole: "devops-projects",
  WorkerRole: "devops-worker",
  ProjectsLambdaFunction: "devops-projects",
  WorkerLambdaFunction: "devops-worker",
  ProjectsTable: "projects",
  WorkQueue: QUEUE_URL,
  UserPool: POOL,
  UserPoolClient: "client",
  HttpApi: "api1",
};

function zipOf(files: Readonly<Record<string, string>>, mtime = NOW): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(files).map(([path, content]) => [path, strToU8(content)])), {
    mtime,
  });
}

interface LiveFunction {
  Configuration: Settings;
  zip: Uint8Array;
  tags: Record<string, string>;
  /** In place of the double's own. */
  location?: string;
}

/** An account in which a small stage is live exactly as it was packaged; tests change what they are about. */
export class AuditedStage {
  readonly aws: AccountDouble;
  readonly functions = new Map<string, LiveFunction>();
  readonly live = {
    layer: zipOf({ "nodejs/node_modules/shared/index.js": "exports.one = 1;" }, new Date("2020-01-01T00:00:00Z")),
    stacks: ["enceladus-prod", "enceladus-dev"],
    tables: ["projects", "somebody-elses"],
    queues: ["enceladus-work", "enceladus-work-dev"],
    topics: ["enceladus-alerts", "other"],
    buckets: ["enceladus-assets-1", "enceladus-assets-2", "enceladus-assets-3"],
    buses: ["default", "enceladus"],
    pipes: [] as string[],
    apis: ["enceladus"],
    routes: [
      { RouteKey: "GET /api/v1/projects", AuthorizationType: "NONE", Target: "integrations/i1" },
      { RouteKey: "POST /api/v1/projects", AuthorizationType: "NONE", Target: "integrations/i1" },
    ],
    queue: { VisibilityTimeout: "360" } as Record<string, string>,
    mapping: {
      EventSourceArn: arn("sqs", "enceladus-work"),
      BatchSize: 10,
      State: "Enabled",
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    } as Settings,
    adminsOnly: true,
  };
  /** What was packaged. */
  readonly packages: string;

  private constructor(aws: AccountDouble, directory: string) {
    this.aws = aws;
    this.packages = directory;
    this.#package();
    this.#answerAsLambda();
    this.#answerAsStack();
    this.#answerLists();
  }

  /** @param directory for the packages; empty */
  static async start(directory: string): Promise<AuditedStage> {
    return new AuditedStage(await AccountDouble.start(), directory);
  }

  function(name: string): LiveFunction {
    const found = this.functions.get(name);
    if (!found) throw new Error(`no function ${name}`);
    return found;
  }

  #package(): void {
    mkdirSync(this.packages, { recursive: true });
    const save = (file: string, content: string | Uint8Array) => writeFileSync(join(this.packages, file), content);
    const declared = [
      ["projects", "devops-projects", { TABLE: "projects" }],
      ["worker", "devops-worker", {}],
    ] as const;
    const functions = declared.map(([key, name, more]) => {
      const path = `functions/${key}/handler`;
      const files = { [`${path}.cjs`]: `exports.handler = () => "${name}";` };
      save(`${key}.zip`, zipOf(files));
      // Another archive of the same files: what says when and by whom it was made must not count.
      this.#makeLive(name, path, zipOf(files, new Date("2001-02-03T00:00:00Z")), more);
      return [key, { name, handler: `${path}.handler`, architecture: "arm64", layers: [{}], events: [] }];
    });
    save("shared.zip", zipOf({ "nodejs/node_modules/shared/index.js": "exports.one = 1;" }));
    save("cloudformation-template-update-stack.json", JSON.stringify(TEMPLATE));
    const layers = { shared: { compatibleArchitectures: ["arm64"] } };
    const service = { provider: {}, layers, functions: Object.fromEntries(functions) };
    save("serverless-state.json", JSON.stringify({ service }));
  }

  #makeLive(name: string, path: string, zip: Uint8Array, more: Readonly<Record<string, string>>): void {
    const Variables = { STAGE: "prod", COGNITO_USER_POOL_ID: POOL, COGNITO_CLIENT_ID: "client", ...more };
    const Configuration = {
      FunctionName: name,
      FunctionArn: arn("lambda", `function:${name}`),
      Handler: `${path}.handler`,
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      MemorySize: 256,
      Timeout: 30,
      Role: `arn:aws:iam::${ACCOUNT}:role/${name}`,
      Layers: [{ Arn: LAYER_ARN }],
      Environment: { Variables },
      CodeSha256: createHash("sha256").update(zip).digest("base64"),
    };
    this.functions.set(name, { Configuration, zip, tags: { "enceladus:commit": "0123456789abcdef" } });
  }

  #answerAsLambda(): void {
    this.aws.files = (path) => {
      const name = path.slice(1);
      const body = name === "layer" ? this.live.layer : this.functions.get(name)?.zip;
      return body ? { status: 200, body } : { status: 404, body: new Uint8Array() };
    };
    this.aws.on("lambda:GetFunction", ({ input }) => {
      const name = String(input.FunctionName);
      const found = this.functions.get(name);
      if (!found) throw new AwsRefusal("ResourceNotFoundException", `no function ${name}`, 404);
      const { Configuration, tags: Tags, location = `${this.aws.url}/${name}` } = found;
      return { Configuration, Tags, Code: { RepositoryType: "S3", Location: location } };
    });
    this.aws.on("lambda:GetLayerVersionByArn", () => ({ Content: { Location: `${this.aws.url}/layer` } }));
    this.aws.on("lambda:ListEventSourceMappings", ({ input }) => {
      return { EventSourceMappings: input.FunctionName === "devops-worker" ? [this.live.mapping] : [] };
    });
    this.aws.on("lambda:ListFunctions", ({ input, region }) => {
      const { items, next } = page([...this.functions.keys()], input.Marker);
      return { Functions: region === REGION ? items.map((FunctionName) => ({ FunctionName })) : [], NextMarker: next };
    });
  }

  #answerAsStack(): void {
    this.aws.on("sts:GetCallerIdentity", () => ({ Account: ACCOUNT }));
    this.aws.on("cloudformation:ListStackResources", ({ input }) => {
      const { items, next } = page(Object.entries(PHYSICAL_IDS), input.NextToken);
      const StackResourceSummaries = items.map(([LogicalResourceId, PhysicalResourceId]) => {
        return { LogicalResourceId, PhysicalResourceId };
      });
      return { StackResourceSummaries, NextToken: next };
    });
    this.aws.on("cloudformation:ListStacks", () => {
      return { StackSummaries: this.live.stacks.map((StackName) => ({ StackName, StackStatus: "UPDATE_COMPLETE" })) };
    });
    this.aws.on("cognito-idp:DescribeUserPool", () => {
      return { UserPool: { AdminCreateUserConfig: { AllowAdminCreateUserOnly: this.live.adminsOnly } } };
    });
    this.aws.on("cognito-idp:DescribeUserPoolClient", () => ({ UserPoolClient: { UserPoolId: POOL } }));
    this.aws.on("sqs:GetQueueAttributes", () => ({ Attributes: this.live.queue }));
    this.aws.on("apigateway:GetIntegrations", () => {
      return { items: [{ integrationId: "i1", integrationUri: arn("lambda", "function:devops-projects") }] };
    });
    this.aws.on("apigateway:GetRoutes", ({ input }) => {
      const { items, next } = page(this.live.routes, input.nextToken);
      const lower = items.map(({ RouteKey, AuthorizationType, Target }) => {
        return { routeKey: RouteKey, authorizationType: AuthorizationType, target: Target };
      });
      return { items: lower, nextToken: next };
    });
  }

  #answerLists(): void {
    const inRegion = ({ region }: Call, names: readonly string[]) => (region === REGION ? names : []);
    this.aws.on("dynamodb:ListTables", (call) => {
      const tables = inRegion(call, this.live.tables);
      const start = tables.indexOf(String(call.input.ExclusiveStartTableName)) + 1;
      const TableNames = tables.slice(start, start + 1);
      return { TableNames, ...(start + 1 < tables.length && { LastEvaluatedTableName: TableNames[0] }) };
    });
    this.aws.on("sqs:ListQueues", (call) => {
      const { items, next } = page(inRegion(call, this.live.queues), call.input.NextToken);
      return {
        QueueUrls: items.map((name) => `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`),
        NextToken: next,
      };
    });
    this.aws.on("sns:ListTopics", (call) => {
      const { items, next } = page(inRegion(call, this.live.topics), call.input.NextToken);
      return { Topics: items.map((name) => ({ TopicArn: arn("sns", name) })), NextToken: next };
    });
    this.aws.on("sns:Publish", () => ({ MessageId: "1" }));
    this.aws.on("s3:ListBuckets", ({ input }) => {
      const { items, next } = page(this.live.buckets, input["continuation-token"]);
      return { Buckets: items.map((Name) => ({ Name })), ContinuationToken: next };
    });
    this.aws.on("events:ListEventBuses", (call) => {
      return { EventBuses: inRegion(call, this.live.buses).map((Name) => ({ Name })) };
    });
    this.aws.on("events:ListRules", ({ input }) => {
      const { items, next } = page(["one", "two", "three"], input.NextToken);
      return { Rules: items.map((name) => ({ Name: `enceladus-${input.EventBusName}-${name}` })), NextToken: next };
    });
    this.aws.on("pipes:ListPipes", ({ input }) => {
      const { items, next } = page(this.live.pipes, input.NextToken);
      return { Pipes: items.map((Name) => ({ Name })), NextToken: next };
    });
    this.aws.on("apigateway:GetApis", ({ input }) => {
      const { items, next } = page(this.live.apis, input.nextToken);
      return { items: items.map((name) => ({ name })), nextToken: next };
    });
  }
}
