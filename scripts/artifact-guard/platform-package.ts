import * as z from "zod";
import type { Architecture } from "./architecture.ts";
import type { EntryFinding } from "./finding.ts";

/** As npm calls what Lambda calls by other names. */
const CPU: Readonly<Record<Architecture, string>> = { arm64: "arm64", x86_64: "x64" };
const OTHER_SYSTEMS = new Set([
  "aix",
  "android",
  "darwin",
  "freebsd",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
]);
const OTHER_LIBRARIES = new Set(["musl", "linuxmusl", "musleabihf"]);
const CPUS = new Set([
  "arm64",
  "armv7",
  "armv7l",
  "ia32",
  "loong64",
  "mips64el",
  "ppc64",
  "ppc64le",
  "riscv64",
  "s390x",
  "x64",
]);
const LARGEST_MANIFEST = 1024 * 1024;

const names = z.union([z.string().transform((name) => [name]), z.array(z.string())]).catch([]);
const Manifest = z.object({ os: names.optional(), cpu: names.optional(), libc: names.optional() });

/** The package that an entry of an archive belongs to; undefined for what is in none. */
export function packageOfEntry(path: string): string | undefined {
  const inPackage = /(?:^|.*\/)node_modules\/(@[^/]+\/[^/]+|[^@/][^/]*)\//.exec(path);
  return inPackage?.[1];
}

/** As npm reads `os` and `cpu`: a name with `!` excludes, and where there are others, one of them has to fit. */
function accepts(listed: readonly string[] | undefined, name: string): boolean {
  if (!listed || listed.length === 0) return true;
  if (listed.includes(`!${name}`)) return false;
  const wanted = listed.filter((item) => !item.startsWith("!"));
  return wanted.length === 0 || wanted.includes(name) || wanted.includes("any");
}

function byName(name: string, architecture: Architecture): string | undefined {
  const words = name.toLowerCase().split(/[-_@/.]/);
  const other = words.find((word) => OTHER_SYSTEMS.has(word) || OTHER_LIBRARIES.has(word));
  if (other) return `${name} is for ${other}`;
  const cpus = words.filter((word) => CPUS.has(word));
  return cpus.length > 0 && !cpus.includes(CPU[architecture])
    ? `${name} is for ${cpus.join(", ")}, not for ${CPU[architecture]}`
    : undefined;
}

function byManifest(name: string, bytes: Uint8Array, architecture: Architecture): string | undefined {
  if (bytes.length > LARGEST_MANIFEST) return `the package.json of ${name} is too large to be one`;
  let manifest: z.output<typeof Manifest>;
  try {
    manifest = Manifest.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  } catch {
    // The runtime would not read it either.
    return undefined;
  }
  if (!accepts(manifest.os, "linux")) return `${name} is for the systems ${manifest.os?.join(", ")}`;
  if (!accepts(manifest.cpu, CPU[architecture])) return `${name} is for the processors ${manifest.cpu?.join(", ")}`;
  return accepts(manifest.libc, "glibc") ? undefined : `${name} is for the C library ${manifest.libc?.join(", ")}`;
}

/** The packages of an archive that were made for another system, each reported once, at the first entry that shows it. */
export class PlatformPackages {
  readonly #architecture: Architecture;
  readonly #judged = new Set<string>();
  readonly #reported = new Set<string>();

  constructor(architecture: Architecture) {
    this.#architecture = architecture;
  }

  check(path: string, bytes: Uint8Array): EntryFinding[] {
    const name = packageOfEntry(path);
    if (name === undefined || this.#reported.has(name)) return [];
    const isManifest = path.endsWith(`node_modules/${name}/package.json`);
    const detail =
      (this.#judged.has(name) ? undefined : byName(name, this.#architecture)) ??
      (isManifest ? byManifest(name, bytes, this.#architecture) : undefined);
    this.#judged.add(name);
    if (detail === undefined) return [];
    this.#reported.add(name);
    return [{ code: "PLATFORM_PACKAGE", detail }];
  }
}
