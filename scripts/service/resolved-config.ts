import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

export const ROOT = resolve(import.meta.dirname, "../..");

export type Settings = Readonly<Record<string, unknown>>;

/** A function as the framework resolves it; what a guard checks may be absent or of any type. */
export interface ResolvedFunction extends Settings {
  name?: unknown;
  handler?: unknown;
  runtime?: unknown;
  architecture?: unknown;
  timeout?: unknown;
  layers?: unknown;
  role?: unknown;
  package?: unknown;
  environment?: unknown;
  events?: unknown;
  iamRoleStatements?: unknown;
}

/** serverless.yml with every file and variable put in: the one source of truth, as guards and tests read it. */
export interface ResolvedConfig extends Settings {
  provider: Settings;
  functions: Readonly<Record<string, ResolvedFunction>>;
  layers?: Readonly<Record<string, Settings>>;
  package?: Settings;
  custom?: Settings;
  resources?: unknown;
}

/** Functions may be declared as one object or as a list of them. */
function merged(functions: unknown): Record<string, ResolvedFunction> {
  const parts = Array.isArray(functions) ? functions : [functions];
  return Object.assign({}, ...parts) as Record<string, ResolvedFunction>;
}

/**
 * Brings a printed configuration into one shape.
 * @throws Error when it is none
 */
export function readConfig(json: string): ResolvedConfig {
  const config = JSON.parse(json) as Partial<ResolvedConfig> | null;
  if (typeof config !== "object" || config === null || typeof config.provider !== "object" || !config.functions) {
    throw new Error("not a resolved Serverless configuration");
  }
  return { ...config, provider: config.provider, functions: merged(config.functions) };
}

/**
 * What the framework makes of serverless.yml for a stage. Needs neither credentials nor a network.
 * @param root the repository
 * @param more further arguments of `sls print`
 */
export async function resolvedConfig(
  stage = "prod",
  root: string = ROOT,
  more: readonly string[] = [],
): Promise<ResolvedConfig> {
  const { stdout } = await promisify(execFile)("sls", ["print", "--stage", stage, "--format", "json", ...more], {
    cwd: root,
    env: { ...process.env, PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}` },
    maxBuffer: 64 * 1024 * 1024,
  });
  return readConfig(stdout);
}
