import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { strToU8, zipSync } from "fflate";
import { type LoadFinding, loadPackages } from "../../../scripts/load-packages.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "enceladus-packages-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const REFUSAL = JSON.stringify({ success: false, error: "no", error_envelope: {} });
const SOUND = `exports.handler = async ({ requestContext: { http } }) => http.method === "OPTIONS"
  ? { statusCode: 204, headers: {}, body: "" }
  : { statusCode: 401, headers: { "Cache-Control": "no-store" }, body: ${JSON.stringify(REFUSAL)} };`;

/** What is found of one function with this code, packed as the framework does it. */
async function findingsOf(code: string, events: object[] = [{ httpApi: "GET /things" }]): Promise<LoadFinding[]> {
  const declared = { name: "one", handler: "functions/one/handler.handler", events };
  const state = { service: { provider: { layers: [{ Ref: "SharedLambdaLayer" }] }, functions: { one: declared } } };
  writeFileSync(join(directory, "serverless-state.json"), JSON.stringify(state));
  writeFileSync(join(directory, "one.zip"), zipSync({ "functions/one/handler.cjs": strToU8(code) }));
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
