import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { AuthorizationCodes, matchesChallenge } from "../../../../scripts/local/hosted-ui/authorization-codes.ts";

const MINUTE = 60_000;
const verifier = "v".repeat(43);
const challenge = createHash("sha256").update(verifier).digest("base64url");
const grant = {
  username: "ada",
  clientId: "web",
  redirectUri: "https://app.example.com/callback",
  nonce: "n",
  codeChallenge: challenge as string | undefined,
};
const shown = {
  clientId: grant.clientId,
  redirectUri: grant.redirectUri,
  codeVerifier: verifier as string | undefined,
};

let now: number;
let codes: AuthorizationCodes;

beforeEach(() => {
  now = 1_000_000;
  codes = new AuthorizationCodes(() => now);
});

describe("a code", () => {
  it("stands for what was granted", () => {
    expect(codes.redeem({ code: codes.issue(grant), ...shown })).toMatchObject(grant);
  });

  it("is good once", () => {
    const code = codes.issue(grant);
    codes.redeem({ code, ...shown });
    expect(codes.redeem({ code, ...shown })).toBeUndefined();
  });

  it.each([
    ["another client", { clientId: "other" }],
    ["another address", { redirectUri: "https://app.example.com/other" }],
    ["another verifier", { codeVerifier: "w".repeat(43) }],
    ["no verifier", { codeVerifier: undefined }],
  ])("is refused to %s, and used up by it", (_, change) => {
    const code = codes.issue(grant);
    expect(codes.redeem({ code, ...shown, ...change })).toBeUndefined();
    expect(codes.redeem({ code, ...shown })).toBeUndefined();
  });

  it("is good for five minutes", () => {
    const [early, late] = [codes.issue(grant), codes.issue(grant)];
    now += 5 * MINUTE - 1;
    expect(codes.redeem({ code: early, ...shown })).toBeDefined();
    now += 1;
    expect(codes.redeem({ code: late, ...shown })).toBeUndefined();
  });

  it("cannot be guessed", () => {
    expect(codes.issue(grant)).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(codes.redeem({ code: "guess", ...shown })).toBeUndefined();
  });

  it("goes when too many are open, the oldest first", () => {
    const all = Array.from({ length: 1_001 }, () => codes.issue(grant));
    expect(codes.redeem({ code: all[0] ?? "", ...shown })).toBeUndefined();
    expect(codes.redeem({ code: all[1] ?? "", ...shown })).toBeDefined();
  });
});

describe("a verifier", () => {
  it.each([
    ["that of the challenge", verifier, challenge, true],
    ["none for a login without one", undefined, undefined, true],
    ["one for a login without a challenge", verifier, undefined, false],
    ["none for a login with one", undefined, challenge, false],
    ["the challenge itself", challenge, challenge, false],
    ["too short, with its own challenge", "v", createHash("sha256").update("v").digest("base64url"), false],
  ])("%s", (_, codeVerifier, codeChallenge, expected) => {
    expect(matchesChallenge(codeVerifier, codeChallenge)).toBe(expected);
  });
});
