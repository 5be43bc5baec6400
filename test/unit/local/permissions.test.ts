import { describe, expect, it } from "@jest/globals";
import { type PermittedCall, permissionsOf } from "../../../scripts/local/wire/permissions.ts";
import { UsedPermissions } from "../../../scripts/local/wire/used-permissions.ts";

const REGION = "us-east-1";
const TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table";

/** `action resource` of everything that a call needs. */
function needed(service: PermittedCall["service"], operation: string, request: object, status = 200): string[] {
  return permissionsOf({ service, operation, request, status }, REGION).map(
    ({ action, resource }) => `${action} ${resource}`,
  );
}

describe("what a call of DynamoDB needs", () => {
  it("is its own action on the table, or on the index that is asked", () => {
    expect(needed("dynamodb", "GetItem", { TableName: "t" })).toEqual([`dynamodb:GetItem ${TABLE}/t`]);
    expect(needed("dynamodb", "Query", { TableName: "t", IndexName: "i" })).toEqual([
      `dynamodb:Query ${TABLE}/t/index/i`,
    ]);
  });

  it("is of a transaction what its parts need: it has no action of its own", () => {
    const TransactItems = [
      { Put: { TableName: "a" } },
      { Update: { TableName: "b", UpdateExpression: "SET x = :x" } },
      { Delete: { TableName: "c" } },
      { ConditionCheck: { TableName: "d" } },
    ];
    expect(needed("dynamodb", "TransactWriteItems", { TransactItems })).toEqual([
      `dynamodb:PutItem ${TABLE}/a`,
      `dynamodb:UpdateItem ${TABLE}/b`,
      `dynamodb:DeleteItem ${TABLE}/c`,
      `dynamodb:ConditionCheckItem ${TABLE}/d`,
    ]);
    const gets = { TransactItems: [{ Get: { TableName: "a" } }] };
    expect(needed("dynamodb", "TransactGetItems", gets)).toEqual([`dynamodb:GetItem ${TABLE}/a`]);
  });

  it("is of a batch the action on each of its tables", () => {
    expect(needed("dynamodb", "BatchGetItem", { RequestItems: { a: {}, b: {} } })).toEqual([
      `dynamodb:BatchGetItem ${TABLE}/a`,
      `dynamodb:BatchGetItem ${TABLE}/b`,
    ]);
  });

  it("has of an update every attribute at the top of the item that it names", () => {
    const request = {
      TableName: "t",
      Key: { id: { S: "1" } },
      UpdateExpression: "SET #used = if_not_exists(#used, :now), nested.inner = :x REMOVE old",
      ConditionExpression: "attribute_exists(id) AND begins_with(kind, :kind)",
      ExpressionAttributeNames: { "#used": "last_used_at" },
    };
    const [permission] = permissionsOf({ service: "dynamodb", operation: "UpdateItem", request, status: 200 }, REGION);
    expect(permission?.context?.["dynamodb:Attributes"]?.toSorted()).toEqual([
      "id",
      "kind",
      "last_used_at",
      "nested",
      "old",
    ]);
  });
});

describe("what a call of S3 needs", () => {
  const object = { bucket: "b", key: "docs/a.md" };

  it("is an action on the object, by the name that roles have for it", () => {
    expect(needed("s3", "PutObject", object)).toEqual(["s3:PutObject arn:aws:s3:::b/docs/a.md"]);
    expect(needed("s3", "HeadObject", object)).toEqual(["s3:GetObject arn:aws:s3:::b/docs/a.md"]);
    expect(needed("s3", "UploadPart", object)).toEqual(["s3:PutObject arn:aws:s3:::b/docs/a.md"]);
  });

  it("is the right to list too, where an object is not there: else AWS answers that it is forbidden", () => {
    expect(needed("s3", "GetObject", object, 404)).toEqual([
      "s3:GetObject arn:aws:s3:::b/docs/a.md",
      "s3:ListBucket arn:aws:s3:::b",
    ]);
  });

  it("is of a list the bucket, with the prefix", () => {
    const request = { bucket: "b", query: { prefix: "docs/" } };
    expect(permissionsOf({ service: "s3", operation: "ListObjectsV2", request, status: 200 }, REGION)).toEqual([
      { action: "s3:ListBucket", resource: "arn:aws:s3:::b", context: { "s3:prefix": ["docs/"] } },
    ]);
  });

  it("is of a copy both objects", () => {
    const request = { ...object, headers: { "x-amz-copy-source": "other/from%20here.md?versionId=1" } };
    expect(needed("s3", "CopyObject", request)).toEqual([
      "s3:GetObject arn:aws:s3:::other/from here.md",
      "s3:PutObject arn:aws:s3:::b/docs/a.md",
    ]);
  });
});

describe("what a call of the other services needs", () => {
  it.each<[PermittedCall["service"], string, object, string[]]>([
    [
      "sqs",
      "SendMessageBatch",
      { QueueUrl: "http://127.0.0.1:1/000000000000/q.fifo" },
      ["sqs:SendMessage arn:aws:sqs:us-east-1:000000000000:q.fifo"],
    ],
    [
      "sns",
      "Publish",
      { TopicArn: "arn:aws:sns:us-east-1:000000000000:t" },
      ["sns:Publish arn:aws:sns:us-east-1:000000000000:t"],
    ],
    [
      "eventbridge",
      "PutEvents",
      { Entries: [{ EventBusName: "b" }] },
      ["events:PutEvents arn:aws:events:us-east-1:000000000000:event-bus/b"],
    ],
    ["secretsmanager", "GetSecretValue", { SecretId: "arn:secret" }, ["secretsmanager:GetSecretValue arn:secret"]],
    [
      "codebuild",
      "BatchGetBuilds",
      { ids: ["p:1"] },
      ["codebuild:BatchGetBuilds arn:aws:codebuild:us-east-1:000000000000:project/p"],
    ],
    [
      "codebuild",
      "StartBuild",
      { projectName: "p" },
      ["codebuild:StartBuild arn:aws:codebuild:us-east-1:000000000000:project/p"],
    ],
    [
      "lambda",
      "Invoke",
      { FunctionName: "f" },
      ["lambda:InvokeFunction arn:aws:lambda:us-east-1:000000000000:function:f"],
    ],
    ["cognito", "InitiateAuth", {}, []],
  ])("of %s, %s", (service, operation, request, expected) => {
    expect(needed(service, operation, request)).toEqual(expected);
  });
});

describe("the permissions that were used", () => {
  const get = (functionKey: string | undefined, TableName: string) => ({
    service: "dynamodb" as const,
    operation: "GetItem",
    request: { TableName },
    status: 200,
    function: functionKey,
  });

  it("are kept once each, with every value that a condition could look at", () => {
    const used = new UsedPermissions(REGION);
    const list = (prefix: string) => ({
      service: "s3" as const,
      operation: "ListObjectsV2",
      request: { bucket: "b", query: { prefix } },
      status: 200,
      function: "one",
    });
    for (const call of [list("a/"), list("b/"), list("a/"), get("two", "t"), get("two", "t")]) used.add(call);
    expect(used.list()).toEqual({
      complete: true,
      permissions: [
        {
          function: "one",
          action: "s3:ListBucket",
          resource: "arn:aws:s3:::b",
          context: { "s3:prefix": ["a/", "b/"] },
        },
        { function: "two", action: "dynamodb:GetItem", resource: `${TABLE}/t`, context: {} },
      ],
    });
  });

  it("are those of functions alone", () => {
    const used = new UsedPermissions(REGION);
    used.add(get(undefined, "t"));
    expect(used.list().permissions).toEqual([]);
  });

  it("say so when there were more than are kept", () => {
    const used = new UsedPermissions(REGION, 1);
    used.add(get("one", "a"));
    used.add(get("one", "a"));
    expect(used.list()).toMatchObject({ complete: true });
    used.add(get("one", "b"));
    expect(used.list()).toMatchObject({ complete: false, permissions: [{ resource: `${TABLE}/a` }] });
  });
});
