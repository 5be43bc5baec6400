import { hash } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "@jest/globals";
import { edgeOf, signedIn, TokenEndpoint } from "../../../support/edge-caller.ts";
import { TokenIssuer } from "../../../support/token-issuer.ts";

const issuer = await TokenIssuer.start();
const endpoint = await TokenEndpoint.start();
Object.assign(process.env, issuer.environment(), { POWERTOOLS_LOG_LEVEL: "SILENT" });

const edge = edgeOf(issuer, endpoint.url);
const idToken = issuer.token();
const encoded = (text: string) => Buffer.from(text).toString("base64url");

afterAll(() => {
  issuer.stop();
  endpoint.stop();
});

beforeEach(() => {
  endpoint.next = { body: { id_token: idToken, refresh_token: "refresh.token/+=" } };
  endpoint.forms.length = 0;
});

/** The way back from the sign-in pages with a code. */
function comeBack(state?: string, headers: Record<string, string> = {}, uri = "/enceladus/callback") {
  const query = new URLSearchParams({ code: "the-code", ...(state !== undefined && { state }) });
  return edge(uri, { querystring: query.toString(), headers });
}

describe("a login that the edge has started", () => {
  async function start(uri = "/enceladus/projects", headers: Record<string, string> = {}) {
    const { location, cookies } = await edge(uri, { headers });
    const query = new URL(location).searchParams;
    const [pair = "", ...attributes] = (cookies[0] ?? "").split("; ");
    return { query, state: query.get("state") ?? "", cookie: pair, attributes, verifier: pair.split("=")[1] ?? "" };
  }

  it("leaves a cookie for ten minutes that scripts cannot read and other pages do not send", async () => {
    const { cookie, attributes } = await start();
    expect(cookie).toMatch(/^enceladus_login_[0-9a-f]{16}=[A-Za-z0-9_-]{43}$/);
    expect(attributes).toEqual(["Path=/enceladus", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=600"]);
  });

  it("has a challenge that its verifier answers (RFC 7636, 4.2 and 4.6)", async () => {
    const { query, state, cookie, verifier } = await start();
    expect(query.get("code_challenge_method")).toBe("S256");
    expect(query.get("code_challenge")).toBe(hash("sha256", verifier, "base64url"));
    const { cookies } = await comeBack(state, { cookie });
    expect(endpoint.forms[0]).toMatchObject({ code_verifier: verifier });
    expect(cookies).toHaveLength(4);
    expect(cookies[3]).toBe(`${cookie.split("=")[0]}=; Path=/enceladus; Secure; HttpOnly; SameSite=Lax; Max-Age=0`);
  });

  it("has a verifier of its own each time, and a tab at the same address shares it", async () => {
    const [one, other] = [await start(), await start()];
    expect(one.verifier).not.toBe(other.verifier);
    expect((await start("/enceladus/projects", { cookie: one.cookie })).verifier).toBe(one.verifier);
    expect((await start("/enceladus/elsewhere", { cookie: one.cookie })).verifier).not.toBe(one.verifier);
  });

  it("begins for who goes to a page, not for the parts of one: each would leave a cookie", async () => {
    for (const [method, destination] of [
      ["GET", "image"],
      ["GET", "script"],
      ["GET", "iframe"],
      ["HEAD", "document"],
      ["OPTIONS", ""],
    ] as const) {
      const headers = { "sec-fetch-dest": destination };
      const { status, location, cookies } = await edge("/enceladus/a.png", { method, headers });
      expect([status, cookies, new URL(location).searchParams.has("code_challenge")]).toEqual([302, [], false]);
    }
  });

  it("has room for a few side by side; then the older ones give way", async () => {
    const jar = new Map<string, string>();
    for (let tab = 0; tab < 40; tab += 1) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      for (const line of (await edge(`/enceladus/tab/${tab}`, { headers: { cookie } })).cookies) {
        const [name = "", value = ""] = (line.split(";")[0] ?? "").split("=");
        if (value === "") jar.delete(name);
        else jar.set(name, value);
      }
      expect(jar.size).toBeLessThanOrEqual(8);
    }
  });

  it("takes no verifier that it cannot have written", async () => {
    const { cookie } = await start();
    const name = cookie.split("=")[0];
    for (const forged of [`${name}=short`, `${name}=${"x".repeat(44)}`, `${name}=${"é".repeat(43)}`]) {
      expect((await start("/enceladus/projects", { cookie: forged })).verifier).toMatch(/^[A-Za-z0-9_-]{43}$/);
    }
  });

  it("ends with the nonce with which it began, if the token has one", async () => {
    const { query, state, cookie } = await start();
    endpoint.next = { body: { id_token: issuer.token({ nonce: query.get("nonce") }) } };
    expect(await comeBack(state, { cookie })).toMatchObject({ status: 302 });
    endpoint.next = { body: { id_token: issuer.token({ nonce: "of-another-login" }) } };
    expect(await comeBack(state, { cookie })).toMatchObject({ status: 401, body: "Invalid token." });
    endpoint.next = { body: { id_token: idToken } };
    expect(await comeBack(state, { cookie })).toMatchObject({ status: 302 });
  });

  it("sends no verifier for a login that the app has started", async () => {
    const { cookie } = await start("/enceladus/projects");
    await comeBack(encoded("/enceladus/elsewhere"), { cookie });
    expect(endpoint.forms[0]).not.toHaveProperty("code_verifier");
  });

  it("goes on where another tab has signed in meanwhile: a spent code hurts nobody who has a session", async () => {
    endpoint.next = { status: 400, body: { error: "invalid_grant" } };
    const answer = await comeBack(encoded("/enceladus/projects"), signedIn(issuer));
    expect(answer).toMatchObject({ status: 302, location: "/enceladus/projects", cookies: [] });
  });
});
