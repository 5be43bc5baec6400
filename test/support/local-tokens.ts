import { createPrivateKey } from "node:crypto";
import { createRequire } from "node:module";
import { decodeJwt, SignJWT } from "jose";

const { pem } = createRequire(import.meta.url)("cognito-local/lib/keys/cognitoLocal.private.json") as { pem: string };

/**
 * An id token that was good for an hour and is over since a minute, signed by the key of cognito-local, which everybody
 * has.
 * @param idToken one that the pool has issued
 */
export function expiredIdToken(idToken: string): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  return new SignJWT({ ...decodeJwt(idToken), iat: now - 3_660, auth_time: now - 3_660, exp: now - 60 })
    .setProtectedHeader({ alg: "RS256", kid: "CognitoLocal" })
    .sign(createPrivateKey(pem));
}
