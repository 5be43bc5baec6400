import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { run } from "./api/run.ts";
import { UserError } from "./api/user-error.ts";
import { packageAsDeployed } from "./packages/package-as-deployed.ts";
import type { PackagedService } from "./packages/package-service.ts";
import { sendAlert } from "./parity-audit/alert.ts";
import { type Audit, audit } from "./parity-audit/audit.ts";
import { demandCertificateChecks } from "./parity-audit/download.ts";
import { filterOf, packagesIn, regionsOf } from "./parity-audit/input.ts";
import { summaryOf } from "./parity-audit/summary.ts";
import { EXIT, type Verdict, verdictOf } from "./parity-audit/verdict.ts";
import { errorText } from "./service/aws-errors.ts";
import { ROOT } from "./service/resolved-config.ts";
import { AllowList, type Exception } from "./workflow-guard/allow-list.ts";

interface Options {
  stage: string;
  regions: string;
  outputDir: string;
  filterRegex: string;
  package?: string;
  param?: string[];
  snsTopicArn?: string;
  failOnDrift: boolean;
}

/** The names that serverless.yml gives begin like this, but for some tables, which are known by their whole names. */
const DEFAULT_FILTER = "^(devops-|enceladus-|auth-refresh)";
async function packagesOf({ stage, param }: Options, region: string, folder: string): Promise<PackagedService> {
  const directory = join(folder, "packages");
  mkdirSync(directory);
  return packageAsDeployed(directory, { stage, region, params: param ?? [] });
}

function commitOf(): string {
  return execFileSync("git", ["rev-parse", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
}

function write(directory: string, { report, inventory }: Audit, summary: string): void {
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "lambda_parity.json"), json(report));
  writeFileSync(join(directory, "resource_inventory.json"), json(inventory));
  writeFileSync(join(directory, "summary.md"), summary);
}

async function tell({ snsTopicArn, stage }: Options, { reasons }: Verdict, summary: string): Promise<void> {
  if (!snsTopicArn || reasons.length === 0) return;
  try {
    await sendAlert(snsTopicArn, stage, summary);
  } catch (error) {
    console.error(`The alert could not be sent: ${errorText(error)}`);
  }
}

async function parityAudit(options: Options): Promise<void> {
  demandCertificateChecks();
  const regions = regionsOf(options.regions);
  const filter = filterOf(options.filterRegex);
  const allowed = new AllowList(
    JSON.parse(readFileSync(join(ROOT, "resources/guard-allow-list.json"), "utf8")) as Exception[],
  );
  const folder = mkdtempSync(join(tmpdir(), "enceladus-parity-"));
  try {
    const packages = options.package ? packagesIn(options.package) : await packagesOf(options, regions[0], folder);
    const found = await audit({ stage: options.stage, regions, filter, packages, allowed, folder });
    const verdict = verdictOf(found.report, found.inventory, options.failOnDrift);
    const summary = summaryOf(found.report, found.inventory, verdict, commitOf());
    write(options.outputDir, found, summary);
    console.log(summary);
    await tell(options, verdict, summary);
    process.exitCode = verdict.code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function orOneSentence(options: Options): Promise<void> {
  try {
    await parityAudit(options);
  } catch (error) {
    if (!(error instanceof Error) || !("$metadata" in error)) throw error;
    throw new UserError(`The audit has failed: ${errorText(error)}`);
  }
}

const command = new Command("npm run audit:parity --")
  .description(
    "Compares what is live of a stage with this repository: the code of every function and of the layer by its content, " +
      "their settings, routes, queues and sign-in, and what is live without being declared. It only reads.",
  )
  .option("--stage <name>", "the stage; prod is production", "prod")
  .option("--regions <list>", "where to look, separated by commas; the stack is in the first", "us-east-1")
  .option("--output-dir <directory>", "for lambda_parity.json, resource_inventory.json and summary.md", "parity-audit")
  .option("--filter-regex <pattern>", "names that are ours even if serverless.yml does not know them", DEFAULT_FILTER)
  .option("--package <directory>", "made by `sls package --package`; by default it packages by itself")
  .option("--param <key=value...>", "the parameters with which the stage is deployed")
  .option("--sns-topic-arn <arn>", "whom to tell when something is wrong")
  .option("--fail-on-drift", "end with 2 on drift", true)
  .option("--no-fail-on-drift", "end with 0 on drift")
  .addHelpText(
    "after",
    `
It exits with 0 when everything is as declared, with ${EXIT.drift} on drift or when nothing could be compared, and with ${EXIT.failed} when it
has failed.`,
  )
  .action(orOneSentence);

await run(command, EXIT.failed);
