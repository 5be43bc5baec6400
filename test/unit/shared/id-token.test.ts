import { verifyIdToken } from "@enceladus/shared/id-token";
import { JsonWebKeys } from "@enceladus/shared/json-web-keys";
import { afterAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { FORGED_TOKENS } from "../../support/forged-tokens.ts";
import { TokenIssuer } from "../../support/token-issuer.ts";

const issuer = await TokenIssuer.start();
const NOW = Date.now();
const seconds = Math.floor(NOW / 1000);

function policy(now = NOW) {
  const url = `${issuer.issuer}/.well-known/jwks.json`;
  const keys = new JsonWebKeys({ url, timeoutMs: 5_000, now: () => now, fetch });
  return { issuer: issuer.issuer, clientId: issuer.clientId, keys, now: () => now };
}

const verified = (token: string, now?: number) => verifyIdToken(token, policy(now));

afterAll(() => issuer.stop());

describe("an id token", () => {
  it("of the pool gives its claims", async () => {
    expect(await verified(issuer.token({ groups: ["a"] }))).toMatchObject({ email: "ada@example.com", groups: ["a"] });
  });

  it.each(FORGED_TOKENS)("with %s is refused: %s", async (_name, message, forge) => {
    await expect(verified(forge(issuer))).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
      message: expect.stringContaining(message),
    });
  });

  it("may come from a clock that is a minute ahead, not more", async () => {
    await expect(verified(issuer.token({ nbf: seconds + 60, iat: seconds + 60 }))).resolves.toBeDefined();
    await expect(verified(issuer.token({ nbf: seconds + 61 }))).rejects.toThrow("Token validation failed");
    await expect(verified(issuer.token({ iat: seconds + 61 }))).rejects.toThrow("Token validation failed");
  });

  it("needs neither nbf nor iat", async () => {
    await expect(verified(issuer.token({ nbf: undefined, iat: undefined }))).resolves.toBeDefined();
  });

  it("is over in the very second of its exp", async () => {
    await expect(verified(issuer.token({ exp: seconds + 1 }))).resolves.toBeDefined();
    await expect(verified(issuer.token({ exp: seconds }))).rejects.toThrow("Token has expired. Please sign in again.");
  });

  it("may name several audiences", async () => {
    await expect(verified(issuer.token({ aud: ["other", issuer.clientId] }))).resolves.toBeDefined();
    await expect(verified(issuer.token({ aud: ["other"] }))).rejects.toThrow("audience");
  });

  it("has an empty subject where the claim is missing, never none", async () => {
    expect(await verified(issuer.token({ sub: undefined }))).toMatchObject({ sub: "" });
  });

  it("says why in the cause, for the log, and not in the message", async () => {
    await expect(verified(issuer.token({ iss: "https://evil.example.com" }))).rejects.toMatchObject({
      message: "Token issuer is not accepted.",
      cause: { message: "issuer" },
    });
  });

  it("is looked at in the order of the checks: the algorithm before any key", async () => {
    const unreachable = new JsonWebKeys({
      url: "http://127.0.0.1:1/",
      timeoutMs: 100,
      now: () => NOW,
      fetch: () => Promise.reject(new Error("no key was to be fetched")),
    });
    const check = verifyIdToken(issuer.token({}, { alg: "HS256" }), { ...policy(), keys: unreachable });
    await expect(check).rejects.toThrow("Unexpected token algorithm");
  });

  it("is refused with every single character changed", async () => {
    const token = issuer.token();
    const { keys } = policy();
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(..."AQgw0_-."), async (at, character) => {
        const changed = token.slice(0, at) + character + token.slice(at + 1);
        // The last character of a signature has bits that count for nothing.
        fc.pre(changed !== token && at !== token.length - 1);
        await expect(verifyIdToken(changed, { ...policy(), keys })).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
      }),
    );
  });

  it("is refused, never a failure, whatever text it is", async () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.base64String(), { maxLength: 4 }).map((parts) => parts.join(".")),
    );
    await fc.assert(
      fc.asyncProperty(text, async (token) => {
        await expect(verified(token)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
      }),
    );
  });
});
