import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { strToU8, zipSync } from "fflate";
import { configurationText } from "../../../scripts/deploy/edge-configuration.ts";
import { loadPackages } from "../../../scripts/load-packages.ts";
import type { LoadFinding } from "../../../scripts/packages/load-finding.ts";
import { nativeKind } from "../../../scripts/packages/native-code.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "enceladus-packages-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const REFUSAL = JSON.stringify({ success: false, error: "no", error_envelope: {} });
const SOUND = `exports.handler = async ({ requestContext: { http } }) => http.method === "OPTIONS"
  ? { statusCode: 204, headers: {}, body: "" }
  : { statusCode: 401, headers: { "Cache-Control": "no-store" }, body: ${JSON.stringify(REFUSAL)} };`;

/** Whether a Cookie header holds a token that the user pool has signed. */
const VERIFIED = `
  const { createPublicKey, verify } = require("node:crypto");
  async function verified(cookie) {
    const { keys: [key] } = await (await fetch("https://pool.example.com/.well-known/jwks.json")).json();
    const [header, claims, signature] = cookie.replace("enceladus_id_token=", "").split(".");
    const signed = Buffer.from(header + "." + claims);
    return verify("sha256", signed, createPublicKey({ key, format: "jwk" }), Buffer.from(signature, "base64url"));
  }`;

/** What is found of one function with this code, packed as the framework does it. */
async function findingsOf(
  code: string,
  events: object[] = [{ httpApi: "GET /things" }],
  more: Readonly<Record<string, Uint8Array>> = {},
): Promise<LoadFinding[]> {
  const declared = { name: "one", handler: "functions/one/handler.handler", events };
  const state = { service: { provider: { layers: [{ Ref: "SharedLambdaLayer" }] }, functions: { one: declared } } };
  writeFileSync(join(directory, "serverless-state.json"), JSON.stringify(state));
  writeFileSync(join(directory, "one.zip"), zipSync({ "functions/one/handler.cjs": strToU8(code), ...more }));
  const shared = { "nodejs/node_modules/shared/index.js": strToU8("exports.five = 5;") };
  writeFileSync(join(directory, "shared.zip"), zipSync(shared));
  return (await loadPackages(directory)).findings;
}

describe("a packaged function", () => {
  it("that loads and refuses strangers is let through", async () => {
    expect(await findingsOf(SOUND)).toStrictEqual([]);
  });

  it("finds the layer", async () => {
    expect(await findingsOf(`if (require("shared").five !== 5) throw new Error(); ${SOUND}`)).toStrictEqual([]);
  });

  it("finds nothing of this repository's node_modules", async () => {
    expect(await findingsOf(`require("zod"); ${SOUND}`)).toMatchObject([
      { code: "NOT_LOADED", path: "one", detail: expect.stringContaining("Cannot find module 'zod'") },
    ]);
  });

  it("must load, even if nobody calls it over HTTP", async () => {
    expect(await findingsOf("exports.handler = async () => {};", [{ schedule: "rate(1 day)" }])).toStrictEqual([]);
    expect(await findingsOf("syntax error", [{ schedule: "rate(1 day)" }])).toMatchObject([{ code: "NOT_LOADED" }]);
  });

  it("must answer preflights and refuse strangers in the envelope", async () => {
    const findings = await findingsOf('exports.handler = async () => ({ statusCode: 200, body: "hi" });');
    expect(findings.map(({ code }) => code)).toStrictEqual(["NO_PREFLIGHT", "NOT_REFUSED"]);
  });

  it("must not bring along what belongs into the layer", async () => {
    const noise = Array.from({ length: 9_000 }, () => Math.random().toString(36)).join(" ");
    expect(await findingsOf(`/* ${noise} */ ${SOUND}`)).toMatchObject([{ code: "TOO_LARGE" }]);
  });
});

describe("the package of the function of all other paths", () => {
  const ALL = [{ httpApi: "*" }];
  const answering = (known: string) => `${VERIFIED}
    const sound = (() => { const exports = {}; ${SOUND} return exports.handler; })();
    exports.handler = async (event) =>
      event.cookies && (${known}) ? { statusCode: 404, headers: {}, body: "{}" } : sound(event);`;

  it("F1: tells a good token from a tampered one", async () => {
    expect(await findingsOf(answering("await verified(event.cookies[0])"), ALL)).toStrictEqual([]);
  });

  it.each(["true", "false"])("is not let through where it does not (%s)", async (known) => {
    expect(await findingsOf(answering(known), ALL)).toMatchObject([{ code: "NOT_VERIFIED", path: "one" }]);
  });
});

describe("the package of the edge", () => {
  const AT_THE_EDGE = [{ cloudFront: { eventType: "viewer-request", pathPattern: "/enceladus*" } }];
  const CLOSED = `{ status: "503", headers: { "cache-control": [{ value: "no-store" }] } }`;

  const edge = ({ unconfigured = CLOSED, lets = "await verified(cookie)" } = {}) => `${VERIFIED}
    const { clientId } = JSON.parse('${configurationText(undefined)}');
    exports.handler = async ({ Records: [{ cf: { request } }] }) => {
      if (!clientId) return ${unconfigured};
      const cookie = request.headers.cookie[0].value;
      return ${lets} ? request : { status: "302", headers: {} };
    };`;

  it("lets nobody in without a configuration, and with one those whom the user pool knows", async () => {
    expect(await findingsOf(edge(), AT_THE_EDGE)).toStrictEqual([]);
  });

  it.each([
    ["forwards", "request"],
    ["sends people to a sign-in that it does not know", '{ status: "302", headers: {} }'],
    ["lets its answer be cached", '{ status: "503", headers: {} }'],
  ])("is not let through where it %s without a configuration", async (_what, unconfigured) => {
    const findings = await findingsOf(edge({ unconfigured }), AT_THE_EDGE);
    expect(new Set(findings.map(({ code }) => code))).toStrictEqual(new Set(["OPEN_EDGE"]));
  });

  it.each(["true", "false"])("is not let through where all tokens are the same to it (%s)", async (lets) => {
    expect(await findingsOf(edge({ lets }), AT_THE_EDGE)).toMatchObject([{ code: "NOT_VERIFIED", path: "one" }]);
  });

  it("must load", async () => {
    expect(await findingsOf("syntax error", AT_THE_EDGE)).toMatchObject([{ code: "NOT_LOADED" }]);
  });

  it("must be what CloudFront takes: a megabyte", async () => {
    const noise = { "noise.bin": randomBytes(1024 * 1024) };
    expect(await findingsOf(edge(), AT_THE_EDGE, noise)).toMatchObject([{ code: "TOO_LARGE" }]);
  });
});

describe("F1: compiled code", () => {
  it("is let into no package, whatever its name is", async () => {
    const more = { "functions/one/data.json": Buffer.from("7f454c4602010100", "hex") };
    expect(await findingsOf(SOUND, undefined, more)).toStrictEqual([
      { code: "NATIVE_IN_FUNCTION", path: "one: functions/one/data.json", detail: "ELF" },
    ]);
  });

  it.each([
    ["ELF", "a", "7f454c46"],
    ["Mach-O", "a", "cffaedfe07000001"],
    ["Mach-O", "a", "cafebabe00000002"],
    ["PE", "a", `4d5a${"00".repeat(58)}40000000${"50450000"}`],
    [".node", "build/Release/addon.node", "00"],
    [".so.3", "lib/libssl.so.3", "00"],
    [".dylib", "lib/libssl.dylib", "00"],
  ])("is known as %s: %s %s", (kind, path, content) => {
    expect(nativeKind(path, Buffer.from(content, "hex"))).toBe(kind);
  });

  it.each([
    ["a script", "index.js", Buffer.from("#!/usr/bin/env node")],
    ["WebAssembly, which runs everywhere", "a.wasm", Buffer.from("0061736d01000000", "hex")],
    [
      "a text that begins like a program",
      "a.txt",
      Buffer.from("MZ is how programs begin, but not all that do are any, as this one."),
    ],
    ["nothing", "empty", Buffer.alloc(0)],
  ])("is not what %s is", (_what, path, content) => {
    expect(nativeKind(path, content)).toBeUndefined();
  });
});
