import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ResolvedConfig, ResolvedFunction } from "../../scripts/service/resolved-config.ts";
import { type GuardReport, verifyWorkflowCoverage } from "../../scripts/verify-workflow-coverage.ts";
import type { Exception } from "../../scripts/workflow-guard/allow-list.ts";
import type { ManifestEntry } from "../../scripts/workflow-guard/manifest.ts";
import { workflowText } from "../../scripts/workflow-text/function-workflow.ts";

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

function declaredFunction(name: string): Mutable<ResolvedFunction> {
  return {
    name: `devops-${name}`,
    handler: `functions/${name}/handler.handler`,
    events: [{ httpApi: `GET /api/v1/${name}` }],
    environment: { TABLE: { Ref: "Table" }, STAGE: "prod" },
    iamRoleStatementsName: `devops-${name}`,
    iamRoleStatements: [
      { Effect: "Allow", Action: ["dynamodb:GetItem"], Resource: { "Fn::GetAtt": ["Table", "Arn"] } },
    ],
  };
}

function entry(name: string): ManifestEntry {
  return {
    function_name: `devops-${name}`,
    function_key: name,
    lambda_dir: `functions/${name}`,
    workflow_file: `.github/workflows/lambda-${name}-deploy.yml`,
  };
}

/** A small repository in which the coverage guard finds nothing, until a test breaks something in it. */
export class GuardedRepository {
  readonly root = mkdtempSync(join(tmpdir(), "enceladus-guard-"));
  readonly functions: Record<string, Mutable<ResolvedFunction>> = {
    one: declaredFunction("one"),
    two: declaredFunction("two"),
  };
  readonly config: Mutable<ResolvedConfig> = {
    provider: {
      runtime: "nodejs24.x",
      architecture: "arm64",
      layers: [{ Ref: "SharedLambdaLayer" }],
      environment: { STAGE: "prod" },
    },
    package: { individually: true },
    layers: { shared: { compatibleRuntimes: ["nodejs24.x"], compatibleArchitectures: ["arm64"] } },
    functions: this.functions,
  };
  readonly manifest = [entry("one"), entry("two")];
  readonly allowList: Exception[] = [];
  readonly #files = new Map<string, string>();

  constructor() {
    for (const listed of this.manifest) {
      this.write(
        `${listed.lambda_dir}/handler.ts`,
        [
          'import { httpFunction } from "@enceladus/middleware/http-function";',
          'import { a } from "../../domain/things/index.ts";',
          "export const handler = httpFunction([a]);\n",
        ].join("\n"),
      );
      this.write(listed.workflow_file, workflowText(listed, ["domain/things/index.ts"]));
    }
    this.write("domain/things/index.ts", "export const a = async () => 1;\n");
    this.write(".github/workflows/lambda-deploy-reusable.yml", "on: workflow_call\n");
  }

  write(path: string, text: string): void {
    this.#files.set(path, text);
  }

  /** Changes a file that is there. */
  edit(path: string, change: (text: string) => string): void {
    this.write(path, change(this.#files.get(path) ?? ""));
  }

  remove(path: string): void {
    this.#files.delete(path);
  }

  /** Writes everything out, as the command finds it. */
  save(): { resolved: string; manifest: string } {
    const resolved = join(this.root, "resolved.json");
    const manifest = join(this.root, "resources/lambda-workflow-manifest.json");
    this.write("resolved.json", JSON.stringify(this.config));
    this.write("resources/lambda-workflow-manifest.json", JSON.stringify({ functions: this.manifest }));
    this.write("resources/guard-allow-list.json", JSON.stringify(this.allowList));
    for (const [path, text] of this.#files) {
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      writeFileSync(join(this.root, path), text);
    }
    return { resolved, manifest };
  }

  async guard(): Promise<GuardReport> {
    const { resolved } = this.save();
    return verifyWorkflowCoverage({ root: this.root, resolved: [resolved] });
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
