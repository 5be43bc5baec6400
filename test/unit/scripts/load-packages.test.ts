import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { strToU8, zipSync } from "fflate";
import { configurationText } from "../../../scripts/deploy/edge-configuration.ts";
import { loadPackages } from "../../../scripts/load-packages.ts";
import type { LoadFinding } from "../../../scripts/packages/load-finding.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "enceladus-packages-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Whether a Cookie header holds a token that the user pool has signed. */
const VERIFIED = `
  const { createPublicKey, verify } = require("node:crypto");
  async function verified(cookie) {
    const { keys: [key] } = await (await fetch("https://pool.example.com/.well-known/jwks.json")).json();
    const [header, claims, signature] = cookie.replace("enceladus_id_token=", "").split(".");
    const signed = Buffer.from(header + "." + claims);
    return verify("sha256", signed, createPublicKey({ key, format: "jwk" }), Buffer.from(signature, "base64url"));
  }`;

/** A function that does what all do, or something else in one place. */
function httpFunction({
  preflight = "answer(204, '')",
  cookie = "headers.cookie ?? headers.Cookie ?? cookies?.[0]",
  unknownPool = "refusal(500, 'CONFIGURATION_ERROR')",
  known = "await verified(cookie)",
  brokenLibrary = "refusal(500, 'CONFIGURATION_ERROR')",
} = {}): string {
  return `${VERIFIED}
    const answer = (statusCode, body) => ({ statusCode, headers: { "Cache-Control": "no-store" }, body });
    const refusal = (statusCode, code) =>
      answer(statusCode, JSON.stringify({ success: false, error: "no", error_envelope: { code } }));
    exports.handler = async ({ headers, cookies, requestContext: { http } }) => {
      if (http.method === "OPTIONS") return ${preflight};
      const cookie = ${cookie};
      if (!cookie) return refusal(401, "PERMISSION_DENIED");
      if (!process.env.COGNITO_USER_POOL_ID) return ${unknownPool};
      try { require("jose"); } catch { return ${brokenLibrary}; }
      return ${known} ? refusal(404, "NOT_FOUND") : refusal(401, "PERMISSION_DENIED");
    };`;
}

const SOUND = httpFunction();

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
  const shared = {
    "nodejs/node_modules/shared/index.js": strToU8("exports.five = 5;"),
    "nodejs/node_modules/jose/index.js": strToU8(""),
  };
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
    const schedule = [{ schedule: "rate(1 day)" }];
    expect(await findingsOf("exports.handler = async () => {};", schedule)).toStrictEqual([]);
    expect(await findingsOf("syntax error", schedule)).toMatchObject([{ code: "NOT_LOADED" }]);
    expect(await findingsOf("exports.handle = async () => {};", schedule)).toMatchObject([
      { code: "NOT_LOADED", detail: expect.stringContaining("exports no function handler") },
    ]);
  });

  it.each([["stream"], ["sqs"]])("must answer a batch of its %s message by message", async (source) => {
    const events = [{ [source]: { arn: "arn" } }];
    const answering = (answer: string) => `exports.handler = async ({ Records }) => (${answer});`;
    expect(await findingsOf(answering("{ batchItemFailures: Records }"), events)).toStrictEqual([]);
    expect(await findingsOf(answering("undefined"), events)).toMatchObject([{ code: "NOT_LOADED" }]);
    expect(await findingsOf(answering('require("not-in-the-layer")'), events)).toMatchObject([{ code: "NOT_LOADED" }]);
  });

  it("must answer preflights and refuse strangers in the envelope", async () => {
    const findings = await findingsOf('exports.handler = async () => ({ statusCode: 200, body: "{}" });');
    expect(findings.map(({ code }) => code)).toStrictEqual(["NO_PREFLIGHT", "NOT_REFUSED", "WRONG_FAILURE"]);
    expect(await findingsOf(httpFunction({ preflight: "refusal(401)" }))).toMatchObject([{ code: "NO_PREFLIGHT" }]);
  });

  it.each([
    ["headers.cookie", "headers.Cookie ?? cookies?.[0]"],
    ["headers.Cookie", "headers.cookie ?? cookies?.[0]"],
    ["cookies", "headers.cookie ?? headers.Cookie"],
  ])("must find a token in %s", async (place, cookie) => {
    const findings = await findingsOf(httpFunction({ cookie }));
    expect(findings.find(({ code }) => code === "NOT_VERIFIED")?.detail).toBe(`a good token in ${place}: 401`);
  });

  it.each(["true", "false"])("must tell a good token from a tampered one, not take all alike (%s)", async (known) => {
    expect(await findingsOf(httpFunction({ known }))).toMatchObject([{ code: "NOT_VERIFIED", path: "one" }]);
  });

  it.each(["refusal(401, 'PERMISSION_DENIED')", "refusal(500, 'INTERNAL_ERROR')"])(
    "must not say %s where its user pool is not known",
    async (unknownPool) => {
      expect(await findingsOf(httpFunction({ unknownPool }))).toMatchObject([{ code: "WRONG_FAILURE" }]);
    },
  );

  it("must not bring along what belongs into the layer", async () => {
    const noise = Array.from({ length: 9_000 }, () => Math.random().toString(36)).join(" ");
    expect(await findingsOf(`/* ${noise} */ ${SOUND}`)).toMatchObject([{ code: "TOO_LARGE" }]);
  });
});

describe("the package of the function of all other paths", () => {
  const ALL = [{ httpApi: "*" }];

  it("F1: is let through where it says that tokens cannot be checked when the library does not load", async () => {
    expect(await findingsOf(SOUND, ALL)).toStrictEqual([]);
  });

  it.each(["refusal(401, 'PERMISSION_DENIED')", "refusal(500, 'INTERNAL_ERROR')", "refusal(404, 'NOT_FOUND')"])(
    "must not say %s then",
    async (brokenLibrary) => {
      const [finding, ...others] = await findingsOf(httpFunction({ brokenLibrary }), ALL);
      expect(finding).toMatchObject({ code: "WRONG_FAILURE", detail: expect.stringContaining("library") });
      expect(others).toStrictEqual([]);
    },
  );
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
