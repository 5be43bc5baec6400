import type { AllowList } from "../workflow-guard/allow-list.ts";
import type { Architecture } from "./architecture.ts";
import { binaryFormat, nativeEnding } from "./binary-format.ts";
import { type ElfFacts, readElf } from "./elf.ts";
import type { EntryFinding } from "./finding.ts";
import { packageOfEntry } from "./platform-package.ts";

const MACHINE: Readonly<Record<Architecture, number>> = { x86_64: 0x3e, arm64: 0xb7 };
/** Of Amazon Linux 2023, on which the runtime stands. */
const RUNTIME_GLIBC: readonly [major: number, minor: number] = [2, 34];
/** What libraries ask for that were linked with packed relocations, which came with glibc 2.36. */
const PACKED_RELOCATIONS = "GLIBC_ABI_DT_RELR";

function isTooNew(version: string): boolean {
  if (version === PACKED_RELOCATIONS) return true;
  const [, major, minor] = /^GLIBC_(\d{1,4})\.(\d{1,4})/.exec(version) ?? [];
  if (major === undefined) return false;
  const [runtimeMajor, runtimeMinor] = RUNTIME_GLIBC;
  return Number(major) > runtimeMajor || (Number(major) === runtimeMajor && Number(minor) > runtimeMinor);
}

function libraryFindings({ interpreter, needed, versions }: ElfFacts): EntryFinding[] {
  const musl = [interpreter, ...needed].find((name) => name.includes("musl"));
  const tooNew = [...new Set(versions.filter(isTooNew))].sort();
  return [
    ...(musl ? [{ code: "LIBC_MISMATCH", detail: `needs musl (${musl})` } as const] : []),
    ...(tooNew.length > 0
      ? [{ code: "LIBC_MISMATCH", detail: `needs ${tooNew.join(", ")}, the runtime has 2.34` } as const]
      : []),
  ];
}

function elfFindings(bytes: Uint8Array, architecture: Architecture): EntryFinding[] {
  let facts: ElfFacts;
  try {
    facts = readElf(bytes);
  } catch (error) {
    // What does not say for which machine it is does not run on ours.
    return [{ code: "WRONG_ARCH", detail: `ELF, and broken: ${error instanceof Error ? error.message : error}` }];
  }
  const fits = facts.is64Bit && facts.machine === MACHINE[architecture];
  const bits = facts.is64Bit ? "64-bit" : "not 64-bit little-endian";
  const machine = `0x${facts.machine.toString(16)}`;
  return fits
    ? libraryFindings(facts)
    : [{ code: "WRONG_ARCH", detail: `ELF for machine ${machine}, ${bits}; the layer is for ${architecture}` }];
}

/** A function holds no compiled code at all: by content, and by names that nothing else has. */
export function nativeInFunction(path: string, bytes: Uint8Array): EntryFinding[] {
  const kind = binaryFormat(bytes) ?? nativeEnding(path);
  return kind === undefined ? [] : [{ code: "NATIVE_IN_FUNCTION", detail: kind }];
}

/**
 * Compiled code in the layer is of a package that has a reason to be, and for the system that Lambda has: elsewhere it
 * fails to load, and with it what stands on it.
 */
export function nativeInLayer(
  path: string,
  bytes: Uint8Array,
  architecture: Architecture,
  allowed: AllowList,
): EntryFinding[] {
  const format = binaryFormat(bytes);
  if (format === "Mach-O" || format === "PE") return [{ code: "WRONG_FORMAT", detail: format }];
  const kind = format ?? nativeEnding(path);
  if (kind === undefined) return [];
  const name = packageOfEntry(path) ?? path;
  return [
    ...(format === "ELF" ? elfFindings(bytes, architecture) : []),
    ...(allowed.allows("NATIVE_NOT_ALLOWED", null, name)
      ? []
      : [
          { code: "NATIVE_NOT_ALLOWED", detail: `${kind} of ${name}, which no entry of the allow-list names` } as const,
        ]),
  ];
}
