import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";
import { readElf } from "../../../../scripts/artifact-guard/elf.ts";
import { elfFile } from "../../../support/elf-file.ts";

describe("an ELF file", () => {
  it("says which machine, loader, libraries and versions it needs", () => {
    const file = elfFile({
      machine: 0x3e,
      interpreter: "/lib64/ld-linux-x86-64.so.2",
      needed: ["libm.so.6", "libc.so.6"],
      versions: ["GLIBC_2.2.5", "GLIBC_2.34"],
    });
    expect(readElf(file)).toStrictEqual({
      is64Bit: true,
      machine: 0x3e,
      interpreter: "/lib64/ld-linux-x86-64.so.2",
      needed: ["libm.so.6", "libc.so.6"],
      versions: ["GLIBC_2.2.5", "GLIBC_2.34"],
    });
  });

  it("says so of a real program: this one's runtime", () => {
    const facts = readElf(readFileSync(process.execPath));
    expect(facts).toMatchObject({ is64Bit: true, machine: process.arch === "arm64" ? 0xb7 : 0x3e });
    expect(facts.needed.some((name) => name.startsWith("libc."))).toBe(true);
    expect(facts.versions.some((version) => version.startsWith("GLIBC_"))).toBe(true);
  });

  it("may need nothing", () => {
    expect(readElf(elfFile())).toMatchObject({ machine: 0xb7, needed: [], versions: [] });
  });

  it("is not looked into where it is none of 64 bits", () => {
    expect(readElf(elfFile({ bits: 1, needed: ["libc.so.6"] }))).toMatchObject({ is64Bit: false, needed: [] });
  });

  it.each([
    ["is cut off in its header", elfFile().subarray(0, 40)],
    ["is cut off behind it", elfFile({ needed: ["libc.so.6"] }).subarray(0, 200)],
    ["is nothing but its beginning", Buffer.from("7f454c46", "hex")],
  ])("that %s is refused", (_what, file) => {
    expect(() => readElf(file)).toThrow();
  });

  it("that goes in circles comes to an end", () => {
    const file = elfFile({ versions: Array.from({ length: 4_000 }, (_, index) => `GLIBC_2.${index}`) });
    // As many versions as can be said, each followed by itself.
    for (let at = 0; at + 16 <= file.length; at += 1) {
      if (file.readUInt16LE(at) === 1 && file.readUInt16LE(at + 2) === 4_000) {
        file.writeUInt16LE(0xffff, at + 2);
        break;
      }
    }
    expect(() => readElf(file)).toThrow("more versions than any library has");
  });

  it("that is broken anywhere is read or refused, and keeps nobody waiting", () => {
    const sound = elfFile({ interpreter: "/lib/ld.so", needed: ["libc.so.6"], versions: ["GLIBC_2.17"] });
    const bytes = fc.array(fc.tuple(fc.nat(sound.length - 7), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(bytes, (changes) => {
        const broken = Buffer.from(sound);
        for (const [at, value] of changes) broken[at + 6] = value;
        const startedAt = performance.now();
        try {
          readElf(broken);
        } catch (error) {
          expect(error).toHaveProperty("message");
        }
        expect(performance.now() - startedAt).toBeLessThan(1_000);
      }),
      { numRuns: 500 },
    );
  });
});
