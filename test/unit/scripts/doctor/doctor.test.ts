import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { examine } from "../../../../scripts/doctor/examine.ts";
import { table } from "../../../../scripts/doctor/table.ts";
import type { ResolvedConfig } from "../../../../scripts/service/resolved-config.ts";
import { AccountDouble, AwsRefusal } from "../../../support/account-double/server.ts";

const TOPIC = "arn:aws:sns:us-east-1:123456789012:enceladus-alerts";
const CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1";
const DOMAIN = ["appDomain=app.example.com", `certificateArn=${CERTIFICATE}`];
const IN_A_YEAR = Date.now() / 1000 + 365 * 86_400;
const CONFIG: ResolvedConfig = {
  provider: {},
  functions: { publisher: { reservedConcurrency: 1 }, work: {} },
  params: {
    default: {
      suffix: "-dev",
      retain: "Delete",
      protected: false,
      deletionProtection: "INACTIVE",
      uiBuilderProject: "builder",
    },
  },
  resources: {
    Resources: {
      Key: { Type: "AWS::SecretsManager::Secret", Properties: { Name: "enceladus/internal-key" } },
      Table: { Type: "AWS::DynamoDB::Table", Properties: { TableName: "projects" } },
      Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "assets" } },
    },
  },
};

let aws: AccountDouble;

beforeEach(async () => {
  aws = await AccountDouble.start();
  process.env.AWS_ENDPOINT_URL = aws.url;
  process.env.AWS_ACCESS_KEY_ID = "none";
  process.env.AWS_SECRET_ACCESS_KEY = "none";
  const output = ([OutputKey, OutputValue]: readonly [string, string]) => ({ OutputKey, OutputValue });
  const Outputs = [["UserPoolId", "us-east-1_pool"] as const, ["AlertsTopicArn", TOPIC] as const].map(output);
  aws.on("sts:GetCallerIdentity", () => ({ Account: "123456789012", Arn: "arn:aws:iam::123456789012:user/ada" }));
  aws.on("cloudformation:DescribeStacks", () => ({
    Stacks: [{ StackName: "s", StackStatus: "UPDATE_COMPLETE", Outputs }],
  }));
  aws.on("cognito-idp:DescribeUserPool", () => pool(true));
  aws.on("secretsmanager:DescribeSecret", () => ({ Name: "enceladus/internal-key" }));
  aws.on("sns:ListSubscriptionsByTopic", () => ({ Subscriptions: [{ SubscriptionArn: `${TOPIC}:1` }] }));
  aws.on("lambda:GetAccountSettings", () => limit(1000));
  aws.on("servicequotas:GetServiceQuota", () => ({ Quota: { Value: 100 } }));
  aws.on("codebuild:BatchGetProjects", () => ({ projects: [{ name: "builder" }] }));
  aws.on("acm:DescribeCertificate", () => issued({}));
});
afterEach(() => {
  aws.stop();
  for (const name of ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) delete process.env[name];
});

const pool = (AllowAdminCreateUserOnly: boolean) => ({
  UserPool: { AdminCreateUserConfig: { AllowAdminCreateUserOnly } },
});
const limit = (ConcurrentExecutions: number) => {
  return { AccountLimit: { ConcurrentExecutions, UnreservedConcurrentExecutions: ConcurrentExecutions } };
};
const issued = (more: object) => {
  return { Certificate: { Status: "ISSUED", DomainName: "*.example.com", NotAfter: IN_A_YEAR, ...more } };
};

const checks = (params: readonly string[] = [], region = "us-east-1") =>
  examine({ stage: "dev", region, params }, CONFIG);
const troubles = async (params?: readonly string[]) => (await checks(params)).filter(({ status }) => status !== "ok");

describe("a stage that is well", () => {
  it("has all that is looked at in order", async () => {
    const found = await checks(DOMAIN);
    expect(found.map(({ what, status }) => `${what}: ${status}`)).toStrictEqual([
      "account: ok",
      "region: ok",
      "parameters: ok",
      "stack: ok",
      "user pool: ok",
      "secret enceladus/internal-key: ok",
      "alerts: ok",
      "quota: invocations: ok",
      "quota: tables: ok",
      "quota: buckets: ok",
      "builder of user interfaces: ok",
      "certificate: ok",
    ]);
  });

  it("is never asked for a secret's value", async () => {
    await checks();
    const asked = aws.calls.filter(({ service }) => service === "secretsmanager");
    expect(asked.map(({ name }) => name)).toStrictEqual(["secretsmanager:DescribeSecret"]);
  });
});

describe("a stage that is not deployed", () => {
  beforeEach(() => {
    aws.fail("cloudformation:DescribeStacks", new AwsRefusal("ValidationError", "Stack with id s does not exist"));
  });

  it("has no problem, is told how to be, and what does not hang on it is looked at", async () => {
    const found = await checks();
    const waiting = found.filter(({ status }) => status === "not_deployed");
    expect(waiting.map(({ what }) => what)).toStrictEqual([
      "stack",
      "user pool",
      "secret enceladus/internal-key",
      "alerts",
    ]);
    expect(waiting[0]?.detail).toBe("not deployed yet: npm run deploy -- --stage dev");
    expect(found.filter(({ status }) => status === "problem")).toStrictEqual([]);
    expect(found.at(-1)).toMatchObject({ what: "builder of user interfaces", status: "ok" });
  });
});

describe("a problem", () => {
  it.each<[string, string, () => unknown, RegExp, RegExp]>([
    [
      "a stack half rolled back",
      "cloudformation:DescribeStacks",
      () => ({ Stacks: [{ StackName: "s", StackStatus: "UPDATE_ROLLBACK_FAILED" }] }),
      /UPDATE_ROLLBACK_FAILED/,
      /deploy again/,
    ],
    [
      "a user pool open to all",
      "cognito-idp:DescribeUserPool",
      () => pool(false),
      /anybody may sign up/,
      /deploy the stack/,
    ],
    [
      "a secret that is to be deleted",
      "secretsmanager:DescribeSecret",
      () => ({ DeletedDate: 1 }),
      /to be deleted/,
      /restore-secret/,
    ],
    [
      "alarms that nobody hears",
      "sns:ListSubscriptionsByTopic",
      () => ({ Subscriptions: [] }),
      /nobody hears/,
      /aws sns subscribe --topic-arn arn:aws:sns/,
    ],
    [
      "a subscription that waits",
      "sns:ListSubscriptionsByTopic",
      () => ({ Subscriptions: [{ SubscriptionArn: "PendingConfirmation" }] }),
      /nobody has confirmed/,
      /mail/,
    ],
    [
      "a new account's ten invocations",
      "lambda:GetAccountSettings",
      () => limit(10),
      /^10 invocations at once/,
      /quota-code L-B99A9384 --desired-value 1000/,
    ],
    [
      "too few tables or buckets",
      "servicequotas:GetServiceQuota",
      () => ({ Quota: { Value: 0 } }),
      /^0 in the account/,
      /quota-code L-/,
    ],
    [
      "a builder that is not there",
      "codebuild:BatchGetProjects",
      () => ({ projects: [] }),
      /no project builder/,
      /docs\/deployments.md/,
    ],
    [
      "a certificate that nobody validated",
      "acm:DescribeCertificate",
      () => issued({ Status: "PENDING_VALIDATION" }),
      /PENDING_VALIDATION/,
      /validated/,
    ],
    [
      "a certificate for something else",
      "acm:DescribeCertificate",
      () => issued({ DomainName: "*.app.example.com" }),
      /not for app.example.com/,
      /Request one/,
    ],
    [
      "a certificate that ends",
      "acm:DescribeCertificate",
      () => issued({ NotAfter: Date.now() / 1000 + 86_500 }),
      /ends in 1 days/,
      /Renew/,
    ],
  ])("is said with what to do: %s", async (_what, operation, answer, detail, fix) => {
    aws.on(operation, answer);
    const found = (await checks(DOMAIN)).filter(({ status }) => status === "problem");
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toMatchObject({ detail: expect.stringMatching(detail), fix: expect.stringMatching(fix) });
  });

  it("is a secret that somebody has removed", async () => {
    aws.fail("secretsmanager:DescribeSecret", new AwsRefusal("ResourceNotFoundException", "no secret"));
    expect(await troubles()).toMatchObject([{ what: "secret enceladus/internal-key", status: "problem" }]);
  });

  it("is each parameter that cannot be", async () => {
    expect(await troubles(["alarms=maybe", "minComplianceScore=300"])).toMatchObject([
      { what: "parameters", detail: expect.stringContaining("alarms must be") },
      { what: "parameters", detail: expect.stringContaining("minComplianceScore must be") },
    ]);
  });

  it("is credentials that are none, before anything else is asked", async () => {
    aws.fail("sts:GetCallerIdentity", new AwsRefusal("InvalidClientTokenId", "no", 403));
    expect(await troubles()).toMatchObject([{ what: "account", fix: expect.stringContaining("aws sso login") }]);
    expect(aws.calls.map(({ name }) => name)).toStrictEqual(["sts:GetCallerIdentity"]);
  });
});

describe("what may not be asked", () => {
  it("is unknown, and the rest is asked", async () => {
    const denied = new AwsRefusal("AccessDeniedException", "not authorized", 403);
    aws.fail("servicequotas:GetServiceQuota", denied);
    aws.fail("codebuild:BatchGetProjects", denied);
    const found = await troubles();
    expect(found.map(({ what, status }) => `${what}: ${status}`)).toStrictEqual([
      "quota: tables: unknown",
      "quota: buckets: unknown",
      "builder of user interfaces: unknown",
    ]);
  });

  it("is a quota of the account's own, where what everybody has is enough", async () => {
    aws.fail("servicequotas:GetServiceQuota", new AwsRefusal("NoSuchResourceException"));
    aws.on("servicequotas:GetAWSDefaultServiceQuota", () => ({ Quota: { Value: 2500 } }));
    expect(await troubles()).toStrictEqual([]);
  });
});

describe("the table", () => {
  it("says what to do below what is wrong", () => {
    const text = table([
      { what: "account", status: "ok", detail: "1" },
      { what: "alerts", status: "problem", detail: "nobody hears", fix: "subscribe" },
    ]);
    expect(text).toBe("ok       account  1\nPROBLEM  alerts   nobody hears\n                  -> subscribe");
  });
});
