import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { lintWorkflows } from "../../../scripts/lint-workflows.ts";
import { ROOT } from "../../../scripts/service/resolved-config.ts";
import type { ManifestEntry } from "../../../scripts/workflow-guard/manifest.ts";
import { type LintCode, lintWorkflow } from "../../../scripts/workflow-lint/rules.ts";
import { readWorkflow } from "../../../scripts/workflow-lint/workflow.ts";
import { apiMcpWorkflowText } from "../../../scripts/workflow-text/api-mcp-workflow.ts";
import { workflowText } from "../../../scripts/workflow-text/function-workflow.ts";

const SHA = "0123456789abcdef0123456789abcdef01234567";
const SOUND = `on: { push: { branches: [main] } }
permissions:
  contents: read
  id-token: write
jobs:
  deploy:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@${SHA} # v4.2.2
        with: { persist-credentials: false }
      - uses: aws-actions/configure-aws-credentials@${SHA} # v4.1.0
        with: { role-to-assume: "\${{ secrets.ROLE }}", aws-region: us-east-1 }
      - run: echo "$COMMIT"
        env:
          COMMIT: \${{ github.sha }}
`;

/** What is wrong, one thing at a time, and the one code for it. */
const BREAKAGES: readonly [code: LintCode, find: string | RegExp, put: string][] = [
  ["ACTION_NOT_PINNED", `actions/checkout@${SHA}`, "actions/checkout@v4"],
  ["ACTION_NOT_PINNED", `configure-aws-credentials@${SHA}`, `configure-aws-credentials@${SHA.slice(0, 12)}`],
  ["PERMISSION_TOO_WIDE", "contents: read", "contents: write"],
  ["PERMISSION_TOO_WIDE", "contents: read", "packages: read"],
  ["PERMISSION_TOO_WIDE", "    runs-on", "    permissions: write-all\n    runs-on"],
  ["PERMISSIONS_MISSING", /permissions:\n {2}contents: read\n {2}id-token: write\n/, ""],
  ["ID_TOKEN_UNUSED", `aws-actions/configure-aws-credentials@${SHA}`, `aws-actions/other@${SHA}`],
  ["STATIC_KEYS", "role-to-assume", "aws-access-key-id"],
  ["EXPRESSION_IN_SHELL", '"$COMMIT"', `\${{ github.sha }}`],
  ["CREDENTIALS_KEPT", "persist-credentials: false", "fetch-depth: 0"],
  ["CREDENTIALS_KEPT", "        with: { persist-credentials: false }\n", ""],
  ["TIMEOUT_MISSING", "    timeout-minutes: 10\n", ""],
  ["TRUSTS_FOREIGN_CODE", "push: { branches: [main] }", "pull_request_target: {}"],
  [
    "SECRETS_INHERITED",
    "jobs:\n",
    "jobs:\n  other:\n    uses: ./.github/workflows/lambda-deploy-reusable.yml\n    secrets: inherit\n",
  ],
];

const codes = (text: string) => lintWorkflow(readWorkflow(text), text).map(({ code }) => code);

describe("the rules for workflows", () => {
  it("find nothing in a sound one", () => {
    expect(codes(SOUND)).toEqual([]);
  });

  it.each(BREAKAGES)("find %s, and nothing else: %s -> %s", (code, find, put) => {
    const broken = SOUND.replace(find, put);
    expect(broken).not.toBe(SOUND);
    expect(codes(broken)).toEqual([code]);
  });
});

const entry: ManifestEntry = {
  function_name: "devops-coordination-api",
  function_key: "coordinationApi",
  lambda_dir: "functions/coordination-api",
  workflow_file: ".github/workflows/api-mcp-backend-deploy.yml",
};
const apiMcp = apiMcpWorkflowText(entry, ["functions/coordination-api/mcp/server.ts", "domain/coordination/index.ts"]);

describe("a workflow", () => {
  it("is refused where GitHub would not take it, with the line", async () => {
    const wrong = SOUND.replace("timeout-minutes", "timeout-minuts").replace("secrets.ROLE", "steps.none.outputs.x");
    expect(await lintWorkflows(new Map([["wrong.yml", wrong]]))).toEqual([
      expect.stringContaining('wrong.yml:8 syntax-check: unexpected key "timeout-minuts"'),
      expect.stringMatching(/^wrong\.yml:13 expression: property "none"/),
    ]);
  });

  it("is sound as it is written for a function, and for the coordination API", async () => {
    const texts = [
      workflowText({ ...entry, workflow_file: "a.yml" }, []),
      workflowText(entry, [], "stack"),
      apiMcp,
      SOUND,
    ];
    expect(await lintWorkflows(new Map(texts.map((text, index) => [`${index}.yml`, text])))).toEqual([]);
  });
});

describe("the workflow of the coordination API", () => {
  const workflow = readWorkflow(apiMcp);

  it("ships API and MCP server together, one deploy at a time, whenever one of them or the middleware changes", () => {
    expect(workflow).toMatchObject({
      on: {
        push: {
          branches: ["main"],
          paths: [
            "functions/coordination-api/**",
            "domain/coordination/**",
            "middleware/**",
            ".github/workflows/api-mcp-backend-deploy.yml",
            ".github/workflows/lambda-deploy-reusable.yml",
          ],
        },
      },
      concurrency: { group: "api-mcp-backend-deploy-main", "cancel-in-progress": false },
      env: { DEPLOY_FUNCTION_NAME: "devops-coordination-api" },
    });
  });

  it("looks afterwards at what is live", () => {
    expect(workflow.jobs.verify).toMatchObject({ needs: "deploy", "timeout-minutes": 45 });
  });
});

describe("the workflows of this repository", () => {
  const workflows = new Map(
    globSync(".github/workflows/*.yml", { cwd: ROOT }).map((file) => [
      file.split("/").at(-1),
      readWorkflow(readFileSync(join(ROOT, file), "utf8")),
    ]),
  );

  it("never cut off a deploy by another one", () => {
    const named = [...workflows].filter(([name]) => /(stack|reusable|backend)/.test(String(name)));
    expect(named.length).toBeGreaterThanOrEqual(3);
    for (const [, workflow] of named) {
      expect(workflow.concurrency).toMatchObject({ group: expect.any(String), "cancel-in-progress": false });
    }
  });

  it("ship the user interface by the deployment manager, with its whole history at hand", () => {
    const ui = workflows.get("ui-backend-deploy.yml");
    expect(ui?.on).toMatchObject({
      push: { branches: ["main"], paths: expect.arrayContaining(["frontend/ui/**", "scripts/submit-ui-deploy.ts"]) },
      workflow_dispatch: {
        inputs: { change_type: { default: "patch" }, wait_for_deploy: { default: true }, summary: {}, related_ids: {} },
      },
    });
    expect(ui?.jobs.submit?.steps?.[0]?.with).toMatchObject({ "fetch-depth": 0 });
  });
});
