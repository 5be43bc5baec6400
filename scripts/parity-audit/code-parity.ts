import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Artifact, checkArtifact } from "../artifact-guard/check-artifact.ts";
import { contentOf } from "../packages/package-content.ts";
import { errorText, isDenied } from "../service/aws-errors.ts";
import type { AllowList } from "../workflow-guard/allow-list.ts";
import { download } from "./download.ts";
import type { CodeResult } from "./report.ts";

/** What the service says of code that is live. */
export interface LiveCode {
  /** Where it can be loaded from. */
  location: string | undefined;
  sha256: string | undefined;
}

function guardFindings(live: Artifact, allowed: AllowList): CodeResult["artifact_findings"] {
  return checkArtifact(live, allowed).findings;
}

/**
 * Compares what was packaged with what is live, by content.
 * @param artifact as it was packaged
 * @param ask asks the service; undefined where it has no such thing
 * @param folder for what is loaded
 */
export async function codeParity(
  artifact: Artifact,
  ask: () => Promise<LiveCode | undefined>,
  { folder, allowed }: { folder: string; allowed: AllowList },
): Promise<CodeResult> {
  const result: CodeResult = {
    status: "ERROR",
    repo_digest: null,
    live_digest: null,
    live_code_sha256: null,
    artifact_findings: [],
  };
  try {
    const packaged = existsSync(artifact.zip) ? contentOf(artifact.zip, artifact.handler) : undefined;
    result.repo_digest = packaged?.digest ?? null;
    const code = await ask();
    if (!code) return { ...result, status: "MISSING_LIVE_FUNCTION" };
    result.live_code_sha256 = code.sha256 ?? null;
    if (!code.location) throw new Error("the service does not say where the code is");
    const zip = join(folder, `${artifact.functionName ?? "layer"}.zip`);
    await download(code.location, zip);
    result.artifact_findings = guardFindings({ ...artifact, zip }, allowed);
    const live = contentOf(zip, artifact.handler);
    result.live_digest = live.digest;
    if (!packaged?.hasHandler) return { ...result, status: "MISSING_REPO_ENTRY" };
    if (!live.hasHandler) return { ...result, status: "MISSING_LIVE_ENTRY" };
    return { ...result, status: live.digest === packaged.digest ? "MATCH" : "DIFF" };
  } catch (error) {
    return { ...result, status: isDenied(error) ? "ACCESS_DENIED" : "ERROR", error: errorText(error) };
  }
}
