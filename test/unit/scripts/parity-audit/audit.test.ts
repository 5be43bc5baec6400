import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { strToU8, zipSync } from "fflate";
import { readPackages } from "../../../../scripts/packages/package-service.ts";
import { type Audit, audit } from "../../../../scripts/parity-audit/audit.ts";
import { verdictOf } from "../../../../scripts/parity-audit/verdict.ts";
import { AllowList } from "../../../../scripts/workflow-guard/allow-list.ts";
import { AuditedStage } from "../../../support/account-double/audited-stage.ts";
import { AwsRefusal } from "../../../support/account-double/server.ts";

const DENIED = new AwsRefusal("AccessDeniedException", "not authorized", 403);
const THROTTLED = new AwsRefusal("ThrottlingException", "slow down", 429);
const BROKEN = new AwsRefusal("ServiceException", "out of order", 500);

let folder: string;
let stage: AuditedStage;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "enceladus-audit-"));
  stage = await AuditedStage.start(join(folder, "packages"));
  process.env.AWS_ENDPOINT_URL = stage.aws.url;
  process.env.AWS_ACCESS_KEY_ID = "none";
  process.env.AWS_SECRET_ACCESS_KEY = "none";
});
afterEach(() => {
  stage.aws.stop();
  rmSync(folder, { recursive: true, force: true });
  for (const name of ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) delete process.env[name];
});

function audited(regions: [string, ...string[]] = ["us-east-1"], name = "prod"): Promise<Audit> {
  const packages = readPackages(stage.packages);
  const filter = /^(devops-|enceladus-)/;
  return audit({ stage: name, regions, filter, packages, allowed: new AllowList([]), folder });
}

const of = ({ report }: Audit, name: string) => report.results.find((found) => found.function_name === name);
const codes = (found: Audit) => [true, false].map((fail) => verdictOf(found.report, found.inventory, fail).code);

describe("a stage that is as it was packaged", () => {
  it("matches in code, layer and settings, though its archives were made at other times", async () => {
    const found = await audited();
    expect(found.report).toMatchObject({
      results: [
        {
          function_name: "devops-projects",
          region: "us-east-1",
          status: "MATCH",
          repo_digest: expect.stringMatching(/^[0-9a-f]{64}$/),
          live_code_sha256: stage.function("devops-projects").Configuration.CodeSha256,
          live_runtime: "nodejs24.x",
          live_commit_tag: "0123456789abcdef",
          config_status: "MATCH",
          config_differences: [],
          config_unknown: [],
        },
        { function_name: "devops-worker", status: "MATCH", config_status: "MATCH" },
      ],
      layers: [{ status: "MATCH" }],
      settings: [
        { kind: "queue", config_status: "MATCH" },
        { kind: "user_pool", config_status: "MATCH" },
        { kind: "user_pool_client", config_status: "MATCH" },
      ],
      unmanaged: [],
      stats: { MATCH: 2, DIFF: 0, ERROR: 0, CONFIG_DIFF: 0, UNMANAGED: 0 },
    });
    expect(of(found, "devops-projects")?.live_digest).toBe(of(found, "devops-projects")?.repo_digest);
    expect(codes(found)).toStrictEqual([0, 0]);
  });

  it("is listed page by page in every region, with what bears our names alone", async () => {
    const { inventory } = await audited(["us-east-1", "us-west-2"]);
    const named = (...names: string[]) => names.map((name) => ({ name, region: "us-east-1" }));
    const rules = ["default", "enceladus"].flatMap((bus) =>
      ["one", "three", "two"].map((rule) => ({ name: `enceladus-${bus}-${rule}`, region: "us-east-1" })),
    );
    expect(inventory).toMatchObject({
      regions: ["us-east-1", "us-west-2"],
      resources: {
        lambda: named("devops-projects", "devops-worker"),
        dynamodb: named("projects"),
        s3: [{ name: "enceladus-assets-1" }, { name: "enceladus-assets-2" }, { name: "enceladus-assets-3" }],
        sqs: named("enceladus-work", "enceladus-work-dev"),
        sns: named("enceladus-alerts"),
        eventbridge_rules: rules,
        pipes: [],
        http_apis: [
          { name: "enceladus", region: "us-east-1" },
          { name: "enceladus", region: "us-west-2" },
        ],
      },
      inventory_warnings: [],
      failures: [],
    });
  });
});

describe("code that is not what was packaged", () => {
  it("is a difference", async () => {
    stage.function("devops-worker").zip = zipSync({ "functions/worker/handler.cjs": strToU8("exports.handler = 0;") });
    const found = await audited();
    expect(of(found, "devops-worker")).toMatchObject({ status: "DIFF", config_status: "MATCH" });
    expect(of(found, "devops-projects")).toMatchObject({ status: "MATCH" });
    expect(codes(found)).toStrictEqual([2, 0]);
  });

  it("is a difference where a file came on top", async () => {
    const { "functions/worker/handler.cjs": handler = strToU8("") } = {
      "functions/worker/handler.cjs": strToU8('exports.handler = () => "devops-worker";'),
    };
    const files = { "functions/worker/handler.cjs": handler, "more.txt": strToU8("") };
    stage.function("devops-worker").zip = zipSync(files);
    expect(of(await audited(), "devops-worker")).toMatchObject({ status: "DIFF" });
  });

  it("is named for what it lacks: the handler that Lambda would look for", async () => {
    stage.function("devops-worker").zip = zipSync({ "index.js": strToU8("") });
    const found = await audited();
    expect(of(found, "devops-worker")).toMatchObject({ status: "MISSING_LIVE_ENTRY" });
    expect(codes(found)).toStrictEqual([2, 0]);
  });

  it("is named for what the repository lacks", async () => {
    rmSync(join(stage.packages, "worker.zip"));
    expect(of(await audited(), "devops-worker")).toMatchObject({ status: "MISSING_REPO_ENTRY", repo_digest: null });
  });

  it("is drift where it holds what no package may: code for another system", async () => {
    const elf = Buffer.from("7f454c460201010000000000000000000300b700", "hex");
    stage.function("devops-worker").zip = zipSync({ "addon.node": elf });
    const found = await audited();
    expect(of(found, "devops-worker")?.artifact_findings).toMatchObject([
      { code: "HANDLER_NOT_IN_ZIP" },
      { code: "NATIVE_IN_FUNCTION" },
    ]);
    expect(found.report.stats.ARTIFACT_FINDINGS).toBe(2);
  });

  it("is drift in the layer too", async () => {
    stage.live.layer = zipSync({ "nodejs/node_modules/shared/index.js": strToU8("exports.two = 2;") });
    const found = await audited();
    expect(found.report.layers).toMatchObject([{ status: "DIFF" }]);
    expect(codes(found)).toStrictEqual([2, 0]);
  });
});

describe("a function that is not live", () => {
  it("is missing, and its settings are unknown", async () => {
    stage.functions.delete("devops-worker");
    const found = await audited();
    expect(of(found, "devops-worker")).toMatchObject({ status: "MISSING_LIVE_FUNCTION", config_status: "UNKNOWN" });
    expect(of(found, "devops-projects")).toMatchObject({ status: "MATCH" });
    expect(codes(found)).toStrictEqual([2, 0]);
  });
});

describe("settings that are not as declared", () => {
  it("are told one by one, the values of the environment never", async () => {
    const { Configuration } = stage.function("devops-projects");
    const secret = "a-secret-put-there-by-hand";
    Object.assign(Configuration, { Timeout: 3, Runtime: "nodejs22.x", Role: "arn:aws:iam::123456789012:role/admin" });
    Configuration.Layers = [{ Arn: "arn:aws:lambda:us-east-1:123456789012:layer:enceladus-shared:6" }];
    Configuration.Environment = {
      Variables: { STAGE: secret, TABLE: "projects", COGNITO_CLIENT_ID: "client", MORE: secret },
    };
    const found = await audited();
    const different = of(found, "devops-projects");
    expect(different).toMatchObject({ status: "MATCH", config_status: "CONFIG_DIFF" });
    expect(different?.config_differences).toStrictEqual([
      { field: "runtime", expected: "nodejs24.x", live: "nodejs22.x" },
      { field: "timeout", expected: 30, live: 3 },
      {
        field: "role",
        expected: "arn:aws:iam::123456789012:role/devops-projects",
        live: "arn:aws:iam::123456789012:role/admin",
      },
      { field: "layers", expected: [expect.stringMatching(/:7$/)], live: [expect.stringMatching(/:6$/)] },
      { field: "environment.COGNITO_USER_POOL_ID", expected: "present", live: "absent" },
      { field: "environment.MORE", expected: "absent", live: "present" },
      { field: "environment.STAGE", live: "another value" },
    ]);
    expect(JSON.stringify(found)).not.toContain(secret);
    expect(codes(found)).toStrictEqual([2, 0]);
  });

  it("are those of what calls a function too: routes, queues, streams", async () => {
    stage.live.routes = [{ RouteKey: "GET /api/v1/projects", AuthorizationType: "AWS_IAM", Target: "integrations/i1" }];
    stage.live.mapping.BatchSize = 1;
    stage.live.mapping.State = "Disabled";
    const found = await audited();
    expect(of(found, "devops-projects")?.config_differences).toStrictEqual([
      {
        field: "routes",
        expected: ["GET /api/v1/projects (NONE)", "POST /api/v1/projects (NONE)"],
        live: ["GET /api/v1/projects (AWS_IAM)"],
      },
    ]);
    expect(of(found, "devops-worker")?.config_differences).toStrictEqual([
      { field: "event_source.BatchSize", expected: 10, live: 1 },
      { field: "event_source.Enabled", expected: true, live: false },
    ]);
  });

  it("are those of queues and of the sign-in too", async () => {
    stage.live.queue = { VisibilityTimeout: "30" };
    stage.live.adminsOnly = false;
    const { report } = await audited();
    expect(report.settings).toMatchObject([
      { name: "enceladus-work", config_differences: [{ field: "VisibilityTimeout", expected: "360", live: "30" }] },
      { kind: "user_pool", config_differences: [{ field: "AllowAdminCreateUserOnly", expected: true, live: false }] },
      { kind: "user_pool_client", config_status: "MATCH" },
    ]);
    expect(report.stats.CONFIG_DIFF).toBe(2);
  });

  it("are found where a queue is gone", async () => {
    stage.aws.fail("sqs:GetQueueAttributes", new AwsRefusal("AWS.SimpleQueueService.NonExistentQueue"));
    const { report } = await audited();
    expect(report.settings[0]).toMatchObject({ config_differences: [{ field: "existence", live: "absent" }] });
  });
});

describe("what is live and declared nowhere", () => {
  beforeEach(() => {
    const left = { ...stage.function("devops-worker") };
    stage.functions.set("devops-left-behind", left).set("somebody-elses", left);
    stage.live.queues.push("enceladus-work-old.fifo", "enceladus-work-dev.fifo");
    stage.live.tables.push("devops-tests");
    stage.live.routes.push({ RouteKey: "ANY /backdoor", AuthorizationType: "NONE", Target: "integrations/i1" });
  });

  it("is told if it bears one of our names, and is not of another stage", async () => {
    const found = await audited();
    expect(found.report.unmanaged).toStrictEqual([
      { kind: "function", name: "devops-left-behind", region: "us-east-1" },
      { kind: "queue", name: "enceladus-work-old.fifo", region: "us-east-1" },
      { kind: "table", name: "devops-tests", region: "us-east-1" },
      { kind: "route", name: "ANY /backdoor (NONE)", region: "us-east-1" },
    ]);
    expect(of(found, "devops-projects")).toMatchObject({ config_status: "MATCH" });
    expect(codes(found)).toStrictEqual([2, 0]);
  });

  it("is what has its ending, of a stage that has one", async () => {
    const { report } = await audited(["us-east-1"], "dev");
    const resources = report.unmanaged.filter(({ kind }) => kind !== "route");
    expect(resources.map(({ name }) => name)).toStrictEqual(["enceladus-work-dev", "enceladus-work-dev.fifo"]);
  });
});

describe("an account that does not answer", () => {
  it("one function's error leaves the others to be compared", async () => {
    stage.aws.fail("lambda:GetFunction", BROKEN, { match: "devops-worker" });
    const found = await audited();
    expect(of(found, "devops-worker")).toMatchObject({
      status: "ERROR",
      error: expect.stringContaining("out of order"),
    });
    expect(of(found, "devops-projects")).toMatchObject({ status: "MATCH" });
    expect(codes(found)).toStrictEqual([2, 0]);
  });

  it("is asked again where it is slowed down", async () => {
    stage.aws.fail("lambda:GetFunction", THROTTLED, { times: 1 });
    stage.aws.fail("lambda:ListFunctions", THROTTLED, { times: 1 });
    expect(codes(await audited())).toStrictEqual([0, 0]);
  });

  it("missing rights are warnings and no drift", async () => {
    stage.aws.fail("lambda:GetFunction", DENIED, { match: "devops-worker" });
    stage.aws.fail("lambda:ListEventSourceMappings", DENIED);
    stage.aws.fail("pipes:ListPipes", DENIED);
    stage.aws.fail("s3:ListBuckets", new AwsRefusal("AccessDenied", "not authorized", 403));
    const found = await audited();
    expect(of(found, "devops-worker")).toMatchObject({ status: "ACCESS_DENIED", config_status: "UNKNOWN" });
    expect(of(found, "devops-projects")).toMatchObject({ status: "MATCH", config_unknown: ["event_sources"] });
    expect(found.inventory.inventory_warnings).toMatchObject([
      { service: "s3", operation: "ListBuckets", error_code: "AccessDenied" },
      { service: "pipes", operation: "ListPipes", error_code: "AccessDeniedException", region: "us-east-1" },
    ]);
    expect(codes(found)).toStrictEqual([0, 0]);
  });

  it("an audit that could compare no function is not a good one, whatever is asked for", async () => {
    stage.aws.fail("lambda:GetFunction", DENIED);
    const found = await audited();
    expect(found.report.stats).toMatchObject({ ACCESS_DENIED: 2, MATCH: 0 });
    expect(codes(found)).toStrictEqual([2, 2]);
  });

  it("what only the stack knows is unknown where the stack may not be seen", async () => {
    stage.aws.fail("cloudformation:ListStackResources", DENIED);
    const found = await audited();
    expect(of(found, "devops-projects")).toMatchObject({
      config_status: "UNKNOWN",
      config_differences: [],
      config_unknown: expect.arrayContaining(["role", "layers", "environment.TABLE", "routes"]),
    });
    expect(codes(found)).toStrictEqual([0, 0]);
  });

  it("a list that fails for another reason fails the audit, and the rest is there", async () => {
    stage.aws.fail("sns:ListTopics", new AwsRefusal("InvalidParameter"));
    const found = await audited();
    expect(found.inventory.failures).toStrictEqual([expect.stringContaining("sns ListTopics in us-east-1")]);
    expect(found.inventory.resources.http_apis).toHaveLength(1);
    expect(codes(found)).toStrictEqual([1, 1]);
  });
});

describe("an API that somebody has removed", () => {
  it("is a function without its routes", async () => {
    stage.aws.fail("apigateway:GetIntegrations", new AwsRefusal("NotFoundException", "no API", 404));
    const found = await audited();
    expect(of(found, "devops-projects")?.config_differences).toMatchObject([{ field: "routes", live: [] }]);
    expect(codes(found)).toStrictEqual([2, 0]);
  });
});

describe("a stack that does not answer", () => {
  it("fails the audit, and what does not hang on it is compared", async () => {
    stage.aws.fail("cloudformation:ListStackResources", BROKEN);
    const found = await audited();
    expect(of(found, "devops-worker")).toMatchObject({ status: "MATCH", config_status: "UNKNOWN" });
    expect(found.inventory.failures).toStrictEqual([expect.stringContaining("ListStackResources in us-east-1")]);
    expect(codes(found)).toStrictEqual([1, 1]);
  });
});

describe("code is loaded", () => {
  it.each([
    ["over http from elsewhere", "http://example.com/code?signature=secret"],
    ["as a file", "file:///etc/passwd"],
  ])("never %s", async (_what, location) => {
    stage.function("devops-worker").location = location;
    const worker = of(await audited(), "devops-worker");
    expect(worker).toMatchObject({ status: "ERROR", error: expect.stringContaining("loaded over https") });
    expect(worker?.error).not.toContain("secret");
  });

  it("from where it was said to be, and from nowhere that leads on to", async () => {
    const { files } = stage.aws;
    stage.aws.files = (path) =>
      path === "/devops-worker" ? { status: 302, body: new Uint8Array(), location: "/devops-projects" } : files(path);
    expect(of(await audited(), "devops-worker")).toMatchObject({ status: "ERROR" });
  });

  it("again where it failed in passing", async () => {
    const { files } = stage.aws;
    let failures = 1;
    stage.aws.files = (path) => {
      failures -= 1;
      return failures >= 0 ? { status: 503, body: new Uint8Array() } : files(path);
    };
    expect(codes(await audited())).toStrictEqual([0, 0]);
  });
});
