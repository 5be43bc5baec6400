import type { GatewayResponse } from "@enceladus/middleware/reply";
import { afterAll, describe, expect, it } from "@jest/globals";
import { type EventParts, gatewayEvent } from "../../../scripts/packages/gateway-event.ts";
import { waysToSend } from "../../support/cookie-ways.ts";
import { FORGED_TOKENS } from "../../support/forged-tokens.ts";
import { type HttpFunction, httpFunctions } from "../../support/http-functions.ts";
import { TokenIssuer } from "../../support/token-issuer.ts";

const INTERNAL_KEY = "the-internal-key-of-this-test";
const NOWHERE = "/api/v1/no/such/path/in/any/function/at/all";

const issuer = await TokenIssuer.start();
Object.assign(process.env, issuer.environment(), {
  COORDINATION_INTERNAL_API_KEY: ` , ${INTERNAL_KEY}, the-next-key`,
  POWERTOOLS_LOG_LEVEL: "SILENT",
});
delete process.env.INTERNAL_KEY_SECRET;

const functions = await httpFunctions();
const token = issuer.token();
const cookie = `enceladus_id_token=${token}`;

function accepts({ name, operations }: HttpFunction, credential: "cookie" | "internal-key"): boolean {
  return name === "not-found" || operations.some(({ auth }) => auth !== "public" && auth.includes(credential));
}

/** A path that leads nowhere tells who is let in: 404 to those who are, 401 to the others. */
function callNowhere({ handler }: HttpFunction, parts: Partial<EventParts>): Promise<GatewayResponse> {
  return handler(gatewayEvent({ method: "GET", path: NOWHERE, ...parts }), { awsRequestId: "none" });
}

afterAll(() => issuer.stop());

describe.each(functions.filter((found) => accepts(found, "cookie")))("F3: $name finds the session cookie", (found) => {
  it.each(Object.entries(waysToSend("enceladus_id_token", token)))("%s", async (_way, parts) => {
    expect(await callNowhere(found, parts)).toMatchObject({ statusCode: 404 });
  });

  it("refuses names that only look like it", async () => {
    for (const name of ["Enceladus_id_token", "xenceladus_id_token", "enceladus_id_token_old", "enceladus id token"]) {
      expect(await callNowhere(found, { headers: { cookie: `${name}=${token}` } })).toMatchObject({ statusCode: 401 });
    }
  });

  it.each(FORGED_TOKENS)(
    "refuses a token that has %s, also where the path leads nowhere",
    async (_name, message, forge) => {
      const cookies = [`enceladus_id_token=${forge(issuer)}`];
      const response = await callNowhere(found, { cookies });
      expect([response.statusCode, JSON.parse(response.body).error]).toEqual([401, expect.stringContaining(message)]);
    },
  );

  it("refuses a cookie with a broken encoding without failing", async () => {
    const broken = { headers: { cookie: "enceladus_id_token=%E0%A4%A" } };
    expect(await callNowhere(found, broken)).toMatchObject({ statusCode: 401 });
  });

  it("lets a page of the listed origin and a script in, a foreign page not", async () => {
    const from = async (headers: Record<string, string>) =>
      (await callNowhere(found, { method: "POST", headers: { cookie, ...headers } })).statusCode;
    expect(await from({})).toBe(404);
    expect(await from({ origin: "https://app.example.com" })).toBe(404);
    expect(await from({ "sec-fetch-site": "same-site" })).toBe(404);
    expect(await from({ origin: "https://evil.example.com" })).toBe(403);
  });

  it("F2: answers 500 CONFIGURATION_ERROR, never 401, when it does not know its user pool", async () => {
    const { COGNITO_USER_POOL_ID } = process.env;
    try {
      process.env.COGNITO_USER_POOL_ID = "";
      const response = await callNowhere(found, { headers: { cookie } });
      expect(response.statusCode).toBe(500);
      expect(JSON.parse(response.body)).toMatchObject({
        error_envelope: { code: "CONFIGURATION_ERROR", retryable: false },
      });
    } finally {
      process.env.COGNITO_USER_POOL_ID = COGNITO_USER_POOL_ID;
    }
  });
});

const forServices = functions.filter((found) => accepts(found, "internal-key"));

describe.each(forServices)("$name accepts the internal key", (found) => {
  it.each(["X-Coordination-Internal-Key", "x-coordination-internal-key", "X-COORDINATION-INTERNAL-KEY"])(
    "in the header %s",
    async (name) => {
      expect(await callNowhere(found, { headers: { [name]: INTERNAL_KEY } })).toMatchObject({ statusCode: 404 });
    },
  );

  it("any of the configured ones", async () => {
    const headers = { "x-coordination-internal-key": "the-next-key" };
    expect(await callNowhere(found, { headers })).toMatchObject({ statusCode: 404 });
  });

  it("before it looks at a bad cookie", async () => {
    const headers = { "x-coordination-internal-key": INTERNAL_KEY, cookie: "enceladus_id_token=garbage" };
    expect(await callNowhere(found, { headers })).toMatchObject({ statusCode: 404 });
  });

  it("from any origin: a key is sent by no browser on its own", async () => {
    const headers = { "x-coordination-internal-key": INTERNAL_KEY, origin: "https://evil.example.com" };
    expect(await callNowhere(found, { method: "POST", headers })).toMatchObject({ statusCode: 404 });
  });

  it("where no user pool is configured", async () => {
    const { COGNITO_USER_POOL_ID } = process.env;
    try {
      process.env.COGNITO_USER_POOL_ID = "";
      const headers = { "x-coordination-internal-key": INTERNAL_KEY };
      expect(await callNowhere(found, { headers })).toMatchObject({ statusCode: 404 });
    } finally {
      process.env.COGNITO_USER_POOL_ID = COGNITO_USER_POOL_ID;
    }
  });
});

describe.each(forServices.filter((found) => accepts(found, "cookie")))("$name with a wrong key", (found) => {
  it("still lets a valid cookie in", async () => {
    const headers = { "x-coordination-internal-key": "wrong", cookie };
    expect(await callNowhere(found, { headers })).toMatchObject({ statusCode: 404 });
  });
});
