import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { SecretExceptions } from "./secrets-guard/allow-list.ts";
import { findSecrets, type SecretFinding } from "./secrets-guard/find-secrets.ts";
import { secretsInHistory } from "./secrets-guard/history.ts";
import { contentOf, trackedFiles } from "./secrets-guard/tracked-files.ts";
import { runTruffleHog } from "./secrets-guard/trufflehog.ts";
import { ROOT } from "./service/resolved-config.ts";

export interface SecretsOptions {
  /** The repository. */
  root?: string;
  /** Commits to look through too, as for `git log`. */
  history?: readonly string[];
  /** `demanded`: without it nothing is let through; `no`: the patterns alone, which need nothing. Default: if there. */
  truffleHog?: "demanded" | "if there" | "no";
}

/** As `--json` prints it. */
export interface SecretsReport {
  ok: boolean;
  findings: SecretFinding[];
  /** How many files were looked through. */
  files: number;
  trufflehog: "ran" | "not installed" | "not asked";
  /** Why it could not be done; absent where it was. */
  error?: { code: "UNREADABLE_INPUT"; message: string };
}

function findingsIn(root: string, file: string): SecretFinding[] {
  const content = contentOf(root, file);
  if (content === undefined) return [];
  if (content === "too large") return [{ rule: "FILE_TOO_LARGE", file, line: 0, sha256: "" }];
  return findSecrets(file, content.text);
}

/**
 * Whether nothing that is under version control looks like a secret. It reports everything it finds: where, and by which
 * rule, never what.
 */
export async function verifySecrets(options: SecretsOptions = {}): Promise<SecretsReport> {
  const root = resolve(options.root ?? ROOT);
  const { truffleHog = "if there" } = options;
  const nothing = { findings: [], files: 0, trufflehog: "not asked" } as const;
  try {
    const exceptions = new SecretExceptions(readFileSync(join(root, "resources/secrets-allow-list.json"), "utf8"));
    const files = await trackedFiles(root);
    const inCommits = options.history ? await secretsInHistory(root, options.history) : [];
    const all = [...files.flatMap((file) => findingsIn(root, file)), ...inCommits];
    const found = all.filter((one) => !exceptions.allows(one));
    if (truffleHog === "no") return { ...nothing, ok: found.length === 0, findings: found, files: files.length };
    const inHistory = await runTruffleHog(root);
    const isMissing = inHistory === undefined && truffleHog === "demanded";
    const findings = [...found, ...(inHistory ?? []).filter((one) => !exceptions.allows(one))];
    const report = { findings, files: files.length, trufflehog: inHistory ? "ran" : "not installed" } as const;
    const error = { code: "UNREADABLE_INPUT", message: "trufflehog is not installed" } as const;
    return { ok: findings.length === 0 && !isMissing, ...report, ...(isMissing && { error }) };
  } catch (failure) {
    const message = failure instanceof Error ? failure.message : String(failure);
    return { ok: false, ...nothing, findings: [], error: { code: "UNREADABLE_INPUT", message } };
  }
}

function print({ findings, files, trufflehog, error }: SecretsReport, withHashes: boolean): void {
  for (const { file, line, rule, sha256, commit } of findings) {
    const more = [commit && `in ${commit}`, withHashes && sha256].filter(Boolean).join(" ");
    console.error(`${file}:${line} ${rule} ${more}`.trimEnd());
  }
  if (error) console.error(`${error.code}: ${error.message}`);
  else if (trufflehog === "not installed") {
    console.error("NOTICE: trufflehog is not installed. It looks closer, and the workflow has it look.");
  }
  console.log(`${files} files, ${findings.length} findings`);
}

if (import.meta.main) {
  const { json, hashes, patternsOnly, requireTrufflehog, root, history } = new Command("guard:secrets")
    .description("Looks for secrets in what is under version control; says where, and never what")
    .option("--patterns-only", "without TruffleHog, even if it is installed")
    .option("--require-trufflehog", "fails where TruffleHog is not installed")
    .option("--history [revisions]", 'commits too, as for `git log`: all, or e.g. "main --not --remotes"')
    .option("--root <directory>", "the repository")
    .option("--hashes", "print the SHA-256 of what was found too, for resources/secrets-allow-list.json")
    .option("--json", "print the report as JSON, without hashes unless they are asked for")
    .parse()
    .opts<{
      json?: boolean;
      hashes?: boolean;
      patternsOnly?: boolean;
      requireTrufflehog?: boolean;
      root?: string;
      history?: string | true;
    }>();
  const truffleHog = patternsOnly ? "no" : requireTrufflehog ? "demanded" : "if there";
  const revisions = history === true ? ["--all"] : history?.split(" ").filter(Boolean);
  const report = await verifySecrets({ truffleHog, ...(root && { root }), ...(revisions && { history: revisions }) });
  const shown = report.findings.map(({ rule, file, line, sha256, commit }) => ({
    code: rule,
    path: `${file}:${line}`,
    ...(commit && { commit }),
    ...(hashes && { sha256 }),
  }));
  if (json) console.log(JSON.stringify({ ...report, findings: shown }));
  else print(report, hashes === true);
  process.exitCode = report.ok ? 0 : 1;
}
