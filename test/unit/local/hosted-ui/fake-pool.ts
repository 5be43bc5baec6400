import type { SignInPool } from "../../../../scripts/local/hosted-ui/user-pool.ts";

/** A pool of one person, Ada, whose password is `secret`; it remembers what was issued and revoked. */
export function fakePool(): SignInPool & { issued: (string | undefined)[]; revoked: string[] } {
  const issued: (string | undefined)[] = [];
  const revoked: string[] = [];
  return {
    issued,
    revoked,
    usernames: async () => ["ada@example.com"],
    checkPassword: async (username, password) =>
      username === "ada@example.com" && password === "secret" ? "ada" : undefined,
    issueTokens: async (username, nonce) => {
      if (username !== "ada") return undefined;
      issued.push(nonce);
      return { idToken: "id", accessToken: "access", refreshToken: "refresh" };
    },
    revoke: async (token) => {
      revoked.push(token);
    },
  };
}
