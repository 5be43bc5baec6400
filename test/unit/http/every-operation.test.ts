import { CORS } from "@enceladus/middleware/cors";
import { type Credential, takesCredential } from "@enceladus/middleware/operation";
import type { GatewayResponse } from "@enceladus/middleware/reply";
import { afterAll, describe, expect, it } from "@jest/globals";
import { gatewayEvent } from "../../../scripts/packages/gateway-event.ts";
import { FORGED_TOKENS } from "../../support/forged-tokens.ts";
import { httpFunctions, type OperationRequest, requestsOf } from "../../support/http-functions.ts";
import { TokenIssuer } from "../../support/token-issuer.ts";

const INTERNAL_KEY = "the-internal-key-of-this-test";
const CORS_HEADERS = {
  "Access-Control-Allow-Origin": "https://app.example.com",
  "Access-Control-Allow-Credentials": "true",
  "Access-Control-Allow-Methods": CORS.methods.join(", "),
  "Access-Control-Allow-Headers": CORS.allowHeaders.join(", "),
  "Access-Control-Expose-Headers": CORS.exposeHeaders.join(", "),
  Vary: "Origin",
};

const issuer = await TokenIssuer.start();
Object.assign(process.env, issuer.environment(), {
  COORDINATION_INTERNAL_API_KEY: INTERNAL_KEY,
  POWERTOOLS_LOG_LEVEL: "SILENT",
});
delete process.env.INTERNAL_KEY_SECRET;
delete process.env.AGENT_KEYS_TABLE;

const all = requestsOf(await httpFunctions());
const guarded = all.filter(({ operation }) => takesCredential(operation.auth));
const bySession = all.filter(({ operation }) => operation.auth === "session");
const accepting = (credential: Credential) => guarded.filter(({ operation }) => operation.auth.includes(credential));
const changing = accepting("cookie").filter(({ method }) => method !== "GET");

/** A suite must have a test, but there may be no operation of a kind yet. */
function forEachOf(requests: readonly OperationRequest[], check: (request: OperationRequest) => Promise<void>) {
  for (const request of requests) it(request.title, () => check(request));
  if (requests.length === 0) it("concerns no operation that there is", () => expect(requests).toHaveLength(0));
}

interface Changes {
  method?: string;
  headers?: Record<string, string>;
  cookies?: unknown;
}

function call({ handler, method, path }: OperationRequest, changes: Changes = {}): Promise<GatewayResponse> {
  return handler(gatewayEvent({ method, path, ...changes }), { awsRequestId: "none" });
}

function envelope(response: GatewayResponse) {
  return JSON.parse(response.body) as {
    success: boolean;
    error: string;
    error_envelope: { code: string; message: string; retryable: boolean; details: object };
  };
}

/** The one refusal: the same status, headers and body shape, whatever is wrong with the credential. */
function expectRefused(response: GatewayResponse, message: string): void {
  expect(response.statusCode).toBe(401);
  expect(response.headers).toMatchObject({
    ...CORS_HEADERS,
    "Cache-Control": "no-store",
    "Content-Type": "application/json",
    "X-Request-Id": expect.stringMatching(/./),
  });
  const body = envelope(response);
  expect(body).toStrictEqual({
    success: false,
    error: expect.stringContaining(message),
    error_envelope: { code: "PERMISSION_DENIED", message: body.error, retryable: false, details: {} },
  });
}

afterAll(() => issuer.stop());

describe("a preflight is answered 204, empty, with CORS", () => {
  forEachOf(all, async (request) => {
    const response = await call(request, { method: "OPTIONS" });
    expect(response).toMatchObject({ statusCode: 204, body: "", headers: CORS_HEADERS });
    expect(response.headers["Access-Control-Max-Age"]).toBe("600");
    expect(response.headers).not.toHaveProperty("Content-Type");
  });
});

describe("F9, F10: without a credential the answer is 401", () => {
  forEachOf(guarded, async (request) => {
    expectRefused(await call(request), "Authentication required. Please sign in.");
  });
});

describe("a forged token is refused", () => {
  forEachOf(accepting("cookie"), async (request) => {
    for (const [name, message, forge] of FORGED_TOKENS) {
      const cookie = `enceladus_id_token=${forge(issuer)}`;
      try {
        expectRefused(await call(request, { headers: { cookie } }), message);
        expectRefused(await call(request, { cookies: [cookie] }), message);
      } catch (failure) {
        throw new Error(`${name} got through`, { cause: failure });
      }
    }
  });
});

describe("of several cookies the first decides: a good one behind a bad one does not help", () => {
  forEachOf(accepting("cookie"), async (request) => {
    const good = `enceladus_id_token=${issuer.token()}`;
    const bad = "enceladus_id_token=garbage";
    expectRefused(await call(request, { headers: { cookie: `${bad}; ${good}` } }), "Invalid token");
    expectRefused(await call(request, { headers: { cookie: bad }, cookies: [good] }), "Invalid token");
    expectRefused(await call(request, { cookies: [bad, good] }), "Invalid token");
  });
});

describe("an id token is read from cookies only", () => {
  forEachOf(guarded, async (request) => {
    const response = await call(request, { headers: { authorization: `Bearer ${issuer.token()}` } });
    expectRefused(response, "Authentication required. Please sign in.");
  });
});

describe("a wrong or empty internal key is like none", () => {
  forEachOf(guarded, async (request) => {
    for (const key of ["", "wrong", `${INTERNAL_KEY} `, INTERNAL_KEY.toUpperCase(), "x".repeat(5_000)]) {
      const response = await call(request, { headers: { "X-Coordination-Internal-Key": key } });
      expectRefused(response, "Authentication required. Please sign in.");
    }
  });
});

describe("where there is no table of keys, those of agents are off, and like none", () => {
  forEachOf(accepting("cookie"), async (request) => {
    const key = `enc_01M82QV7SBCSQ9NYN8GYQBZGAJ_${"A".repeat(43)}`;
    const ways: Record<string, string>[] = [{ Authorization: `Bearer ${key}` }, { "X-Coordination-Internal-Key": key }];
    for (const headers of ways) {
      expectRefused(await call(request, { headers }), "Authentication required. Please sign in.");
    }
  });
});

describe("the internal key opens nothing that does not accept it", () => {
  forEachOf(
    accepting("cookie").filter(({ operation }) => !operation.auth.includes("internal-key")),
    async (request) => {
      const response = await call(request, { headers: { "X-Coordination-Internal-Key": INTERNAL_KEY } });
      expectRefused(response, "Authentication required. Please sign in.");
    },
  );
});

describe("the cookie opens nothing that does not accept it", () => {
  forEachOf(
    accepting("internal-key").filter(({ operation }) => !operation.auth.includes("cookie")),
    async (request) => {
      const response = await call(request, { headers: { cookie: `enceladus_id_token=${issuer.token()}` } });
      expectRefused(response, "Authentication required. Please sign in.");
    },
  );
});

describe("F7: a signed-in change from a foreign page is refused with 403", () => {
  forEachOf([...changing, ...bySession], async (request) => {
    const cookie = `enceladus_id_token=${issuer.token()}; enceladus_refresh_token=x`;
    const foreign: Record<string, string>[] = [
      { Origin: "https://evil.example.com" },
      { Origin: "null" },
      { Origin: "https://app.example.com.evil.example.com" },
      { "Sec-Fetch-Site": "cross-site" },
    ];
    for (const origin of foreign) {
      const response = await call(request, { headers: { cookie, ...origin } });
      expect(response).toMatchObject({ statusCode: 403, headers: { ...CORS_HEADERS, "Cache-Control": "no-store" } });
      expect(envelope(response).error_envelope.code).toBe("PERMISSION_DENIED");
    }
  });
});
