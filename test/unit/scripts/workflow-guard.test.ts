import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { verifyWorkflowCoverage } from "../../../scripts/verify-workflow-coverage.ts";
import type { FindingCode } from "../../../scripts/workflow-guard/finding.ts";
import { deployMode } from "../../../scripts/workflow-guard/workflows.ts";
import { workflowText } from "../../../scripts/workflow-text/function-workflow.ts";
import { GuardedRepository } from "../../support/guarded-repository.ts";

const COMMAND = resolve(import.meta.dirname, "../../../scripts/verify-workflow-coverage.ts");
const WORKFLOW = ".github/workflows/lambda-one-deploy.yml";

let repository: GuardedRepository;

beforeEach(() => {
  repository = new GuardedRepository();
});
afterEach(() => repository.dispose());

const STATEMENT = { Effect: "Allow", Action: ["dynamodb:GetItem"], Resource: { Ref: "Table" } };

function grant(statement: Record<string, unknown>): (broken: GuardedRepository) => void {
  return ({ functions }) => {
    if (functions.one) functions.one.iamRoleStatements = [{ ...STATEMENT, ...statement }];
  };
}

function declare(changes: Record<string, unknown>): (broken: GuardedRepository) => void {
  return ({ functions }) => void Object.assign(functions.one ?? {}, changes);
}

function editWorkflow(change: (text: string) => string): (broken: GuardedRepository) => void {
  return (broken) => broken.edit(WORKFLOW, change);
}

/** A queue that the function reads, which may take 20 seconds. */
function readQueue(VisibilityTimeout: number | undefined): (broken: GuardedRepository) => void {
  return (broken) => {
    const Queue = { Type: "AWS::SQS::Queue", Properties: { VisibilityTimeout } };
    Object.assign(broken.config, { resources: { Resources: { Queue } } });
    declare({ timeout: 20, events: [{ sqs: { arn: { "Fn::GetAtt": ["Queue", "Arn"] } } }] })(broken);
  };
}

/** What a function has that goes without the layer: the middleware is a part of its bundle. */
function bundleMiddleware(broken: GuardedRepository): void {
  broken.write("middleware/http-function.ts", "export const httpFunction = (operations: unknown[]) => operations;\n");
  broken.edit("functions/one/handler.ts", (text) =>
    text.replace("@enceladus/middleware/http-function", "../../middleware/http-function.ts"),
  );
  broken.edit(WORKFLOW, (text) =>
    text.replace("      - domain/things/**\n", "      - domain/things/**\n      - middleware/**\n"),
  );
}

type Breakage = [code: FindingCode, what: string, break_: (broken: GuardedRepository) => void, about?: string | null];

/** What is wrong, one thing at a time, and the one code that must be reported for it. */
const BREAKAGES: readonly Breakage[] = [
  ["MISSING_MANIFEST_ENTRY", "a function that is not listed", ({ manifest }) => void manifest.shift()],
  ["EXTRA_MANIFEST_ENTRY", "an entry of no function", ({ functions }) => void delete functions.one],
  [
    "DUPLICATE_ENTRY",
    "two entries with one workflow",
    ({ manifest }) => Object.assign(manifest[1] ?? {}, { workflow_file: WORKFLOW }),
    "devops-two",
  ],
  [
    "DUPLICATE_ENTRY",
    "two entries of one function",
    ({ manifest }) => void manifest.push({ ...manifest[0] } as (typeof manifest)[0]),
  ],
  ["BAD_ENTRY", "an entry without a field", ({ manifest }) => Object.assign(manifest[0] ?? {}, { lambda_dir: "" })],
  [
    "BAD_ENTRY",
    "a key that is another function's",
    ({ manifest }) => Object.assign(manifest[0] ?? {}, { function_key: "two" }),
  ],
  [
    "NAME_NOT_EXPLICIT",
    "a name that is made at deploy time",
    declare({ name: { "Fn::Sub": "x-$" + "{AWS::Region}" } }),
    null,
  ],
  ["NAME_NOT_EXPLICIT", "a name with a variable left in it", declare({ name: "one-$" + "{x}" }), "one-$" + "{x}"],
  [
    "LAMBDA_DIR_MISSING",
    "a folder that is not there",
    ({ manifest }) => Object.assign(manifest[0] ?? {}, { lambda_dir: "functions/gone" }),
  ],
  ["HANDLER_MISSING", "a handler that is not there", declare({ handler: "functions/one/other.handler" })],
  ["HANDLER_MISSING", "a handler in another folder", declare({ handler: "functions/two/handler.handler" })],
  [
    "ORPHAN_FUNCTION_DIR",
    "a folder of no function",
    (broken) => broken.write("functions/three/handler.ts", "export {};"),
    null,
  ],
  ["WORKFLOW_MISSING", "no workflow", (broken) => broken.remove(WORKFLOW)],
  ["WORKFLOW_MISSING", "a workflow that is no YAML", editWorkflow(() => "on: [unclosed")],
  [
    "WORKFLOW_NAME_MISMATCH",
    "a workflow of another function",
    editWorkflow((text) => text.replace("function_name: devops-one", "function_name: devops-two")),
  ],
  [
    "WORKFLOW_NAME_MISMATCH",
    "a name that only begins like it",
    editWorkflow((text) => text.replace("function_name: devops-one", "function_name: devops-one-old")),
  ],
  [
    "WORKFLOW_NAME_MISMATCH",
    "a name in a comment",
    editWorkflow((text) => text.replace("function_name: devops-one", "# function_name: devops-one")),
  ],
  [
    "WORKFLOW_NAME_MISMATCH",
    "another key",
    editWorkflow((text) => text.replace("function_key: one", "function_key: two")),
  ],
  [
    "WORKFLOW_PATHS_INCOMPLETE",
    "no push to main",
    editWorkflow((text) => text.replace("branches: [main]", "branches: [develop]")),
  ],
  [
    "WORKFLOW_PATHS_INCOMPLETE",
    "its own folder left out",
    editWorkflow((text) => text.replace("      - functions/one/**\n", "")),
  ],
  ["WORKFLOW_PATHS_INCOMPLETE", "itself left out", editWorkflow((text) => text.replace(`      - ${WORKFLOW}\n`, ""))],
  [
    "WORKFLOW_PATHS_INCOMPLETE",
    "a folder left out that is bundled in",
    editWorkflow((text) => text.replace("      - domain/things/**\n", "")),
  ],
  [
    "WORKFLOW_PATHS_INCOMPLETE",
    "no way to start it by hand",
    editWorkflow((text) => text.replace(/ {2}workflow_dispatch:[\s\S]*?\n\n/, "\n")),
  ],
  [
    "ORPHAN_WORKFLOW",
    "a workflow of no function",
    (broken) => broken.write(".github/workflows/lambda-three-deploy.yml", "on: push\n"),
    null,
  ],
  ["NOT_INDIVIDUAL", "one package for all", ({ config }) => Object.assign(config, { package: {} }), null],
  ["NOT_INDIVIDUAL", "one function that opts out", declare({ package: { individually: false } })],
  ["ROLE_MISSING", "no role", declare({ iamRoleStatements: undefined })],
  [
    "ROLE_SHARED",
    "the role of another function",
    ({ functions }) => Object.assign(functions.two ?? {}, { iamRoleStatementsName: "devops-one" }),
    "devops-two",
  ],
  ["ROLE_SHARED", "the statements of all functions inherited", declare({ iamRoleStatementsInherit: true })],
  ["ROLE_WILDCARD", "every action", grant({ Action: "*" })],
  ["ROLE_WILDCARD", "every action of a service", grant({ Action: ["dynamodb:*"] })],
  ["ROLE_WILDCARD", "every action of a kind", grant({ Action: ["dynamodb:*Item"] })],
  ["ROLE_WILDCARD", "every resource", grant({ Resource: "*" })],
  ["ROLE_WILDCARD", "every resource, in a list", grant({ Resource: [{ Ref: "Table" }, "*"] })],
  ["ROLE_WILDCARD", "every resource, by a function of the template", grant({ Resource: { "Fn::Sub": "*" } })],
  ["ROLE_WILDCARD", "everything but some", grant({ Action: undefined, NotAction: ["iam:PassRole"] })],
  [
    "ROLE_WILDCARD",
    "a wildcard in the role of all",
    ({ config }) => Object.assign(config.provider, { iam: { role: { statements: [{ ...STATEMENT, Action: "*" }] } } }),
    null,
  ],
  ["LAYER_MISSING", "no layer", declare({ layers: [] })],
  ["LAYER_MISSING", "another layer alone", declare({ layers: [{ Ref: "OtherLambdaLayer" }] })],
  ["ARCH_MISMATCH", "another architecture than the layer's", declare({ architecture: "x86_64" })],
  ["RUNTIME_UNSUPPORTED", "a runtime past its end", declare({ runtime: "nodejs20.x" })],
  [
    "AUTH_MIDDLEWARE_MISSING",
    "a function behind the gateway without the shared middleware",
    (broken) => broken.write("functions/one/handler.ts", "export const handler = async () => 1;\n"),
  ],
  [
    "AUTH_MIDDLEWARE_MISSING",
    "another module of the middleware alone",
    (broken) => broken.edit("functions/one/handler.ts", (text) => text.replace("/http-function", "/http-event")),
  ],
  [
    "AUTH_MIDDLEWARE_MISSING",
    "a function that reads the cookie by itself",
    (broken) => broken.write("functions/one/cookie.ts", 'export const NAME = "enceladus_id_token";\n'),
  ],
  [
    "AUTH_MIDDLEWARE_MISSING",
    "a rule of the domain that knows the cookie",
    (broken) => broken.write("domain/things/cookie.ts", 'export const NAME = "enceladus_id_token";\n'),
    null,
  ],
  ["TIMEOUT_MISMATCH", "a queue that hands messages out again too soon", readQueue(19)],
  ["TIMEOUT_MISMATCH", "a function of the gateway that may answer too late", declare({ timeout: 31 })],
  [
    "TIMEOUT_MISMATCH",
    "the timeout of all functions, which is too long",
    ({ config }) => Object.assign(config.provider, { timeout: 60 }),
  ],
  [
    "DEPLOY_SCRIPT_MISSING",
    "a deploy script that is not there",
    ({ manifest }) => Object.assign(manifest[0] ?? {}, { deploy_script: "scripts/gone.ts" }),
  ],
  [
    "DEPLOY_SCRIPT_MISSING",
    "a script that changes a function by hand",
    (broken) => broken.write("scripts/fix.sh", "aws lambda update-function-" + "configuration --timeout 9\n"),
    null,
  ],
  [
    "DEPLOY_SCRIPT_MISSING",
    "a script that does so with the SDK",
    (broken) => broken.write("scripts/deep/fix.ts", "new PutRolePolicy" + "Command({});\n"),
    null,
  ],
  [
    "DEPLOY_SCRIPT_MISSING",
    "a workflow that adds a route",
    (broken) => broken.write(".github/workflows/other.yml", "run: aws apigatewayv2 create-" + "route\n"),
    null,
  ],
  ["LITERAL_SECRET", "an access key", declare({ environment: { SETTING: "AKIA" + "ABCDEFGHIJKLMNOP" } })],
  ["LITERAL_SECRET", "a private key", declare({ environment: { SETTING: "-----BEGIN RSA " + "PRIVATE KEY-----" } })],
  [
    "LITERAL_SECRET",
    "a secret by the name of its setting",
    declare({ environment: { OPENAI_API_KEY: "0123456789abcdef" } }),
  ],
  [
    "LITERAL_SECRET",
    "a secret for all functions",
    ({ config }) => Object.assign(config.provider, { environment: { TOKEN: "gh" + "p_0123456789" } }),
    null,
  ],
];

describe("the coverage guard", () => {
  it("finds nothing in a repository that is as it should be", async () => {
    expect(await repository.guard()).toStrictEqual({ ok: true, production_count: 2, errors: [] });
  });

  it.each(BREAKAGES)("reports %s: %s", async (code, _what, break_, about = "devops-one") => {
    break_(repository);
    const { ok, errors } = await repository.guard();
    expect(ok).toBe(false);
    expect(errors).toContainEqual({ code, function_name: about, message: expect.stringMatching(/./) });
  });

  it("reports everything it finds", async () => {
    repository.remove(WORKFLOW);
    declare({ layers: [], runtime: "nodejs20.x" })(repository);
    const codes = (await repository.guard()).errors.map(({ code }) => code);
    expect(codes.sort()).toStrictEqual(["LAYER_MISSING", "RUNTIME_UNSUPPORTED", "WORKFLOW_MISSING"]);
  });

  it("never shows a secret that it finds", async () => {
    declare({ environment: { OPENAI_API_KEY: "0123456789abcdef" } })(repository);
    expect(JSON.stringify(await repository.guard())).not.toContain("0123456789abcdef");
  });

  it("takes a workflow that names its function by DEPLOY_FUNCTION_NAME", async () => {
    const job = "  deploy:\n    env: { DEPLOY_FUNCTION_NAME: devops-one }\n    steps: []\n";
    repository.edit(WORKFLOW, (text) => text.replace(/jobs:\n[\s\S]*$/, `jobs:\n${job}`));
    expect((await repository.guard()).errors).toStrictEqual([]);
    repository.edit(WORKFLOW, (text) => text.replace("devops-one }", "devops-one-too }"));
    expect((await repository.guard()).errors).toMatchObject([{ code: "WORKFLOW_NAME_MISMATCH" }]);
  });

  it("takes a workflow_dispatch without inputs", async () => {
    repository.edit(WORKFLOW, (text) => text.replace(/ {2}workflow_dispatch:[\s\S]*?\n\n/, "  workflow_dispatch:\n\n"));
    expect((await repository.guard()).errors).toStrictEqual([]);
  });

  it("lets through what the allow-list names, with a reason, and nothing else", async () => {
    grant({ Action: ["xray:PutTraceSegments"], Resource: "*" })(repository);
    const exception = { rule: "ROLE_WILDCARD", function_name: null, reason: "takes no resource" } as const;
    repository.allowList.push({ ...exception, value: "xray:PutTraceSegments" });
    expect((await repository.guard()).errors).toStrictEqual([]);
    grant({ Action: ["xray:PutTraceSegments", "s3:GetObject"], Resource: "*" })(repository);
    expect((await repository.guard()).errors).toMatchObject([
      { code: "ROLE_WILDCARD", message: expect.stringContaining("s3:GetObject") },
    ]);
  });

  it("expects no layer, and no architecture of the layer, of a function that is allowed to go without", async () => {
    repository.allowList.push({
      rule: "LAYER_MISSING",
      function_name: "devops-one",
      value: null,
      reason: "at the edge",
    });
    declare({ layers: [], architecture: "x86_64" })(repository);
    bundleMiddleware(repository);
    expect((await repository.guard()).errors).toStrictEqual([]);
    repository.edit("functions/one/handler.ts", (text) => text.replace("http-function", "http-event"));
    repository.write(
      "middleware/http-event.ts",
      "export const httpFunction = (operations: unknown[]) => operations;\n",
    );
    expect((await repository.guard()).errors).toMatchObject([{ code: "AUTH_MIDDLEWARE_MISSING" }]);
  });

  it("lets a queue pass that waits long enough, but warns below six times the function's timeout", async () => {
    readQueue(undefined)(repository);
    const report = await repository.guard();
    expect(report).toMatchObject({ ok: true, errors: [] });
    expect(report.warnings).toEqual([
      { code: "TIMEOUT_MISMATCH", function_name: "devops-one", message: expect.stringContaining("Queue waits 30 s") },
    ]);
    readQueue(120)(repository);
    expect((await repository.guard()).warnings).toBeUndefined();
  });

  it("lets a function take its time that is not called by the gateway alone", async () => {
    declare({ timeout: 120, events: [{ httpApi: "GET /a" }, { eventBridge: { schedule: "rate(1 hour)" } }] })(
      repository,
    );
    expect((await repository.guard()).errors).toStrictEqual([]);
  });

  it("lets the exempt authenticate their own way, and read the cookie in the file that is named", async () => {
    repository.write("functions/one/handler.ts", 'export const handler = async () => "enceladus_id_token";\n');
    const exception = { rule: "AUTH_MIDDLEWARE_MISSING", function_name: "devops-one", reason: "by signature" } as const;
    repository.allowList.push({ ...exception, value: null });
    expect((await repository.guard()).errors).toMatchObject([{ message: expect.stringContaining("cookie") }]);
    repository.allowList.push({ ...exception, value: "functions/one/handler.ts" });
    expect((await repository.guard()).errors).toStrictEqual([]);
  });

  it("leaves the stand-ins on this machine alone, which create what is declared", async () => {
    repository.write("scripts/local/provision.ts", "new CreateRoute" + "Command({});\n");
    expect((await repository.guard()).errors).toStrictEqual([]);
  });

  it("refuses an exception without a reason", async () => {
    repository.allowList.push({ rule: "LAYER_MISSING", function_name: null, value: null, reason: " " });
    expect((await repository.guard()).errors).toMatchObject([{ code: "UNREADABLE_INPUT" }]);
  });

  it("says so when it cannot read its input", async () => {
    repository.save();
    const report = await verifyWorkflowCoverage({
      root: repository.root,
      resolved: [join(repository.root, "none.json")],
    });
    expect(report).toMatchObject({ ok: false, errors: [{ code: "UNREADABLE_INPUT", function_name: null }] });
  });
});

describe("a function at the edge", () => {
  /** As the repository should have it: no layer, the machines of the edge, deployed with the stack. */
  function moveToTheEdge(): void {
    repository.allowList.push({ rule: "LAYER_MISSING", function_name: "devops-one", value: null, reason: "no layers" });
    declare({ layers: [], architecture: "x86_64", events: [{ cloudFront: { pathPattern: "/a*" } }] })(repository);
    editWorkflow((text) => text.replace("    secrets:", "      mode: stack\n    secrets:"))(repository);
    bundleMiddleware(repository);
  }

  it("is let through when it is deployed with the stack, on the machines of the edge", async () => {
    moveToTheEdge();
    expect((await repository.guard()).errors).toStrictEqual([]);
  });

  it("is reported when its code alone would be deployed: the distribution names a version", async () => {
    moveToTheEdge();
    editWorkflow((text) => text.replace("      mode: stack\n", ""))(repository);
    expect((await repository.guard()).errors).toMatchObject([
      { code: "WORKFLOW_NAME_MISMATCH", message: expect.stringContaining("mode") },
    ]);
  });

  it("is reported on any other machines", async () => {
    moveToTheEdge();
    declare({ architecture: undefined })(repository);
    expect((await repository.guard()).errors).toMatchObject([
      { code: "ARCH_MISMATCH", message: expect.stringContaining("arm64 is not that of the edge") },
    ]);
  });

  it("gets its workflow written so", () => {
    const [entry] = repository.manifest;
    if (!entry) throw new Error("the repository has no function");
    expect(workflowText(entry, [], deployMode([{ cloudFront: {} }]))).toMatch(/^ {6}mode: stack$/m);
    expect(workflowText(entry, [], deployMode([{ httpApi: "*" }]))).not.toContain("mode:");
  });

  it("is deployed again when shared code changes, which is bundled into it", () => {
    const [entry] = repository.manifest;
    if (!entry) throw new Error("the repository has no function");
    const text = workflowText(entry, ["layers/shared/src/errors.ts", "middleware/cookies.ts"]);
    expect(text).toContain("      - layers/shared/**\n      - middleware/**\n");
  });
});

describe("the command", () => {
  function run(...args: string[]): { status: number; output: string } {
    try {
      return {
        status: 0,
        output: execFileSync(process.execPath, [COMMAND, ...args], { encoding: "utf8", stdio: "pipe" }),
      };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      return { status, output: stdout };
    }
  }

  it("exits with 0 when there is nothing, with 1 when there is something, JSON either way", () => {
    const { resolved, manifest } = repository.save();
    const args = ["--root", repository.root, "--resolved", resolved, "--manifest", manifest, "--json"];
    expect(run(...args)).toMatchObject({ status: 0, output: '{"ok":true,"production_count":2,"errors":[]}\n' });
    repository.write(".github/workflows/lambda-three-deploy.yml", "on: push\n");
    repository.save();
    const { status, output } = run(...args);
    expect(status).toBe(1);
    expect(JSON.parse(output)).toMatchObject({ ok: false, errors: [{ code: "ORPHAN_WORKFLOW", function_name: null }] });
  });

  it("exits with 1 and JSON for an input that cannot be read", () => {
    const { status, output } = run("--root", repository.root, "--resolved", "/nowhere.json", "--json");
    expect(status).toBe(1);
    expect(JSON.parse(output)).toMatchObject({ ok: false, errors: [{ code: "UNREADABLE_INPUT" }] });
  });
});
