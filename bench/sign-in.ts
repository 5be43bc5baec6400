import { generateKeyPairSync, sign } from "node:crypto";

const KID = "bench";

/** A person who is signed in: the cookie, and the settings under which a function accepts it. */
export interface SignIn {
  cookie: string;
  /** A token of another session each time it is asked for. */
  newToken(): string;
  environment: Readonly<Record<string, string>>;
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/**
 * A signed-in person of a user pool with a throw-away key. A packaged function takes no pool on loopback, so the pool
 * has a real address and `packaged-function.ts` answers what would be fetched from there.
 */
export function signIn(): SignIn {
  const poolId = "us-east-1_Bench0000";
  const clientId = "bench-client";
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const now = Math.floor(Date.now() / 1000);
  let sessions = 0;
  const claims = () => ({
    sub: "11111111-2222-4333-8444-555555555555",
    email_verified: true,
    iss: `https://cognito-idp.us-east-1.amazonaws.com/${poolId}`,
    "cognito:username": "11111111-2222-4333-8444-555555555555",
    aud: clientId,
    event_id: `66666666-7777-4888-9999-${String(sessions++).padStart(12, "0")}`,
    token_use: "id",
    auth_time: now,
    iat: now,
    exp: now + 86_400,
    email: "ada@example.com",
  });
  const newToken = () => {
    const input = `${encoded({ alg: "RS256", kid: KID })}.${encoded(claims())}`;
    return `${input}.${sign("sha256", Buffer.from(input), privateKey).toString("base64url")}`;
  };
  const key = { ...publicKey.export({ format: "jwk" }), kid: KID, alg: "RS256", use: "sig" };
  return {
    cookie: `enceladus_id_token=${newToken()}`,
    newToken,
    environment: {
      COGNITO_USER_POOL_ID: poolId,
      COGNITO_CLIENT_ID: clientId,
      BENCH_KEY_SET: JSON.stringify({ keys: [key] }),
    },
  };
}
