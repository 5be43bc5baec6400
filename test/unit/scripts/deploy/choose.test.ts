import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { chooseDeploy } from "../../../../scripts/choose-deploy/choose.ts";
import { readPackages } from "../../../../scripts/packages/package-service.ts";
import type { StackTemplate, TemplateResource } from "../../../../scripts/template/stack-template.ts";
import { AccountDouble, AwsRefusal } from "../../../support/account-double/server.ts";
import { runScript } from "../../../support/command.ts";

const LAYER = "arn:aws:lambda:us-east-1:123456789012:layer:enceladus-shared:7";
const NO_STACK = new AwsRefusal("ValidationError", "Stack with id enceladus-dev does not exist");

/** What a deploy at some time would send: each has its own places and its own versions. */
function template(time: string, more: Record<string, TemplateResource> = {}): StackTemplate {
  const version = `WorkLambdaVersion${time}`;
  const Role = { "Fn::GetAtt": ["WorkRole", "Arn"] };
  return {
    Resources: {
      WorkRole: { Type: "AWS::IAM::Role", Properties: { RoleName: "work" } },
      WorkLambdaFunction: {
        Type: "AWS::Lambda::Function",
        Properties: { Code: { S3Key: `${time}/work.zip` }, Timeout: 30, Role, Environment: { Variables: { A: "1" } } },
      },
      [version]: {
        Type: "AWS::Lambda::Version",
        Properties: { FunctionName: { Ref: "WorkLambdaFunction" }, CodeSha256: time },
      },
      SharedLambdaLayer: {
        Type: "AWS::Lambda::LayerVersion",
        Properties: { Content: { S3Key: `${time}/shared.zip` }, Description: "content sha256:1" },
      },
      ...more,
    },
    Outputs: {
      WorkLambdaFunctionQualifiedArn: { Value: { Ref: version } },
      SharedLambdaLayerS3Key: { Value: `${time}/shared.zip` },
      SharedLambdaLayerHash: { Value: time },
    },
  };
}

let folder: string;
let aws: AccountDouble;
let attached: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "enceladus-choose-"));
  aws = await AccountDouble.start();
  attached = [LAYER];
  aws.on("cloudformation:GetTemplate", () => ({ TemplateBody: JSON.stringify(template("monday")) }));
  aws.on("cloudformation:ListStackResources", () => {
    return { StackResourceSummaries: [{ LogicalResourceId: "SharedLambdaLayer", PhysicalResourceId: LAYER }] };
  });
  aws.on("lambda:GetFunctionConfiguration", () => ({ Layers: attached.map((Arn) => ({ Arn })) }));
  process.env.AWS_ENDPOINT_URL = aws.url;
  process.env.AWS_ACCESS_KEY_ID = "none";
  process.env.AWS_SECRET_ACCESS_KEY = "none";
  packaged(template("tuesday"));
});
afterEach(() => {
  aws.stop();
  rmSync(folder, { recursive: true, force: true });
  for (const name of ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) delete process.env[name];
});

function packaged(made: StackTemplate): void {
  const functions = {
    work: { name: "work-dev", handler: "functions/work/handler.handler", layers: [{}], events: [] },
    edge: { name: "edge-dev", handler: "functions/edge/handler.handler", layers: [], events: [{ cloudFront: {} }] },
  };
  writeFileSync(join(folder, "serverless-state.json"), JSON.stringify({ service: { provider: {}, functions } }));
  writeFileSync(join(folder, "cloudformation-template-update-stack.json"), JSON.stringify(made));
}

const choice = (key = "work") =>
  chooseDeploy(key, readPackages(folder), { region: "us-east-1", stackName: "enceladus-dev" });

/** The packaged template, with the properties of a resource changed. */
function changed(id: string, change: object): StackTemplate {
  const made = template("tuesday");
  const { Type = "", Properties = {} } = made.Resources[id] ?? {};
  return { ...made, Resources: { ...made.Resources, [id]: { Type, Properties: { ...Properties, ...change } } } };
}

describe("code alone", () => {
  it("is deployed where nothing else differs, wherever code and versions lie", async () => {
    expect(await choice()).toStrictEqual({ mode: "code", reasons: [] });
  });

  it.each<[string, string, object]>([
    ["a setting", "WorkLambdaFunction", { Timeout: 3 }],
    ["the environment", "WorkLambdaFunction", { Environment: { Variables: { A: "2" } } }],
    ["the role", "WorkRole", { Policies: [{}] }],
    ["the content of the layer", "SharedLambdaLayer", { Description: "content sha256:2" }],
  ])("is not where %s differs", async (_what, id, change) => {
    packaged(changed(id, change));
    expect(await choice()).toStrictEqual({ mode: "stack", reasons: [`${id} is declared otherwise`] });
  });

  it("is not where something is declared that is not deployed, or the other way round", async () => {
    packaged(template("tuesday", { Events: { Type: "AWS::Events::Rule" } }));
    expect(await choice()).toStrictEqual({ mode: "stack", reasons: ["Events is not deployed yet"] });
    const deployed = template("monday", { Queue: { Type: "AWS::SQS::Queue" } });
    aws.on("cloudformation:GetTemplate", () => ({ TemplateBody: JSON.stringify(deployed) }));
    packaged(template("tuesday"));
    expect(await choice()).toStrictEqual({ mode: "stack", reasons: ["Queue is deployed and no longer declared"] });
  });

  it("is not where an output differs", async () => {
    packaged({ ...template("tuesday"), Outputs: {} });
    const output = "the output WorkLambdaFunctionQualifiedArn is deployed and no longer declared";
    expect(await choice()).toStrictEqual({ mode: "stack", reasons: [output] });
  });

  it("is not onto a layer that somebody has attached by hand", async () => {
    attached = [LAYER.replace(":7", ":8")];
    expect(await choice()).toMatchObject({
      mode: "stack",
      reasons: [expect.stringContaining(":8, and the stack has")],
    });
  });

  it("is not for a function that is not there, or at the edge, or where there is no stack", async () => {
    aws.fail("lambda:GetFunctionConfiguration", new AwsRefusal("ResourceNotFoundException", "no", 404), { times: 1 });
    expect(await choice()).toStrictEqual({ mode: "stack", reasons: ["work-dev is not there"] });
    expect(await choice("edge")).toMatchObject({ mode: "stack" });
    aws.fail("cloudformation:GetTemplate", NO_STACK);
    expect(await choice()).toStrictEqual({ mode: "stack", reasons: ["enceladus-dev is not deployed"] });
  });

  it("is a question about a function that is declared, to an account that answers", async () => {
    await expect(choice("nothing")).rejects.toThrow("no function nothing");
    aws.fail("cloudformation:GetTemplate", new AwsRefusal("AccessDenied", "not authorized", 403));
    await expect(choice()).rejects.toThrow("not authorized");
  });
});

describe("npm run deploy:choose", () => {
  const run = (...more: string[]) =>
    runScript("deploy-choose", ["--function", "work", "--stage", "dev", "--package", folder, ...more]);

  it("prints the choice alone where a script reads it, and refuses where it is told to", async () => {
    packaged(changed("WorkRole", { Policies: [{}] }));
    expect(await run()).toStrictEqual({
      code: 0,
      output: "stack\n",
      errors: "More than code: WorkRole is declared otherwise.\n",
    });
    const { code, output, errors } = await run("--strict");
    expect({ code, output }).toStrictEqual({ code: 1, output: "" });
    expect(errors).toContain("cannot be deployed alone: npm run deploy -- --stage dev");
  });
});
