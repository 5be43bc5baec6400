import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import type { ServiceName } from "../../../scripts/local/aws-services.ts";
import { Fault } from "../../../scripts/local/wire/faults.ts";
import { startWire, type Wire } from "../../../scripts/local/wire/index.ts";
import { directDynamodb, realName, services } from "../../support/services.ts";

const { region, credentials } = services;
const projects = realName("tables", "projects");
const assets = realName("buckets", "assets");

let wire: Wire;
/** Clients of this test alone, so that connections and user agents are its own. */
let dynamodb: DynamoDBClient;
let s3: S3Client;

const optionsFor = (service: ServiceName, maxAttempts = 1) => ({
  endpoint: wire.origins[service],
  region,
  credentials,
  maxAttempts,
  userAgentAppId: "trackerMutation",
});

beforeAll(async () => {
  wire = await startWire(services.direct);
  dynamodb = new DynamoDBClient(optionsFor("dynamodb"));
  s3 = new S3Client({ ...optionsFor("s3"), forcePathStyle: true });
});

afterEach(() => {
  wire.faults.clear();
  wire.calls.clear();
});

afterAll(async () => {
  dynamodb.destroy();
  s3.destroy();
  await wire.stop();
});

const inject = (fault: object) => wire.faults.add(Fault.parse(fault));

function put(id: string, client = dynamodb) {
  const Item = { project_id: { S: id }, prefix: { S: "WIR" } };
  return client.send(
    new PutItemCommand({ TableName: projects, Item, ConditionExpression: "attribute_not_exists(project_id)" }),
  );
}

async function exists(id: string): Promise<boolean> {
  const answer = await directDynamodb.send(new GetItemCommand({ TableName: projects, Key: { project_id: { S: id } } }));
  return answer.Item !== undefined;
}

describe("what the wire writes down", () => {
  it("has service, operation, request, status and function of each call, in their order", async () => {
    await put("wire-calls");
    await put("wire-calls").catch(() => {});
    await dynamodb.send(new GetItemCommand({ TableName: projects, Key: { project_id: { S: "wire-calls" } } }));
    expect(wire.calls.list()).toMatchObject([
      { service: "dynamodb", operation: "PutItem", status: 200, function: "trackerMutation" },
      { service: "dynamodb", operation: "PutItem", status: 400, request: { TableName: projects } },
      { service: "dynamodb", operation: "GetItem", request: { Key: { project_id: { S: "wire-calls" } } } },
    ]);
  });

  it("can be narrowed by service, operation, function and time", async () => {
    await put("wire-narrow");
    const between = Date.now() + 1;
    await new Promise((resolve) => setTimeout(resolve, 5));
    await s3.send(new PutObjectCommand({ Bucket: assets, Key: "wire/narrow", Body: "x" }));
    const operations = (filter: object) => wire.calls.list(filter).map(({ operation }) => operation);
    expect(operations({ service: "s3" })).toEqual(["PutObject"]);
    expect(operations({ operation: "PutItem" })).toEqual(["PutItem"]);
    expect(operations({ function: "somebodyElse" })).toEqual([]);
    expect(operations({ since: between })).toEqual(["PutObject"]);
  });

  it("names bucket, key and headers of an S3 call instead of its body", async () => {
    const Key = "wire/a b+c.md";
    await s3.send(
      new PutObjectCommand({ Bucket: assets, Key, Body: "text", ContentType: "text/markdown", IfNoneMatch: "*" }),
    );
    const answer = await s3.send(new GetObjectCommand({ Bucket: assets, Key }));
    expect(await answer.Body?.transformToString()).toBe("text");
    const headers = { "content-type": "text/markdown", "if-none-match": "*" };
    expect(wire.calls.list()).toMatchObject([
      {
        service: "s3",
        operation: "PutObject",
        status: 200,
        request: { bucket: assets, key: Key, method: "PUT", headers },
      },
      { service: "s3", operation: "GetObject", status: 200, request: { bucket: assets, key: Key } },
    ]);
  });

  it("tells the function also where a library has added to its name", async () => {
    const client = new DynamoDBClient({
      ...optionsFor("dynamodb"),
      userAgentAppId: "projectService-PT-NO-OP-2.36.0-PTEnv-NA",
    });
    await put("wire-app", client);
    client.destroy();
    expect(wire.calls.list()[0]?.function).toBe("projectService");
  });
});

describe("the permissions that the wire has seen used", () => {
  const used = () => wire.used.list().permissions.map(({ action, resource }) => `${action} ${resource}`);

  it("are those of each call, with the right to list a bucket where an object was not there", async () => {
    await put("wire-used");
    await s3.send(new HeadObjectCommand({ Bucket: assets, Key: "wire/no-such" })).catch(() => {});
    expect(used()).toEqual(
      expect.arrayContaining([
        `dynamodb:PutItem arn:aws:dynamodb:us-east-1:000000000000:table/${projects}`,
        `s3:GetObject arn:aws:s3:::${assets}/wire/no-such`,
        `s3:ListBucket arn:aws:s3:::${assets}`,
      ]),
    );
  });

  it("count those that a fault keeps from being made: they were asked for", async () => {
    inject({ service: "s3", operation: "PutObject", error: "AccessDenied" });
    await s3.send(new PutObjectCommand({ Bucket: assets, Key: "wire/refused", Body: "x" })).catch(() => {});
    expect(used()).toContain(`s3:PutObject arn:aws:s3:::${assets}/wire/refused`);
  });
});

describe("a fault", () => {
  it("refuses a call before it is made, in the service's own words", async () => {
    inject({ service: "dynamodb", operation: "PutItem", error: "ProvisionedThroughputExceededException" });
    await expect(put("wire-refused")).rejects.toMatchObject({
      name: "ProvisionedThroughputExceededException",
      $metadata: { httpStatusCode: 400 },
    });
    expect(await exists("wire-refused")).toBe(false);
    await expect(put("wire-refused")).resolves.toBeDefined();
  });

  it("answers with 500 and 503 where AWS does", async () => {
    inject({ service: "dynamodb", error: "InternalServerError" });
    await expect(put("wire-500")).rejects.toMatchObject({
      name: "InternalServerError",
      $metadata: { httpStatusCode: 500 },
    });
    inject({ service: "s3", error: "SlowDown" });
    const head = s3.send(new PutObjectCommand({ Bucket: assets, Key: "wire/503", Body: "x" }));
    await expect(head).rejects.toMatchObject({ name: "SlowDown", $metadata: { httpStatusCode: 503 } });
  });

  it("speaks the protocols of S3, SQS and SNS", async () => {
    inject({ service: "s3", error: "NoSuchKey" });
    const get = s3.send(new GetObjectCommand({ Bucket: assets, Key: "wire/none" }));
    await expect(get).rejects.toMatchObject({ name: "NoSuchKey", $metadata: { httpStatusCode: 404 } });

    const QueueUrl = `${wire.origins.sqs}/000000000000/any`;
    inject({ service: "sqs", operation: "SendMessage", error: "OverLimit" });
    const sqs = new SQSClient(optionsFor("sqs"));
    await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" }))).rejects.toMatchObject({
      name: "OverLimit",
    });
    sqs.destroy();

    inject({ service: "sns", operation: "Publish", error: "AuthorizationError" });
    const sns = new SNSClient(optionsFor("sns"));
    const publish = sns.send(new PublishCommand({ TopicArn: "arn:aws:sns:us-east-1:000000000000:any", Message: "x" }));
    await expect(publish).rejects.toMatchObject({ name: expect.stringMatching(/^AuthorizationError/) });
    sns.destroy();
  });

  it("makes the call and loses its answer, so that a repeat meets what the first has done", async () => {
    inject({ service: "dynamodb", operation: "PutItem", dropAnswer: true });
    await expect(put("wire-lost")).rejects.toThrow();
    expect(await exists("wire-lost")).toBe(true);

    inject({ service: "dynamodb", operation: "PutItem", dropAnswer: true });
    const persistent = new DynamoDBClient(optionsFor("dynamodb", 3));
    await expect(put("wire-lost-twice", persistent)).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
    persistent.destroy();
    expect(await exists("wire-lost-twice")).toBe(true);
  });

  it("loses the answer of an S3 write as well", async () => {
    const Key = "wire/lost";
    inject({ service: "s3", operation: "PutObject", dropAnswer: true });
    await expect(s3.send(new PutObjectCommand({ Bucket: assets, Key, Body: "x" }))).rejects.toThrow();
    await expect(s3.send(new HeadObjectCommand({ Bucket: assets, Key }))).resolves.toMatchObject({ ContentLength: 1 });
  });

  it("delays", async () => {
    inject({ service: "dynamodb", delayMs: 150 });
    const started = performance.now();
    await put("wire-slow");
    expect(performance.now() - started).toBeGreaterThanOrEqual(145);
  });

  it("hits the n-th call only, when it lets the first ones pass", async () => {
    inject({ service: "dynamodb", operation: "PutItem", skip: 2, error: "InternalServerError" });
    const outcomes = [];
    for (const id of ["wire-s1", "wire-s2", "wire-s3", "wire-s4"]) {
      outcomes.push(
        await put(id).then(
          () => "made",
          (error: Error) => error.name,
        ),
      );
    }
    expect(outcomes).toEqual(["made", "made", "InternalServerError", "made"]);
  });

  it("happens as often as it says while many call at once", async () => {
    inject({ service: "dynamodb", operation: "PutItem", times: 7, error: "InternalServerError" });
    const puts = Array.from({ length: 40 }, (_, i) => put(`wire-race-${i}`));
    const refused = (await Promise.allSettled(puts)).filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(7);
    expect(wire.calls.list({ operation: "PutItem" })).toHaveLength(40);
  });
});

it("answers for services that are not here, so that nothing leaves the machine", async () => {
  const answer = await fetch(wire.elsewhere, {
    method: "POST",
    headers: { "x-amz-target": "AmazonSSM.GetParameter" },
  });
  expect(await answer.json()).toMatchObject({ message: expect.stringContaining("AmazonSSM.GetParameter") });
});
