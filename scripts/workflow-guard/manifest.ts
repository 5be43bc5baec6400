import type { ResolvedConfig } from "../service/resolved-config.ts";
import { type Finding, type FindingCode, finding } from "./finding.ts";

/** How one function gets to production. */
export interface ManifestEntry {
  function_name: string;
  function_key: string;
  lambda_dir: string;
  workflow_file: string;
  config?: string;
  deploy_script?: string;
}

/** resources/lambda-workflow-manifest.json. */
export interface Manifest {
  source_of_truth: string;
  functions: ManifestEntry[];
}

const REQUIRED = ["function_name", "function_key", "lambda_dir", "workflow_file"] as const;

/** @throws Error when the text is no manifest at all */
export function readManifest(json: string): Manifest {
  const manifest = JSON.parse(json) as Partial<Manifest> | null;
  if (!Array.isArray(manifest?.functions)) throw new Error("the manifest has no list of functions");
  return manifest as Manifest;
}

function badEntries(manifest: Manifest, config: ResolvedConfig): Finding[] {
  return manifest.functions.flatMap((entry) => {
    const missing = REQUIRED.filter((field) => typeof entry[field] !== "string" || entry[field] === "");
    const problems = missing.map((field) => `${field} is no text`);
    const declared = config.functions[entry.function_key];
    if (missing.length === 0 && declared && declared.name !== entry.function_name) {
      problems.push(`${entry.function_key} is declared with the name ${String(declared.name)}`);
    }
    return problems.map((problem) => finding("BAD_ENTRY", entry.function_name, problem));
  });
}

function duplicates(manifest: Manifest): Finding[] {
  return REQUIRED.flatMap((field) => {
    const seen = new Set<unknown>();
    return manifest.functions.flatMap((entry) => {
      const value = entry[field];
      if (!seen.has(value)) {
        seen.add(value);
        return [];
      }
      return [finding("DUPLICATE_ENTRY", entry.function_name, `${field} ${value} is in two entries`)];
    });
  });
}

function only(left: ReadonlySet<unknown>, right: ReadonlySet<unknown>, code: FindingCode, message: string): Finding[] {
  return [...left].filter((name) => !right.has(name)).map((name) => finding(code, name, message));
}

/** The manifest and the declared functions: the same set, each once, each entry whole. */
export function checkManifest(manifest: Manifest, config: ResolvedConfig): Finding[] {
  const declared = new Set<unknown>(Object.values(config.functions).map(({ name }) => name));
  const listed = new Set<unknown>(manifest.functions.map((entry) => entry.function_name));
  return [
    ...only(declared, listed, "MISSING_MANIFEST_ENTRY", "declared, but not in the manifest"),
    ...only(listed, declared, "EXTRA_MANIFEST_ENTRY", "in the manifest, but not declared"),
    ...duplicates(manifest),
    ...badEntries(manifest, config),
  ];
}
