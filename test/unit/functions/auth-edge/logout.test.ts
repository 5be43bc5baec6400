import { afterAll, beforeEach, describe, expect, it } from "@jest/globals";
import { APP_ORIGIN, edgeOf, TokenEndpoint } from "../../../support/edge-caller.ts";
import { TokenIssuer } from "../../../support/token-issuer.ts";

const issuer = await TokenIssuer.start();
const endpoint = await TokenEndpoint.start();
Object.assign(process.env, issuer.environment(), { POWERTOOLS_LOG_LEVEL: "SILENT" });

const edge = edgeOf(issuer, endpoint.url);

afterAll(() => {
  issuer.stop();
  endpoint.stop();
});

beforeEach(() => {
  endpoint.forms.length = 0;
});

describe("signing out", () => {
  const leave = (headers: Record<string, string> = {}) => edge("/enceladus/logout", { headers });

  it("F6: takes all cookies away, each with its own path, and ends the session at the sign-in pages", async () => {
    const { status, location, cookies, header } = await leave();
    expect([status, header("cache-control")]).toEqual([302, "no-store"]);
    const logoutUri = encodeURIComponent(`${APP_ORIGIN}/enceladus/`);
    expect(location).toBe(`${endpoint.url}/logout?client_id=${issuer.clientId}&logout_uri=${logoutUri}`);
    expect(cookies).toEqual([
      "enceladus_id_token=; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=0",
      "enceladus_session_at=; Path=/enceladus; Secure; SameSite=None; Max-Age=0",
      "enceladus_refresh_token=; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=0",
    ]);
  });

  it("revokes the refresh token, and goes on where that fails", async () => {
    const headers = { cookie: "enceladus_refresh_token=refresh%2Dtoken" };
    for (const next of [{}, { status: 500 }]) {
      endpoint.next = next;
      expect(await leave(headers)).toMatchObject({ status: 302 });
    }
    expect(endpoint.paths.slice(-2)).toEqual(["/oauth2/revoke", "/oauth2/revoke"]);
    expect(endpoint.forms).toEqual(Array(2).fill({ token: "refresh-token", client_id: issuer.clientId }));
  });

  it("is not done by a page that embeds or prefetches the address", async () => {
    for (const [name, value] of [
      ["sec-fetch-dest", "image"],
      ["sec-fetch-dest", "iframe"],
      ["purpose", "prefetch"],
    ] as const) {
      expect(await leave({ [name]: value })).toMatchObject({ status: 204, cookies: [] });
    }
    expect(await leave({ "sec-fetch-dest": "document" })).toMatchObject({ status: 302 });
  });
});
