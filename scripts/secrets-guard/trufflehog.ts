import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import * as z from "zod";
import type { SecretFinding } from "./find-secrets.ts";

/** Where it has found something. */
const Place = z.object({ file: z.string(), line: z.number().default(0), commit: z.string().optional() });
const Line = z.object({
  DetectorName: z.string(),
  Raw: z.string(),
  SourceMetadata: z.object({ Data: z.object({ Git: Place.optional(), Filesystem: Place.optional() }) }),
});

/**
 * What a line of TruffleHog's output tells of, without what it has found; undefined for what is no finding.
 */
export function readLine(line: string): SecretFinding | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { success, data } = Line.safeParse(parsed);
  if (!success) return undefined;
  const { Git, Filesystem } = data.SourceMetadata.Data;
  const { file, line: at, commit } = Git ?? Filesystem ?? { file: "unknown", line: 0, commit: undefined };
  const sha256 = createHash("sha256").update(data.Raw).digest("hex");
  return { rule: `TRUFFLEHOG_${data.DetectorName}`, file, line: at, sha256, ...(commit && { commit }) };
}

/**
 * Has TruffleHog look through the whole history and all branches.
 * @returns undefined where it is not installed
 * @throws Error when it does not come to an end by itself
 */
export async function runTruffleHog(root: string): Promise<SecretFinding[] | undefined> {
  const results = "--results=verified,unknown,unverified";
  const child = spawn("trufflehog", ["git", "file://.", "--json", "--no-update", results], {
    cwd: root,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(child, "close").then(
    ([code]) => (code === 0 ? undefined : new Error(`trufflehog ended with ${code ?? "a signal"}`)),
    (error: NodeJS.ErrnoException) => error,
  );
  const findings: SecretFinding[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const found = readLine(line);
    if (found) findings.push(found);
  }
  const failure = await ended;
  if (failure === undefined) return findings;
  if ("code" in failure && failure.code === "ENOENT") return undefined;
  throw failure;
}
