// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are placeholders of CloudFormation
import { describe, expect, it } from "@jest/globals";
import type { ServiceConfiguration } from "../../../scripts/local/configuration.ts";
import { createReferences, functionLogicalId } from "../../../scripts/local/resolve-references.ts";

const configuration: ServiceConfiguration = {
  service: "house",
  provider: { stage: "dev", region: "us-east-1" },
  functions: { notFound: { name: "house-not-found-dev" } },
  resources: {
    Conditions: {
      IsDev: { "Fn::Equals": [{ Ref: "AWS::Region" }, "us-east-1"] },
      IsElsewhere: { "Fn::Not": [{ Condition: "IsDev" }] },
      IsBoth: { "Fn::And": [{ Condition: "IsDev" }, { Condition: "IsElsewhere" }] },
      IsEither: { "Fn::Or": [{ Condition: "IsDev" }, { Condition: "IsElsewhere" }] },
      IsOdd: { "Fn::Contains": ["a", "b"] },
    },
    Resources: {
      Rooms: { Type: "AWS::DynamoDB::Table", Properties: { TableName: "rooms-dev" } },
      Work: { Type: "AWS::SQS::Queue", Properties: { QueueName: "work-dev.fifo", FifoQueue: true } },
      Assets: { Type: "AWS::S3::Bucket", Properties: { BucketName: { "Fn::Sub": "assets-dev-${AWS::AccountId}" } } },
      Alerts: { Type: "AWS::SNS::Topic", Properties: { TopicName: "alerts-dev" } },
      Bus: { Type: "AWS::Events::EventBus", Properties: { Name: "house-dev" } },
      Pool: { Type: "AWS::Cognito::UserPool", Properties: {} },
      Key: { Type: "AWS::SecretsManager::Secret", Properties: { Name: "house/key-dev" } },
      Role: { Type: "AWS::IAM::Role" },
      Access: { Type: "AWS::CloudFront::OriginAccessControl" },
    },
  },
};

const references = createReferences(configuration, {
  sqsOrigin: "http://127.0.0.1:9",
  apiOrigin: "http://127.0.0.1:3000",
  attributes: { Rooms: { StreamArn: "arn:stream" } },
});

describe("Ref", () => {
  it.each([
    ["Rooms", "rooms-dev"],
    ["Work", "http://127.0.0.1:9/000000000000/work-dev.fifo"],
    ["Assets", "assets-dev-000000000000"],
    ["Alerts", "arn:aws:sns:us-east-1:000000000000:alerts-dev"],
    ["Bus", "house-dev"],
    ["NotFoundLambdaFunction", "house-not-found-dev"],
    ["AWS::Region", "us-east-1"],
  ])("of %s is %s", (logicalId, expected) => {
    expect(references.resolve({ Ref: logicalId })).toBe(expected);
  });

  it("of a pool and of a secret is the same at every start", () => {
    const again = createReferences(configuration, { sqsOrigin: "http://127.0.0.1:10" });
    expect(references.ref("Pool")).toMatch(/^us-east-1_[0-9a-z]{9}$/);
    expect(again.ref("Pool")).toBe(references.ref("Pool"));
    expect(again.ref("Key")).toBe(references.ref("Key"));
    expect(again.ref("Key")).toMatch(/:secret:house\/key-dev-[0-9a-z]{6}$/);
  });

  it("refuses what serverless.yml does not declare, and says what", () => {
    expect(() => references.resolve({ Ref: "Cellar" })).toThrow(/"Cellar"/);
  });
});

describe("Fn::GetAtt", () => {
  it.each([
    [["Rooms", "Arn"], "arn:aws:dynamodb:us-east-1:000000000000:table/rooms-dev"],
    [["Rooms", "StreamArn"], "arn:stream"],
    ["Work.Arn", "arn:aws:sqs:us-east-1:000000000000:work-dev.fifo"],
    [["NotFoundLambdaFunction", "Arn"], "arn:aws:lambda:us-east-1:000000000000:function:house-not-found-dev"],
    [["HttpApi", "ApiEndpoint"], "http://127.0.0.1:3000"],
    [["CloudFrontDistribution", "DomainName"], "127.0.0.1:3000"],
    [["Access", "Id"], "Access"],
    [["Role", "Arn"], "arn:aws:iam:us-east-1:000000000000:Role"],
  ])("of %j is %s", (argument, expected) => {
    expect(references.resolve({ "Fn::GetAtt": argument })).toBe(expected);
  });

  it("refuses an attribute that the resource does not have", () => {
    expect(() => references.resolve({ "Fn::GetAtt": ["Alerts", "StreamArn"] })).toThrow(/"Alerts".*"StreamArn"/);
  });
});

describe("texts put together", () => {
  it("substitutes references, attributes and own variables, and leaves literals", () => {
    const text = { "Fn::Sub": ["${Rooms.Arn}/index/${name}-${!kept}-${Bus}", { name: { Ref: "Alerts" } }] };
    expect(references.resolve(text)).toBe(
      "arn:aws:dynamodb:us-east-1:000000000000:table/rooms-dev/index/arn:aws:sns:us-east-1:000000000000:alerts-dev-${kept}-house-dev",
    );
  });

  it("joins, splits and selects", () => {
    const joined = { "Fn::Join": ["/", ["a", { Ref: "Bus" }]] };
    expect(references.resolve(joined)).toBe("a/house-dev");
    expect(references.resolve({ "Fn::Select": [1, { "Fn::Split": ["/", joined] }] })).toBe("house-dev");
  });

  it("goes into lists and objects and leaves plain values alone", () => {
    expect(references.resolve({ a: [{ Ref: "Bus" }, 1, null, true], b: "text" })).toEqual({
      a: ["house-dev", 1, null, true],
      b: "text",
    });
  });

  it("refuses an intrinsic that it does not know", () => {
    expect(() => references.resolve({ "Fn::ImportValue": "x" })).toThrow(/Fn::ImportValue/);
  });

  it("gives numbers as text where text is asked for, and refuses objects there", () => {
    expect(references.text(14400)).toBe("14400");
    expect(() => references.text({ a: 1 })).toThrow(/Text was expected/);
  });
});

describe("Fn::If", () => {
  it.each([
    ["IsDev", "then"],
    ["IsElsewhere", "otherwise"],
    ["IsBoth", "otherwise"],
    ["IsEither", "then"],
  ])("%s is %s", (condition, expected) => {
    expect(references.resolve({ "Fn::If": [condition, "then", "otherwise"] })).toBe(expected);
  });

  it("looks at the chosen half only", () => {
    expect(references.resolve({ "Fn::If": ["IsDev", { Ref: "Bus" }, { Ref: "Cellar" }] })).toBe("house-dev");
  });

  it("leaves out what stands for nothing", () => {
    const nothing = { "Fn::If": ["IsDev", { Ref: "AWS::NoValue" }, "x"] };
    expect(references.resolve({ a: nothing, b: ["c", nothing] })).toEqual({ b: ["c"] });
    expect(() => references.text(nothing)).toThrow(/Text was expected/);
  });

  it.each(["IsOdd", "IsMissing"])("refuses the condition %s, and says which", (condition) => {
    const expected = condition === "IsOdd" ? /Fn::Contains/ : /IsMissing/;
    expect(() => references.resolve({ "Fn::If": [condition, "a", "b"] })).toThrow(expected);
  });
});

it("gives the distribution an id and a name of its own where there is no local API", () => {
  const alone = createReferences(configuration, { sqsOrigin: "" });
  expect(alone.ref("CloudFrontDistribution")).toMatch(/^E[0-9A-Z]{13}$/);
  expect(alone.attribute("CloudFrontDistribution", "DomainName")).toMatch(/^[0-9a-z]{14}\.cloudfront\.net$/);
});

it("names functions as the framework does", () => {
  expect(functionLogicalId("notFound")).toBe("NotFoundLambdaFunction");
  expect(functionLogicalId("auth-edge_x")).toBe("AuthDashedgeUnderscorexLambdaFunction");
});
