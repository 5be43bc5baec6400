import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Architecture } from "../artifact-guard/architecture.ts";
import { isAtTheEdge } from "../service/at-the-edge.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** Far more than it takes: a run that hangs must fail, not hold up everything behind it. */
const TIMEOUT_MS = 180_000;

/** A function as the framework resolved and packed it. */
export interface PackagedFunction {
  key: string;
  name: string;
  /** `functions/<folder>/handler.handler`. */
  handler: string;
  zip: string;
  architecture: Architecture;
  /** Whether the shared layer is attached. */
  hasLayer: boolean;
  events: readonly Readonly<Record<string, unknown>>[];
  /** Whether the distribution runs it, near to the viewers. */
  isAtTheEdge: boolean;
  /** Its settings, none at the edge; what only a stack knows (a table's name) is the logical id of the resource. */
  environment: Readonly<Record<string, string>>;
}

export interface PackagedService {
  directory: string;
  layerZip: string;
  layerArchitecture: Architecture;
  functions: readonly PackagedFunction[];
}

type Settings = Record<string, unknown>;

/** Lambda's own choice, where nothing is said. */
const DEFAULT_ARCHITECTURE: Architecture = "x86_64";

interface ResolvedFunction {
  name: string;
  handler: string;
  architecture?: Architecture;
  layers?: unknown[];
  events?: Settings[];
  environment?: Settings;
}

interface ServerlessState {
  service: {
    provider: { layers?: unknown[]; environment?: Settings; architecture?: Architecture };
    layers?: { shared?: { compatibleArchitectures?: Architecture[] } };
    functions: Record<string, ResolvedFunction | undefined>;
  };
}

function settingText(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const [argument] = Object.values(value).flat();
  return String(argument);
}

function packagedFunction(
  directory: string,
  key: string,
  found: ResolvedFunction,
  provider: ServerlessState["service"]["provider"],
): PackagedFunction {
  const { events = [] } = found;
  const atTheEdge = isAtTheEdge(events);
  const settings = atTheEdge ? [] : Object.entries({ ...provider.environment, ...found.environment });
  return {
    key,
    name: found.name,
    handler: found.handler,
    zip: join(directory, `${key}.zip`),
    architecture: found.architecture ?? provider.architecture ?? DEFAULT_ARCHITECTURE,
    hasLayer: (found.layers ?? provider.layers ?? []).length > 0,
    events,
    isAtTheEdge: atTheEdge,
    environment: Object.fromEntries(settings.map(([name, value]) => [name, settingText(value)])),
  };
}

/** What `sls package --package directory` left behind. */
export function readPackages(directory: string): PackagedService {
  const { service } = JSON.parse(readFileSync(join(directory, "serverless-state.json"), "utf8")) as ServerlessState;
  const functions = Object.entries(service.functions).flatMap(([key, found]) =>
    found ? [packagedFunction(directory, key, found, service.provider)] : [],
  );
  const layerArchitecture = service.layers?.shared?.compatibleArchitectures?.[0] ?? DEFAULT_ARCHITECTURE;
  return { directory, layerZip: join(directory, "shared.zip"), layerArchitecture, functions };
}

/** This machine's environment without anything of AWS: packaging must need no account, so it is not offered one. */
function withoutAws(nowhere: string): NodeJS.ProcessEnv {
  const rest = Object.entries(process.env).filter(([name]) => !/^(AWS_|ENCELADUS_EDGE$)/.test(name));
  return {
    ...Object.fromEntries(rest),
    PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}`,
    AWS_SHARED_CREDENTIALS_FILE: nowhere,
    AWS_CONFIG_FILE: nowhere,
  };
}

/** How a deploy would be told to differ from what serverless.yml says by itself. */
export interface PackageSettings {
  /** Further arguments of `sls package`: a region, parameters. */
  args?: readonly string[];
  /** What the edge is configured for, as ENCELADUS_EDGE. */
  edge?: string;
}

/**
 * Packs every function and the layer exactly as a deploy would, without AWS.
 * @param directory where the zip files go, outside the repository
 * @param stage whose names and settings they have
 */
export async function packageService(
  directory: string,
  stage = "dev",
  { args = [], edge }: PackageSettings = {},
): Promise<PackagedService> {
  const env = { ...withoutAws(join(directory, "no-such-file")), ...(edge !== undefined && { ENCELADUS_EDGE: edge }) };
  await promisify(execFile)("sls", ["package", "--package", directory, "--stage", stage, ...args], {
    cwd: ROOT,
    env,
    timeout: TIMEOUT_MS,
  });
  return readPackages(directory);
}
