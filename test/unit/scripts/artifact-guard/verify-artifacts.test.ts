import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { strToU8, type Zippable, zipSync } from "fflate";
import { FINGERPRINTS } from "../../../../scripts/artifact-guard/duplicated-dependency.ts";
import type { ArtifactFinding } from "../../../../scripts/artifact-guard/finding.ts";
import { buildLayer } from "../../../../scripts/build-layer.ts";
import { type ArtifactOptions, verifyArtifacts } from "../../../../scripts/verify-artifacts.ts";
import type { Exception } from "../../../../scripts/workflow-guard/allow-list.ts";
import { elfFile } from "../../../support/elf-file.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "enceladus-artifacts-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const LAYER = "nodejs/node_modules";
const FAT_MACH_O = Buffer.from("cafebabe00000002", "hex");

function zipFile(content: Zippable | Uint8Array): string {
  const zip = join(directory, "one.zip");
  writeFileSync(zip, content instanceof Uint8Array ? content : zipSync(content));
  return zip;
}

async function findingsIn(
  content: Zippable | Uint8Array,
  options: ArtifactOptions = {},
  exceptions: readonly Exception[] = [],
): Promise<ArtifactFinding[]> {
  const allowList = join(directory, "allow-list.json");
  writeFileSync(allowList, JSON.stringify(exceptions));
  return (await verifyArtifacts({ zip: zipFile(content), allowList, ...options })).findings;
}

const inLayer = (content: Zippable | Uint8Array, exceptions: readonly Exception[] = []) =>
  findingsIn(content, { kind: "layer", arch: "arm64" }, exceptions);
const codesOf = (findings: readonly ArtifactFinding[]) => findings.map(({ code }) => code);
const LIBRARY = `${LAYER}/fast/build/fast.node`;
const FAST_MAY: Exception = { rule: "NATIVE_NOT_ALLOWED", function_name: null, value: "fast", reason: "it has to" };

describe("a function's package", () => {
  it("with scripts, data and WebAssembly is let through", async () => {
    const content = {
      "functions/one/handler.cjs": strToU8("exports.handler = 1;"),
      "data.json": strToU8("{}"),
      "a.wasm": Buffer.from("0061736d01000000", "hex"),
      "Some.class": Buffer.from("cafebabe00000041", "hex"),
    };
    expect(await findingsIn(content, { handler: "functions/one/handler.handler" })).toStrictEqual([]);
  });

  it.each([
    ["an ELF file", elfFile()],
    ["a Mach-O file", FAT_MACH_O],
    ["a Windows program", Buffer.from(`4d5a${"00".repeat(58)}40000000${"50450000"}`, "hex")],
  ])("holds no compiled code: %s under a harmless name", async (_what, bytes) => {
    expect(await findingsIn({ "functions/one/data.json": bytes })).toMatchObject([
      { code: "NATIVE_IN_FUNCTION", path: "one.zip:functions/one/data.json" },
    ]);
  });

  it("holds nothing that is called as compiled code is", async () => {
    expect(codesOf(await findingsIn({ "a/b.so.1": strToU8("x") }))).toStrictEqual(["NATIVE_IN_FUNCTION"]);
  });

  it("has its handler in it", async () => {
    const findings = await findingsIn({ "handler.cjs": strToU8("") }, { handler: "functions/one/handler.handler" });
    expect(findings).toMatchObject([{ code: "HANDLER_NOT_IN_ZIP", path: "one.zip" }]);
  });

  it.each(Object.keys(FINGERPRINTS))("does not bring along what is in the layer: %s", async (name) => {
    const code = strToU8(`class A{code=${JSON.stringify(FINGERPRINTS[name])}}`);
    expect(await findingsIn({ "handler.cjs": code })).toMatchObject([
      { code: "DUPLICATED_DEPENDENCY", detail: expect.stringContaining(name) },
    ]);
    expect(await inLayer({ [`${LAYER}/a/index.js`]: code })).toStrictEqual([]);
  });

  it("is named when it is large, and refused when it is too large", async () => {
    const { findings, warnings, ok } = await verifyArtifacts({ zip: zipFile({ a: randomBytes(5 * 1024 * 1024 + 1) }) });
    expect([ok, findings, codesOf(warnings)]).toStrictEqual([true, [], ["SIZE_LIMIT"]]);
    const tooLarge = await findingsIn(zipSync({ a: Buffer.alloc(51 * 1024 * 1024) }, { level: 0 }));
    expect(codesOf(tooLarge)).toStrictEqual(["SIZE_LIMIT"]);
  });
});

describe("the layer", () => {
  it("that is built here has every fingerprint by which a second copy would be known", async () => {
    const { directory: layer } = await buildLayer();
    const search = (text: string) => execFileSync("grep", ["-rlF", text, layer]).toString();
    for (const text of Object.values(FINGERPRINTS)) expect(search(text)).not.toBe("");
  });

  it("holds compiled code that fits, of packages with a reason", async () => {
    const library = elfFile({ needed: ["libc.so.6"], versions: ["GLIBC_2.17", "GLIBC_2.34"] });
    expect(await inLayer({ [LIBRARY]: library }, [FAST_MAY])).toStrictEqual([]);
    expect(await inLayer({ [LIBRARY]: library })).toMatchObject([
      { code: "NATIVE_NOT_ALLOWED", path: `one.zip:${LIBRARY}`, detail: expect.stringContaining("fast") },
    ]);
  });

  it.each<[code: string, what: string, bytes: Buffer]>([
    ["WRONG_FORMAT", "for macOS", FAT_MACH_O],
    ["WRONG_FORMAT", "for Windows", Buffer.from(`4d5a${"00".repeat(58)}40000000${"50450000"}`, "hex")],
    ["WRONG_ARCH", "for another processor", elfFile({ machine: 0x3e })],
    ["WRONG_ARCH", "of 32 bits", elfFile({ bits: 1 })],
    ["WRONG_ARCH", "that is cut off", elfFile().subarray(0, 80)],
    ["LIBC_MISMATCH", "that needs a newer C library", elfFile({ versions: ["GLIBC_2.34", "GLIBC_2.35"] })],
    ["LIBC_MISMATCH", "that was linked for a newer one", elfFile({ versions: ["GLIBC_ABI_DT_RELR"] })],
    ["LIBC_MISMATCH", "that needs another C library", elfFile({ needed: ["libc.musl-aarch64.so.1"] })],
    ["LIBC_MISMATCH", "that is loaded by another one", elfFile({ interpreter: "/lib/ld-musl-aarch64.so.1" })],
  ])("%s: holds nothing %s", async (code, _what, bytes) => {
    expect(codesOf(await inLayer({ [LIBRARY]: bytes }, [FAST_MAY]))).toStrictEqual([code]);
  });

  it("for x86_64 holds what is for x86_64", async () => {
    const options = { kind: "layer", arch: "x86_64" } as const;
    expect(await findingsIn({ [LIBRARY]: elfFile({ machine: 0x3e }) }, options, [FAST_MAY])).toStrictEqual([]);
    expect(codesOf(await findingsIn({ [LIBRARY]: elfFile() }, options, [FAST_MAY]))).toStrictEqual(["WRONG_ARCH"]);
  });

  it("has everything where it is looked for", async () => {
    expect(await inLayer({ "node_modules/a/index.js": strToU8("") })).toMatchObject([{ code: "LAYER_LAYOUT" }]);
  });

  it.each(["@esbuild/darwin-arm64", "core-win32-x64", "@img/sharp-linuxmusl-arm64", "thing-linux-x64", "a-musl"])(
    "holds no package for another system: %s",
    async (name) => {
      const content = { [`${LAYER}/${name}/index.js`]: strToU8(""), [`${LAYER}/${name}/more.js`]: strToU8("") };
      expect(codesOf(await inLayer(content))).toStrictEqual(["PLATFORM_PACKAGE"]);
    },
  );

  it.each<[what: string, manifest: object, isFound: boolean]>([
    ["another system", { os: ["darwin", "win32"] }, true],
    ["any but ours", { os: ["!linux"] }, true],
    ["another processor", { cpu: ["x64"] }, true],
    ["another C library", { libc: ["musl"] }, true],
    ["ours", { os: ["linux", "darwin"], cpu: "arm64", libc: ["glibc"] }, false],
    ["any but another", { os: ["!win32"] }, false],
    ["all", { os: [] }, false],
  ])("holds no package that says it is for another system: %s", async (_what, manifest, isFound) => {
    const content = { [`${LAYER}/a/package.json`]: strToU8(JSON.stringify(manifest)) };
    expect(codesOf(await inLayer(content))).toStrictEqual(isFound ? ["PLATFORM_PACKAGE"] : []);
  });

  it("may hold a package that an exception names, and packages that only sound like one", async () => {
    const exception = { ...FAST_MAY, rule: "PLATFORM_PACKAGE", value: "is-win32" } as const;
    expect(await inLayer({ [`${LAYER}/is-win32/index.js`]: strToU8("") }, [exception])).toStrictEqual([]);
    expect(await inLayer({ [`${LAYER}/linux-info-arm64/index.js`]: strToU8("") })).toStrictEqual([]);
  });
});

const MAP = { version: 3, sources: ["a.ts"], sourcesContent: ["const secret = 1;"] };

describe("no package tells", () => {
  const inline = `//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(MAP)).toString("base64")}`;

  it.each<[what: string, path: string, text: string]>([
    ["tests", "a.test.js", ""],
    ["folders of tests", "node_modules/a/test/index.js", ""],
    ["settings", "functions/.env.production", ""],
    ["a repository", ".git/config", ""],
    ["a registry's token", ".npmrc", ""],
    ["credentials", ".aws/credentials", ""],
    ["keys by name", "certs/server.pem", ""],
    ["keys by content", "data.txt", `x\n-----BEGIN ${"PRIVATE"} KEY-----\n`],
    ["access keys", "handler.cjs", `a("${"AKIA"}ABCDEFGHIJKLMNOP")`],
    ["sources beside scripts", "handler.cjs.map", JSON.stringify(MAP)],
    ["sources in scripts", "handler.cjs", inline],
  ])("%s", async (_what, path, text) => {
    expect(codesOf(await findingsIn({ [path]: strToU8(text) }))).toStrictEqual(["SOURCE_LEAK"]);
  });

  it("but maps without sources may be there", async () => {
    const map = JSON.stringify({ ...MAP, sourcesContent: [null] });
    expect(await findingsIn({ "handler.cjs.map": strToU8(map), "testing/latest.js": strToU8("") })).toStrictEqual([]);
  });
});

describe("a zip file that is not what it seems", () => {
  const DIRECTORY_ENTRY = Buffer.from("504b0102", "hex");

  /** A zip file, changed where the directory tells of its first entry. */
  function altered(change: (zip: Buffer, at: number) => void): Buffer {
    const zip = Buffer.from(zipSync({ "a.js": strToU8("x".repeat(10_000)) }));
    change(zip, zip.indexOf(DIRECTORY_ENTRY));
    return zip;
  }

  it.each<[code: string, what: string, content: Zippable | Buffer]>([
    ["UNSAFE_ENTRY", "leads out of the package", { "../a.js": strToU8("") }],
    ["UNSAFE_ENTRY", "leads anywhere", { "/etc/a.js": strToU8("") }],
    ["UNSAFE_ENTRY", "has a link in it", { a: [strToU8("/etc/passwd"), { os: 3, attrs: 0o120777 << 16 }] }],
    ["UNREADABLE_INPUT", "unpacks to more than it says", altered((zip, at) => zip.writeUInt32LE(100, at + 24))],
    ["UNREADABLE_INPUT", "has another content than it says", altered((zip, at) => zip.writeUInt32LE(1, at + 16))],
    ["UNREADABLE_INPUT", "is encrypted", altered((zip, at) => zip.writeUInt16LE(1, at + 8))],
    ["UNREADABLE_INPUT", "has a name of its own for who reads on", altered((zip, at) => zip.write("b.js", at + 46))],
    ["UNREADABLE_INPUT", "is cut off", Buffer.from(zipSync({ a: strToU8("a") })).subarray(0, 30)],
    ["UNREADABLE_INPUT", "is none", Buffer.from("PK, but no more than that, for as long as it takes.")],
    ["UNREADABLE_INPUT", "is empty", Buffer.alloc(0)],
    ["SIZE_LIMIT", "says it is larger than Lambda takes", altered((zip, at) => zip.writeUInt32LE(0x7fffffff, at + 24))],
  ])("%s: it %s", async (code, _what, content) => {
    expect(codesOf(await findingsIn(content))).toStrictEqual([code]);
  });

  it("is refused where it has one name twice", async () => {
    const one = Buffer.from(zipSync({ "a.js": strToU8("1"), "b.js": strToU8("2") }));
    const twice = Buffer.from(one.toString("latin1").replaceAll("b.js", "a.js"), "latin1");
    expect(codesOf(await findingsIn(twice))).toStrictEqual(["UNSAFE_ENTRY"]);
  });
});

describe("all packages of a service", () => {
  function pack(layer: Zippable, one: Zippable): string {
    const declared = { name: "devops-one", handler: "functions/one/handler.handler", events: [] };
    const service = {
      provider: { layers: [{ Ref: "SharedLambdaLayer" }], architecture: "arm64" },
      layers: { shared: { compatibleArchitectures: ["arm64"] } },
      functions: { one: declared, edge: { ...declared, name: "edge", layers: [], architecture: "x86_64" } },
    };
    writeFileSync(join(directory, "serverless-state.json"), JSON.stringify({ service }));
    writeFileSync(join(directory, "shared.zip"), zipSync(layer));
    for (const key of ["one", "edge"]) writeFileSync(join(directory, `${key}.zip`), zipSync(one));
    return directory;
  }

  it("are looked into, each for what it is", async () => {
    const jose = strToU8(FINGERPRINTS.jose ?? "");
    const folder = pack({ [LIBRARY]: elfFile({ machine: 0x3e }) }, { "functions/one/handler.cjs": jose });
    const { checked, findings } = await verifyArtifacts({ package: folder });
    expect(checked).toBe(3);
    // The edge has no layer that could hold what it needs.
    expect(findings.map(({ code, path }) => [code, path])).toStrictEqual([
      ["WRONG_ARCH", `shared.zip:${LIBRARY}`],
      ["NATIVE_NOT_ALLOWED", `shared.zip:${LIBRARY}`],
      ["DUPLICATED_DEPENDENCY", "one.zip:functions/one/handler.cjs"],
    ]);
  });

  it("that are not there cannot be read", async () => {
    expect(await verifyArtifacts({ package: join(directory, "nowhere") })).toMatchObject({
      ok: false,
      findings: [{ code: "UNREADABLE_INPUT" }],
    });
  });
});

describe("guard:artifacts", () => {
  const run = (...args: string[]) => {
    try {
      return {
        code: 0,
        output: execFileSync("node", ["scripts/verify-artifacts.ts", ...args], { stdio: "pipe" }).toString(),
      };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: Buffer };
      return { code: status, output: stdout.toString() };
    }
  };

  it("prints its report as JSON, and ends with 1 where it has found something", () => {
    expect(run("--json", "--zip", zipFile({ a: elfFile() }))).toStrictEqual({
      code: 1,
      output: `${JSON.stringify({
        ok: false,
        findings: [{ code: "NATIVE_IN_FUNCTION", path: "one.zip:a", detail: "ELF" }],
        warnings: [],
        checked: 1,
      })}\n`,
    });
    const missing = run("--json", "--zip", join(directory, "none.zip"));
    expect([missing.code, JSON.parse(missing.output).findings[0].code]).toStrictEqual([1, "UNREADABLE_INPUT"]);
  });

  it("ends with 0 where it has found nothing", () => {
    expect(run("--kind", "layer", "--zip", zipFile({ [`${LAYER}/a.js`]: strToU8("") })).code).toBe(0);
    expect(readFileSync(join(directory, "one.zip")).length).toBeGreaterThan(0);
  });
});
