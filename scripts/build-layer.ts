import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { dependencyFiles } from "./layer/dependency-files.ts";
import { byPath, contentDigest, type LayerFile } from "./layer/layer-file.ts";
import { OWN_PACKAGES, ownFiles } from "./layer/own-files.ts";
import { isLarge, isRuntimeDependency } from "./layer/runtime-dependencies.ts";
import { type UsedNames, usedNames } from "./layer/used-names.ts";

const ROOT = resolve(import.meta.dirname, "..");
const OWN_SOURCES = Object.values(OWN_PACKAGES).map((folder) => `${folder}/*.ts`);
/** The edge function has no layer: what it imports is bundled into it. */
const LAYERED_SOURCES = ["functions/!(auth-edge)/**/*.ts", "domain/**/*.ts", ...OWN_SOURCES];
/** Zip files cannot say an earlier year. */
const MTIME = new Date("1980-01-01T00:00:00Z");

export interface Layer {
  /** Holds `nodejs/node_modules/`, as under /opt. */
  directory: string;
  /** Says whether two layers hold the same: SHA-256 over paths and contents, lower-case hex. */
  digest: string;
}

/** What the layer was built from last time, and what came out. */
interface BuildState {
  inputs: string;
  digest: string;
}

function hashOfInputs(root: string, used: ReadonlyMap<string, UsedNames>): string {
  const hash = createHash("sha256");
  const names = [...used].map(([module, taken]) => [module, taken === "all" ? taken : [...taken].sort()]);
  hash.update(JSON.stringify(names));
  const builders = ["scripts/build-layer.ts", "scripts/layer/*.ts"];
  const files = globSync([...OWN_SOURCES, ...builders, "package-lock.json", "layers/shared/package.json"], {
    cwd: root,
  });
  for (const file of files.sort()) hash.update(`\n${file}\n`).update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

function previousState(file: string): BuildState | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as BuildState;
  } catch {
    return undefined;
  }
}

/** Puts the files in place at once, so that nobody ever packs half a layer. */
function replaceDirectory(directory: string, files: readonly LayerFile[]): void {
  const fresh = `${directory}.${process.pid}`;
  const folders = new Set<string>();
  for (const { path, text } of files) {
    const file = join(fresh, "nodejs/node_modules", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    utimesSync(file, MTIME, MTIME);
    for (let folder = dirname(file); folder.startsWith(fresh); folder = dirname(folder)) folders.add(folder);
  }
  for (const folder of folders) utimesSync(folder, MTIME, MTIME);
  const old = `${directory}.${process.pid}.old`;
  try {
    renameSync(directory, old);
  } catch {
    // There was none.
  }
  try {
    renameSync(fresh, directory);
  } catch {
    // Somebody else has just put the same there.
    rmSync(fresh, { recursive: true, force: true });
  }
  rmSync(old, { recursive: true, force: true });
}

/** The files of the layer, made afresh: what is used of the runtime dependencies, and our own code. */
export async function layerFiles(
  used: ReadonlyMap<string, UsedNames> = usedNames(ROOT, LAYERED_SOURCES, isRuntimeDependency),
): Promise<LayerFile[]> {
  const dependencies = {
    small: new Map([...used].filter(([module]) => !isLarge(module))),
    large: new Map([...used].filter(([module]) => isLarge(module))),
  };
  const files = [...(await dependencyFiles(ROOT, dependencies.large)), ...(await ownFiles(ROOT, dependencies))];
  return files.sort(byPath);
}

/**
 * Builds the layer that all functions but the edge share: what is used of the runtime dependencies, layers/shared and
 * middleware/, as CommonJS. Two builds of the same sources are equal byte for byte; a second one does nothing.
 */
export async function buildLayer(): Promise<Layer> {
  const directory = join(ROOT, ".build/layer");
  const stateFile = join(ROOT, ".build/layer-state.json");
  const used = usedNames(ROOT, LAYERED_SOURCES, isRuntimeDependency);
  const inputs = hashOfInputs(ROOT, used);
  const previous = previousState(stateFile);
  if (previous?.inputs === inputs) return { directory, digest: previous.digest };
  const files = await layerFiles(used);
  const digest = contentDigest(files);
  mkdirSync(dirname(directory), { recursive: true });
  rmSync(stateFile, { force: true });
  replaceDirectory(directory, files);
  writeFileSync(stateFile, JSON.stringify({ inputs, digest } satisfies BuildState));
  return { directory, digest };
}

if (import.meta.main) {
  const { directory, digest } = await buildLayer();
  console.log(`${directory} sha256:${digest}`);
}
