import { describe, expect, it } from "@jest/globals";
import { binaryFormat, nativeEnding } from "../../../../scripts/artifact-guard/binary-format.ts";

describe("compiled code", () => {
  it.each([
    ["ELF", "7f454c46"],
    ["Mach-O", "feedface"],
    ["Mach-O", "feedfacf"],
    ["Mach-O", "cefaedfe"],
    ["Mach-O", "cffaedfe07000001"],
    ["Mach-O", "cafebabe"],
    ["Mach-O", "cafebabe00000002"],
    ["Mach-O", "cafebabf00000002"],
    ["PE", `4d5a${"00".repeat(58)}40000000${"50450000"}`],
  ])("is known as %s by %s", (format, content) => {
    expect(binaryFormat(Buffer.from(content, "hex"))).toBe(format);
  });

  it.each([
    ["a script", Buffer.from("#!/usr/bin/env node")],
    ["WebAssembly, which runs everywhere", Buffer.from("0061736d01000000", "hex")],
    ["a Java class, which begins like a Mach-O file", Buffer.from("cafebabe00000041", "hex")],
    [
      "a text that begins like a program",
      Buffer.from("MZ is how programs begin, but not all that do are any, as this."),
    ],
    ["a file that points behind its end", Buffer.from(`4d5a${"00".repeat(58)}ffffffff`, "hex")],
    ["nothing", Buffer.alloc(0)],
  ])("is not what %s is", (_what, content) => {
    expect(binaryFormat(content)).toBeUndefined();
  });

  it.each(["a/addon.node", "lib/libssl.so", "lib/libssl.so.3", "libc.so.1.2.3", "a.dylib", "a.DLL", "b.exe"])(
    "is what %s is called",
    (path) => {
      expect(nativeEnding(path)).toBeDefined();
    },
  );

  it.each(["node", "a.node.js", "so.what", "a.so.json", "index.js", "a.wasm"])("is not what %s is called", (path) => {
    expect(nativeEnding(path)).toBeUndefined();
  });

  it("is told by a name in a time that is linear in it", () => {
    const startedAt = performance.now();
    nativeEnding(`${".so.1".repeat(200_000)}!`);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
