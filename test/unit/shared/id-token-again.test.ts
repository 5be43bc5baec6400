import { sha256 } from "@enceladus/shared/hash";
import { verifyIdToken } from "@enceladus/shared/id-token";
import { JsonWebKeys } from "@enceladus/shared/json-web-keys";
import { afterAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { TokenIssuer } from "../../support/token-issuer.ts";

const issuer = await TokenIssuer.start();
const stranger = await TokenIssuer.start();
const HOUR = 3_600_000;
const START = Date.now();

let now = START;
let published: object[] = [];

/** A container that keeps its keys from call to call, as long as it lives. */
function container() {
  const answer = () => Promise.resolve(Response.json({ keys: published }));
  const keys = new JsonWebKeys({ url: "https://keys.example.com", timeoutMs: 100, now: () => now, fetch: answer });
  const policy = { issuer: issuer.issuer, clientId: issuer.clientId, keys, now: () => now };
  return (token: string) => verifyIdToken(token, policy);
}

beforeEach(() => {
  now = START;
  published = [issuer.publicJwk()];
});

afterAll(() => {
  issuer.stop();
  stranger.stop();
});

describe("an id token that was accepted before", () => {
  const good = () => issuer.token({ exp: Math.floor(START / 1000) + 3 * 3_600 });

  it("is accepted again, with the same claims", async () => {
    const verify = container();
    const token = good();
    expect(await verify(token)).toEqual(await verify(token));
  });

  it("is over in the second of its exp all the same", async () => {
    const verify = container();
    const token = issuer.token({ exp: Math.floor(START / 1000) + 60 });
    await verify(token);
    now = START + 60_000;
    await expect(verify(token)).rejects.toThrow("Token has expired");
  });

  it("is refused once the pool has withdrawn its key", async () => {
    const verify = container();
    const token = good();
    await verify(token);
    published = [stranger.publicJwk()];
    now = START + HOUR;
    await expect(verify(token)).rejects.toThrow("Token key ID not found");
  });

  it("is refused once another key stands under its key id", async () => {
    const verify = container();
    const token = good();
    await verify(token);
    published = [{ ...stranger.publicJwk(), kid: issuer.kid }];
    now = START + HOUR;
    await expect(verify(token)).rejects.toThrow("Token validation failed");
  });

  it("vouches for no other token with its header and claims", async () => {
    const verify = container();
    const token = good();
    await verify(token);
    const [header, claims] = token.split(".");
    const foreign = issuer.signedByStranger().split(".")[2];
    await expect(verify(`${header}.${claims}.${foreign}`)).rejects.toThrow("Token validation failed");
  });

  it("is not verified again within a minute, and is after it", async () => {
    const checks = jest.spyOn(crypto.subtle, "verify");
    const verify = container();
    const [one, other] = [good(), issuer.token({ sub: "somebody-else", exp: Math.floor(START / 1000) + 3 * 3_600 })];
    const checksOf = async (token: string, times: number) => {
      checks.mockClear();
      for (let n = 0; n < times; n += 1) await verify(token);
      return checks.mock.calls.length;
    };
    expect(await checksOf(one, 50)).toBe(1);
    expect(await checksOf(other, 50)).toBe(1);
    now = START + 59_999;
    expect(await checksOf(one, 50)).toBe(0);
    now = START + 60_000;
    expect(await checksOf(one, 50)).toBe(1);
    checks.mockRestore();
  });

  it("is remembered by its hash: a container keeps no credential", async () => {
    const kept = jest.spyOn(Map.prototype, "set");
    const token = good();
    await container()(token);
    const keys = kept.mock.calls.map(([key]) => key);
    kept.mockRestore();
    expect(keys).toContain(sha256(token));
    expect(keys).not.toContain(token);
  });

  it("does not depend on how many others came between", async () => {
    const verify = container();
    const token = good();
    await verify(token);
    for (let n = 0; n < 120; n += 1) await verify(issuer.token({ sub: `person-${n}` }));
    await expect(verify(token)).resolves.toBeDefined();
  });
});
