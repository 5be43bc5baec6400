import { basename } from "node:path";
import type { AllowList } from "../workflow-guard/allow-list.ts";
import type { Architecture } from "./architecture.ts";
import { type Archive, type Entry, MAX_UNZIPPED_BYTES, MAX_ZIP_BYTES, openArchive } from "./archive.ts";
import { nativeInFunction, nativeInLayer } from "./compiled-code.ts";
import { duplicatedDependency } from "./duplicated-dependency.ts";
import type { ArtifactCode, ArtifactFinding, EntryFinding } from "./finding.ts";
import { PlatformPackages, packageOfEntry } from "./platform-package.ts";
import { sourceLeak } from "./source-leak.ts";

/** A zip file as it is handed to Lambda. */
export interface Artifact {
  zip: string;
  kind: "function" | "layer";
  architecture: Architecture;
  /** The name in production, for exceptions; null where it is not known. */
  functionName: string | null;
  /** `functions/<folder>/handler.handler`, where it is known. */
  handler?: string;
  /** Whether the shared layer is attached. */
  hasLayer: boolean;
}

export interface Verdict {
  findings: ArtifactFinding[];
  warnings: ArtifactFinding[];
  unzippedBytes: number;
}

const LAYER_ROOT = "nodejs/node_modules/";
/** Of a function's zip: more of it is a library that belongs into the layer. */
const WARN_ZIP_BYTES = 5 * 1024 * 1024;
/** Lambda takes the handler from a file with one of these endings. */
const MODULE_ENDINGS = [".cjs", ".js", ".mjs"];

/** Of what the guard may be told by an exception that it is meant to be. */
function exceptionValue(code: ArtifactCode, path: string): string | null {
  return code === "PLATFORM_PACKAGE" || code === "NATIVE_NOT_ALLOWED" ? (packageOfEntry(path) ?? path) : path;
}

function contentFindings(
  artifact: Artifact,
  entry: Entry,
  packages: PlatformPackages,
  allowed: AllowList,
): EntryFinding[] {
  const { path } = entry;
  if (entry.problem) return [{ code: "UNSAFE_ENTRY", detail: entry.problem }];
  let bytes: Buffer;
  try {
    bytes = entry.read();
  } catch (error) {
    return [{ code: "UNREADABLE_INPUT", detail: error instanceof Error ? error.message : String(error) }];
  }
  const isInPlace = artifact.kind === "function" || path.startsWith(LAYER_ROOT);
  return [
    ...(artifact.kind === "function"
      ? nativeInFunction(path, bytes)
      : nativeInLayer(path, bytes, artifact.architecture, allowed)),
    ...(isInPlace ? [] : [{ code: "LAYER_LAYOUT", detail: `not in ${LAYER_ROOT}, where it is looked for` } as const]),
    ...packages.check(path, bytes),
    ...sourceLeak(path, bytes),
    ...(artifact.kind === "function" && artifact.hasLayer ? duplicatedDependency(bytes) : []),
  ];
}

function sizeFinding({ zipBytes, unzippedBytes }: Archive, layerBytes: number): EntryFinding[] {
  if (zipBytes > MAX_ZIP_BYTES) return [{ code: "SIZE_LIMIT", detail: `${zipBytes} bytes zipped, 50 MB are the most` }];
  const together = unzippedBytes + layerBytes;
  if (together <= MAX_UNZIPPED_BYTES) return [];
  return [{ code: "SIZE_LIMIT", detail: `${together} bytes unzipped with its layers, 250 MB are the most` }];
}

function handlerFinding({ handler }: Artifact, { entries }: Archive): EntryFinding[] {
  const module = handler?.replace(/\.[^./]+$/, "");
  if (module === undefined) return [];
  const isThere = entries.some(({ path }) => MODULE_ENDINGS.some((ending) => path === `${module}${ending}`));
  return isThere ? [] : [{ code: "HANDLER_NOT_IN_ZIP", detail: `no ${module}.cjs, .js or .mjs` }];
}

/**
 * What a package holds that it may not, by the content of every entry: names are taken for nothing more than they are.
 * An archive that would be too large is not unpacked.
 * @param layerBytes what the layers of a function add to it, unzipped
 */
export function checkArtifact(artifact: Artifact, allowed: AllowList, layerBytes = 0): Verdict {
  const name = basename(artifact.zip);
  const finding = (found: EntryFinding, path = name): ArtifactFinding => ({
    code: found.code,
    path,
    detail: found.detail,
  });
  let archive: Archive;
  try {
    archive = openArchive(artifact.zip);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { findings: [{ code: "UNREADABLE_INPUT", path: name, detail }], warnings: [], unzippedBytes: 0 };
  }
  const { zipBytes, unzippedBytes, entries } = archive;
  const tooLarge = sizeFinding(archive, layerBytes);
  const packages = new PlatformPackages(artifact.architecture);
  // By the limits, and not by what was found: a package that is too large is none, whatever is in it.
  const contents = tooLarge.length > 0 ? [] : entries;
  const findings = contents.flatMap((entry) =>
    contentFindings(artifact, entry, packages, allowed)
      .filter(({ code }) => !allowed.allows(code, artifact.functionName, exceptionValue(code, entry.path)))
      .map((found) => finding(found, `${name}:${entry.path}`)),
  );
  const isHeavy = artifact.kind === "function" && zipBytes > WARN_ZIP_BYTES;
  return {
    findings: [...[...tooLarge, ...handlerFinding(artifact, archive)].map((found) => finding(found)), ...findings],
    warnings: isHeavy ? [{ code: "SIZE_LIMIT", path: name, detail: `${zipBytes} bytes zipped, more than 5 MB` }] : [],
    unzippedBytes,
  };
}
