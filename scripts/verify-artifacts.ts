import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import type { Architecture } from "./artifact-guard/architecture.ts";
import { type Artifact, checkArtifact, type Verdict } from "./artifact-guard/check-artifact.ts";
import type { ArtifactFinding } from "./artifact-guard/finding.ts";
import { type PackagedService, packageService, readPackages } from "./packages/package-service.ts";
import { ROOT } from "./service/resolved-config.ts";
import { AllowList, type Exception } from "./workflow-guard/allow-list.ts";

export interface ArtifactOptions {
  /** A folder that `sls package` filled; `.serverless` by default, and filled first when it is not there. */
  package?: string;
  /** One zip file in place of those of a folder. */
  zip?: string;
  kind?: Artifact["kind"];
  arch?: Architecture;
  handler?: string;
  allowList?: string;
}

/** As `--json` prints it. */
export interface ArtifactReport {
  ok: boolean;
  findings: ArtifactFinding[];
  /** What is let through, and is on its way to be too much. */
  warnings: ArtifactFinding[];
  /** How many zip files were looked into. */
  checked: number;
}

const PACKAGES = join(ROOT, ".serverless");
const ALLOW_LIST = join(ROOT, "resources/guard-allow-list.json");

async function packagesOf(directory: string | undefined): Promise<PackagedService> {
  if (directory) return readPackages(directory);
  if (existsSync(join(PACKAGES, "serverless-state.json"))) return readPackages(PACKAGES);
  console.error("There are no packages in .serverless: packaging the stage prod first.");
  return packageService(PACKAGES, "prod");
}

function serviceVerdicts(service: PackagedService, allowed: AllowList): Verdict[] {
  const { layerZip, layerArchitecture, functions } = service;
  const layer = { zip: layerZip, kind: "layer", architecture: layerArchitecture, functionName: null } as const;
  const layerVerdict = checkArtifact({ ...layer, hasLayer: false }, allowed);
  const verdicts = functions.map(({ zip, architecture, name, handler, hasLayer }) => {
    const artifact: Artifact = { zip, kind: "function", architecture, functionName: name, handler, hasLayer };
    return checkArtifact(artifact, allowed, hasLayer ? layerVerdict.unzippedBytes : 0);
  });
  return [layerVerdict, ...verdicts];
}

/**
 * Whether packages hold what they should and nothing else: no compiled code but what was allowed and fits the runtime,
 * nothing of another system, nothing that leaks, nothing twice, nothing too large. It reports everything it finds.
 */
export async function verifyArtifacts(options: ArtifactOptions = {}): Promise<ArtifactReport> {
  try {
    const allowed = new AllowList(JSON.parse(readFileSync(options.allowList ?? ALLOW_LIST, "utf8")) as Exception[]);
    const { zip, kind = "function", arch: architecture = "arm64", handler } = options;
    const single: Artifact | undefined = zip
      ? { zip, kind, architecture, functionName: null, hasLayer: kind === "function", ...(handler && { handler }) }
      : undefined;
    const verdicts = single
      ? [checkArtifact(single, allowed)]
      : serviceVerdicts(await packagesOf(options.package), allowed);
    const findings = verdicts.flatMap((verdict) => verdict.findings);
    const warnings = verdicts.flatMap((verdict) => verdict.warnings);
    return { ok: findings.length === 0, findings, warnings, checked: verdicts.length };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const path = options.zip ?? options.package ?? ".serverless";
    return { ok: false, findings: [{ code: "UNREADABLE_INPUT", path, detail }], warnings: [], checked: 0 };
  }
}

if (import.meta.main) {
  const { json, ...options } = new Command("guard:artifacts")
    .description("Looks into every package: compiled code, other systems, leaks, duplicates, sizes")
    .option("--package <directory>", "made by `sls package --package <directory>`; by default .serverless")
    .option("--zip <file>", "one zip file in place of all packages")
    .addOption(new Option("--kind <kind>", "what the zip file is").choices(["function", "layer"]).default("function"))
    .addOption(new Option("--arch <arch>", "what it is for").choices(["arm64", "x86_64"]).default("arm64"))
    .option("--handler <handler>", "what the zip file must have, e.g. functions/feed-query/handler.handler")
    .option("--allow-list <file>", "the exceptions, by default resources/guard-allow-list.json")
    .option("--json", "print the report as JSON")
    .parse()
    .opts<ArtifactOptions & { json?: boolean }>();
  const report = await verifyArtifacts(options);
  if (json) console.log(JSON.stringify(report));
  else {
    for (const { code, path, detail } of report.warnings) console.error(`warning: ${code} ${path}: ${detail}`);
    for (const { code, path, detail } of report.findings) console.error(`${code} ${path}: ${detail}`);
    console.log(`${report.checked} packages, ${report.findings.length} findings, ${report.warnings.length} warnings`);
  }
  process.exitCode = report.ok ? 0 : 1;
}
