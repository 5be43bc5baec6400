import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { strToU8, zipSync } from "fflate";
import type { PackagedFunction } from "../../../../scripts/packages/package-service.ts";
import { verifyFunction } from "../../../../scripts/verify-live/verify.ts";
import { AccountDouble, AwsRefusal } from "../../../support/account-double/server.ts";

const LAYER = "arn:aws:lambda:us-east-1:123456789012:layer:enceladus-shared:7";
const ARN = "arn:aws:lambda:us-east-1:123456789012:function:devops-work";
const ZIP = zipSync({ "functions/work/handler.cjs": strToU8("exports.handler = 1;") });

let folder: string;
let aws: AccountDouble;
let api: Server;
let apiUrl: string;
let live: Record<string, unknown>;
/** What the API answers: to preflights, without a cookie, with one of nonsense. */
let statuses: { preflight: number; without: number; nonsense: number };
let called: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "enceladus-verify-"));
  writeFileSync(join(folder, "work.zip"), ZIP);
  live = {
    FunctionArn: ARN,
    State: "Active",
    LastUpdateStatus: "Successful",
    Runtime: "nodejs24.x",
    Architectures: ["arm64"],
    Handler: "functions/work/handler.handler",
    Layers: [{ Arn: LAYER }],
    CodeSha256: createHash("sha256").update(ZIP).digest("base64"),
  };
  aws = await AccountDouble.start();
  aws.on("lambda:GetFunctionConfiguration", () => live);
  aws.on("lambda:TagResource", () => ({}));
  statuses = { preflight: 204, without: 401, nonsense: 401 };
  called = [];
  api = createServer(({ method, url, headers: { cookie } }, response) => {
    called.push(`${method} ${url}`);
    const { preflight, without, nonsense } = statuses;
    response.writeHead(method === "OPTIONS" ? preflight : cookie ? nonsense : without).end();
  });
  api.listen(0, "127.0.0.1").unref();
  await once(api, "listening");
  apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  process.env.AWS_ENDPOINT_URL = aws.url;
  process.env.AWS_ACCESS_KEY_ID = "none";
  process.env.AWS_SECRET_ACCESS_KEY = "none";
});
afterEach(() => {
  aws.stop();
  api.close();
  api.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
  for (const name of ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) delete process.env[name];
});

const ROUTE = [{ httpApi: { method: "POST", path: "/api/v1/things/{thingId}" } }];

async function problems(changes: Partial<PackagedFunction> = {}, ids = new Map([["SharedLambdaLayer", LAYER]])) {
  const packaged: PackagedFunction = {
    key: "work",
    name: "devops-work",
    handler: "functions/work/handler.handler",
    zip: join(folder, "work.zip"),
    architecture: "arm64",
    hasLayer: true,
    events: ROUTE,
    isAtTheEdge: false,
    environment: {},
    ...changes,
  };
  const template = {
    Resources: { WorkLambdaFunction: { Type: "AWS::Lambda::Function", Properties: { Runtime: "nodejs24.x" } } },
  };
  const patience = { times: 3, ms: 1 };
  const stack = { region: "us-east-1", template, physicalIds: ids, apiUrl, commit: "0123abc", patience };
  const verdicts = await verifyFunction(packaged, stack);
  return verdicts.filter(({ problem }) => problem).map(({ what, problem }) => `${what}. ${problem}`);
}

const tags = () => aws.called("lambda:TagResource").map(({ input }) => input);

describe("a function that was just deployed", () => {
  it("is as it was packaged, refuses strangers, and is marked with commit and content", async () => {
    expect(await problems()).toStrictEqual([]);
    expect(called).toStrictEqual([
      "POST /api/v1/things/any-thingId",
      "POST /api/v1/things/any-thingId",
      "OPTIONS /api/v1/things/any-thingId",
    ]);
    const Tags = { "enceladus:commit": "0123abc", "enceladus:content-digest": expect.stringMatching(/^[0-9a-f]{64}$/) };
    expect(tags()).toMatchObject([{ Resource: ARN, Tags }]);
  });

  it("is waited for while it is being changed", async () => {
    const states = ["InProgress", "InProgress", "Successful"];
    aws.on("lambda:GetFunctionConfiguration", () => ({ ...live, LastUpdateStatus: states.shift() }));
    expect(await problems()).toStrictEqual([]);
  });

  it("is waited for no longer than so long", async () => {
    live.LastUpdateStatus = "InProgress";
    expect(await problems()).toStrictEqual([expect.stringContaining('last update. It should be "Successful"')]);
  });

  it.each<[string, object]>([
    ["its state", { State: "Failed" }],
    ["runtime", { Runtime: "nodejs22.x" }],
    ["architecture", { Architectures: ["x86_64"] }],
    ["handler", { Handler: "index.handler" }],
    ["layers", { Layers: [{ Arn: LAYER.replace(":7", ":6") }] }],
    ["the code that was sent", { CodeSha256: "other" }],
  ])("fails, and is not marked, for another value: %s", async (what, change) => {
    Object.assign(live, change);
    expect(await problems()).toStrictEqual([expect.stringContaining(`devops-work: ${what}. It should be`)]);
    expect(tags()).toStrictEqual([]);
  });

  it.each<[string, Partial<typeof statuses>]>([
    ["without a credential", { without: 200 }],
    ["with a cookie of nonsense", { nonsense: 500 }],
    ["as a preflight", { preflight: 404 }],
  ])("fails where it answers otherwise, called %s", async (how, answers) => {
    Object.assign(statuses, answers);
    expect(await problems()).toStrictEqual([expect.stringContaining(`called ${how}. `)]);
    expect(tags()).toStrictEqual([]);
  });

  it("is not called where nobody calls it, or a signature is asked for", async () => {
    const signed = [{ httpApi: { method: "POST", path: "/a", authorizer: { type: "aws_iam" } } }];
    expect(await problems({ events: [{ sqs: {} }] })).toStrictEqual([]);
    expect(await problems({ events: signed })).toStrictEqual([]);
    expect(called).toStrictEqual([]);
  });

  it("fails where nobody says which layer it should have, or what is live", async () => {
    expect(await problems({}, new Map())).toStrictEqual([expect.stringContaining("does not say which version")]);
    aws.fail("lambda:GetFunctionConfiguration", new AwsRefusal("ResourceNotFoundException", "no function", 404));
    expect(await problems()).toStrictEqual([expect.stringContaining("no function")]);
  });
});
