import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { allowRemovals, type EdgeService, edgeHooks } from "../../../../scripts/deploy/edge-hooks.ts";
import { losses } from "../../../../scripts/deploy/losses.ts";
import type { StackTemplate } from "../../../../scripts/template/stack-template.ts";
import { AccountDouble, AwsRefusal } from "../../../support/account-double/server.ts";

const PROPERTIES = {
  Table: {
    TableName: "projects",
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
  },
  Queue: { QueueName: "work", VisibilityTimeout: 30 },
  Bucket: { BucketName: { "Fn::Join": ["-", ["assets", { Ref: "AWS::AccountId" }]] } },
  Pool: { UserPoolName: "people", UsernameAttributes: ["email"] },
  Topic: { TopicName: "alerts" },
};
type Id = keyof typeof PROPERTIES;
const TYPES: Record<Id, string> = {
  Table: "AWS::DynamoDB::Table",
  Queue: "AWS::SQS::Queue",
  Bucket: "AWS::S3::Bucket",
  Pool: "AWS::Cognito::UserPool",
  Topic: "AWS::SNS::Topic",
};
const IDS = Object.keys(TYPES) as Id[];

/** @param changes of the properties; null for a resource that is gone */
function template(changes: Partial<Record<Id, object | null>> = {}): StackTemplate {
  const kept = IDS.filter((id) => changes[id] !== null);
  const resources = kept.map((id) => [id, { Type: TYPES[id], Properties: { ...PROPERTIES[id], ...changes[id] } }]);
  return { Resources: Object.fromEntries(resources) };
}

const lost = (after: StackTemplate) => losses(template(), after).map(({ logicalId, what }) => `${logicalId} ${what}`);

describe("what a deploy would lose", () => {
  it("is nothing where the template is the same, or only adds", () => {
    expect(lost(template())).toStrictEqual([]);
    const { Resources } = template();
    expect(losses({ Resources: {} }, { Resources })).toStrictEqual([]);
  });

  it("is nothing where a setting changes in place, or an index and its attribute are added", () => {
    const AttributeDefinitions = [
      { AttributeName: "id", AttributeType: "S" },
      { AttributeName: "at", AttributeType: "S" },
    ];
    const GlobalSecondaryIndexes = [{ IndexName: "by-time" }];
    expect(
      lost(template({ Queue: { VisibilityTimeout: 60 }, Table: { AttributeDefinitions, GlobalSecondaryIndexes } })),
    ).toStrictEqual([]);
  });

  it.each(["Table", "Queue", "Bucket", "Pool"] as const)("is a %s that is no longer there", (id) => {
    expect(lost(template({ [id]: null }))).toStrictEqual([`${id} would be removed`]);
  });

  it("is nothing that holds no data", () => {
    expect(lost(template({ Topic: null }))).toStrictEqual([]);
  });

  it.each<[Id, object, string]>([
    ["Table", { TableName: "projects-2" }, "TableName"],
    ["Table", { KeySchema: [{ AttributeName: "key", KeyType: "HASH" }] }, "KeySchema"],
    ["Table", { LocalSecondaryIndexes: [{}] }, "LocalSecondaryIndexes"],
    ["Table", { AttributeDefinitions: [{ AttributeName: "id", AttributeType: "N" }] }, "the type of the attribute id"],
    ["Queue", { FifoQueue: true }, "FifoQueue"],
    ["Queue", { QueueName: "work-2" }, "QueueName"],
    ["Bucket", { BucketName: "assets" }, "BucketName"],
    ["Pool", { UsernameAttributes: ["phone_number"] }, "UsernameAttributes"],
  ])("is a %s in whose place an empty one would be put, for %j", (id, change, because) => {
    expect(lost(template({ [id]: change }))).toStrictEqual([
      `${id} would be replaced by an empty one, because of ${because}`,
    ]);
  });

  it("is a table whose name is given to another kind of thing", () => {
    const after = { Resources: { ...template().Resources, Table: { Type: "AWS::SNS::Topic" } } };
    expect(lost(after)).toStrictEqual([expect.stringContaining("because of its type")]);
  });
});

class FrameworkError extends Error {}

function service(after: StackTemplate): EdgeService {
  return {
    getProvider: () => ({
      naming: { getStackName: () => "enceladus-prod" },
      getRegion: () => "us-east-1",
      getAwsSdkV3Config: async () => {
        return { region: "us-east-1", credentials: { accessKeyId: "none", secretAccessKey: "none" } };
      },
    }),
    classes: { Error: FrameworkError },
    service: { functions: {}, provider: { compiledCloudFormationTemplate: after as never } },
  };
}

describe("before anything is sent to the account", () => {
  let aws: AccountDouble;

  beforeEach(async () => {
    aws = await AccountDouble.start();
    aws.on("cloudformation:GetTemplate", () => ({ TemplateBody: JSON.stringify(template()) }));
    process.env.AWS_ENDPOINT_URL = aws.url;
  });
  afterEach(() => {
    aws.stop();
    delete process.env.AWS_ENDPOINT_URL;
    delete process.env.ENCELADUS_ALLOW_REMOVAL;
  });

  const deploy = (after: StackTemplate) => edgeHooks(service(after), {})["before:deploy:deploy"]?.();

  it("a deploy that would lose data is refused, with what it would lose and how to go on", async () => {
    const after = template({ Table: null, Queue: { FifoQueue: true } });
    await expect(deploy(after)).rejects.toThrow(FrameworkError);
    await expect(deploy(after)).rejects.toThrow(
      /Table \(AWS::DynamoDB::Table\) would be removed\n.*Queue .* replaced.*\n.*--allow-removal Table --allow-removal Queue/,
    );
    expect(aws.called("cloudformation:GetTemplate")[0]?.input).toMatchObject({ TemplateStage: "Original" });
  });

  it("it goes on where all that goes may go, and not where more goes", async () => {
    allowRemovals(["Table"]);
    await deploy(template({ Table: null }));
    await expect(deploy(template({ Table: null, Bucket: null }))).rejects.toThrow("Bucket");
  });

  it("it goes on where nothing is deployed yet", async () => {
    aws.fail(
      "cloudformation:GetTemplate",
      new AwsRefusal("ValidationError", "Stack with id enceladus-prod does not exist"),
    );
    await deploy(template({ Table: null }));
  });

  it("it does not go on where it cannot know", async () => {
    aws.fail("cloudformation:GetTemplate", new AwsRefusal("AccessDenied", "not authorized", 403));
    await expect(deploy(template())).rejects.toThrow("not authorized");
  });
});
