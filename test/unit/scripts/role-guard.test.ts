import { describe, expect, it } from "@jest/globals";
import type { UsedPermission } from "../../../scripts/local/wire/used-permissions.ts";
import type { RoleFindingCode } from "../../../scripts/role-guard/compare.ts";
import { readConfig } from "../../../scripts/service/resolved-config.ts";
import { verifyRoles } from "../../../scripts/verify-roles.ts";

const TABLE = { "Fn::GetAtt": ["Table", "Arn"] };
const TABLE_ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/things-dev";
const GET: UsedPermission = { function: "one", action: "dynamodb:GetItem", resource: TABLE_ARN, context: {} };
const GRANT = { Effect: "Allow", Action: "dynamodb:GetItem", Resource: TABLE };

interface Case {
  statements?: readonly object[];
  used?: readonly Partial<UsedPermission>[];
  exceptions?: readonly object[];
  /** More of the function's declaration. */
  declared?: object;
}

/** One function, of the name `one`: each finding as `code: message`. */
function findings({ statements = [GRANT], used = [{}], exceptions = [], declared = {} }: Case): string[] {
  const config = readConfig(
    JSON.stringify({
      service: "enceladus",
      provider: { stage: "dev", region: "us-east-1" },
      functions: { one: { name: "one-dev", iamRoleStatements: statements, ...declared } },
      resources: {
        Resources: {
          Table: { Type: "AWS::DynamoDB::Table", Properties: { TableName: "things-dev" } },
          Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "files-dev" } },
          Failures: { Type: "AWS::SQS::Queue", Properties: { QueueName: "failures-dev" } },
        },
      },
    }),
  );
  const list = { permissions: used.map((permission) => ({ ...GET, ...permission })), complete: true };
  return verifyRoles(config, list, JSON.stringify(exceptions)).map(({ code, message }) => `${code}: ${message}`);
}

const EXCEPTION = { function: "one", action: "dynamodb:GetItem", resource: "Table.Arn", reason: "only in repairs" };
const code = (of: RoleFindingCode) => expect.stringMatching(new RegExp(`^${of}: `));

describe("the guard of roles", () => {
  it("finds nothing where all that is granted is used, and all that is used is granted", () => {
    expect(findings({})).toEqual([]);
  });

  it("reports what was used but is not granted: the action, the resource", () => {
    expect(findings({ used: [{}, { action: "dynamodb:PutItem" }] })).toEqual([
      `NOT_GRANTED: dynamodb:PutItem on ${TABLE_ARN}`,
    ]);
    expect(findings({ used: [{}, { resource: `${TABLE_ARN}/index/i` }] })).toEqual([code("NOT_GRANTED")]);
    expect(findings({ used: [{}, { function: "two" }] })).toEqual([code("NOT_GRANTED")]);
  });

  it("reports what is granted but was never used: each action on each resource by itself", () => {
    const statements = [
      { Effect: "Allow", Action: ["dynamodb:GetItem", "dynamodb:PutItem"], Resource: [TABLE, { Ref: "Bucket" }] },
    ];
    expect(findings({ statements })).toEqual([
      "NEVER_USED: dynamodb:GetItem on Bucket",
      "NEVER_USED: dynamodb:PutItem on Table.Arn",
      "NEVER_USED: dynamodb:PutItem on Bucket",
    ]);
  });

  it("takes a wildcard for every resource under it, and for no other", () => {
    const under = (key: string) => ({ action: "s3:GetObject", resource: `arn:aws:s3:::files-dev/${key}` });
    const statements = [
      { Effect: "Allow", Action: "s3:GetObject", Resource: { "Fn::Sub": "$" + "{Bucket.Arn}/docs/*" } },
    ];
    expect(findings({ statements, used: [under("docs/a/b.md")] })).toEqual([]);
    expect(findings({ statements, used: [under("docs/a.md"), under("other/a.md")] })).toEqual([
      "NOT_GRANTED: s3:GetObject on arn:aws:s3:::files-dev/other/a.md",
    ]);
    expect(findings({ statements, used: [under("docsX")] })).toEqual([code("NOT_GRANTED"), code("NEVER_USED")]);
  });

  it("lets a condition hold only if every value that was seen fits", () => {
    const Condition = { "ForAllValues:StringEquals": { "dynamodb:Attributes": ["id", "last_used_at"] } };
    const withAttributes = (...names: string[]) => [{ context: { "dynamodb:Attributes": names } }];
    const statements = [{ ...GRANT, Condition }];
    expect(findings({ statements, used: withAttributes("id", "last_used_at") })).toEqual([]);
    expect(findings({ statements, used: withAttributes("id", "scopes") })).toEqual([
      `NOT_GRANTED: dynamodb:GetItem on ${TABLE_ARN} with {"dynamodb:Attributes":["id","scopes"]}`,
      code("NEVER_USED"),
    ]);
  });

  it("lets a condition on an absent key hold only if it says IfExists", () => {
    const like = { "s3:prefix": ["docs/*"] };
    const ifExists = [{ ...GRANT, Condition: { StringLikeIfExists: like } }];
    const always = [{ ...GRANT, Condition: { StringLike: like } }];
    expect(findings({ statements: ifExists })).toEqual([]);
    expect(findings({ statements: always })).toEqual([code("NOT_GRANTED"), code("NEVER_USED")]);
    const used = [{ context: { "s3:prefix": ["docs/a"] } }];
    expect(findings({ statements: always, used })).toEqual([]);
  });

  it("counts what Lambda itself does in the function's role: it sends what has failed to a queue", () => {
    const arn = { "Fn::GetAtt": ["Failures", "Arn"] };
    const declared = { destinations: { onFailure: { type: "sqs", arn } } };
    const ofStream = { events: [{ stream: { type: "dynamodb", destinations: { onFailure: { type: "sqs", arn } } } }] };
    const statements = [GRANT, { Effect: "Allow", Action: "sqs:SendMessage", Resource: arn }];
    for (const part of [declared, ofStream]) {
      expect(findings({ statements, declared: part })).toEqual([]);
      expect(findings({ declared: part })).toEqual([
        "NOT_GRANTED: sqs:SendMessage on arn:aws:sqs:us-east-1:000000000000:failures-dev",
      ]);
    }
    expect(findings({ statements })).toEqual(["NEVER_USED: sqs:SendMessage on Failures.Arn"]);
  });
});

describe("the exceptions to the guard of roles", () => {
  const unused = [{ action: "dynamodb:PutItem" }];
  const statements = [GRANT, { ...GRANT, Action: "dynamodb:PutItem" }];

  it("stand for what the house gives to every function of a kind, where they name no function", () => {
    expect(findings({ statements, used: unused, exceptions: [{ ...EXCEPTION, function: "*" }] })).toEqual([]);
    expect(findings({ exceptions: [{ ...EXCEPTION, function: "*", action: "dynamodb:Scan" }] })).toEqual([
      code("IDLE_EXCEPTION"),
    ]);
  });

  it("let a grant be that no test uses", () => {
    expect(findings({ statements, used: unused })).toEqual(["NEVER_USED: dynamodb:GetItem on Table.Arn"]);
    expect(findings({ statements, used: unused, exceptions: [EXCEPTION] })).toEqual([]);
  });

  it("never let through what is used but not granted", () => {
    const exceptions = [{ ...EXCEPTION, action: "dynamodb:PutItem" }];
    expect(findings({ used: [{}, ...unused], exceptions })).toEqual(
      expect.arrayContaining([code("NOT_GRANTED"), code("IDLE_EXCEPTION")]),
    );
  });

  it("may be about a grant that is used at times", () => {
    expect(findings({ exceptions: [EXCEPTION] })).toEqual([]);
  });

  it("are reported when there is no such grant any more", () => {
    expect(findings({ exceptions: [{ ...EXCEPTION, action: "dynamodb:Scan" }] })).toEqual([
      "IDLE_EXCEPTION: dynamodb:Scan on Table.Arn is granted nowhere",
    ]);
  });

  it("need a reason", () => {
    expect(() => findings({ exceptions: [{ ...EXCEPTION, reason: " " }] })).toThrow("no reason");
  });
});

describe("a comparison that would prove nothing", () => {
  it.each<[string, Case, string]>([
    ["a run without a call", { used: [] }, "no permissions were used"],
    ["a statement that forbids", { statements: [{ ...GRANT, Effect: "Deny" }] }, "Effect Deny"],
    [
      "a statement by what it does not name",
      { statements: [{ Effect: "Allow", NotAction: "a:B", Resource: TABLE }] },
      "NotAction",
    ],
    ["an unknown condition", { statements: [{ ...GRANT, Condition: { Bool: { "aws:X": "true" } } }] }, "Bool"],
  ])("is refused: %s", (_what, broken, message) => {
    expect(() => findings(broken)).toThrow(message);
  });
});
