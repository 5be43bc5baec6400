import type { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { requireEnv } from "@enceladus/shared/env";

/** Two attempts must fit into the time that a caller waits. */
const ATTEMPTS = 2;
const REFRESH_WITHIN_MS = 4_000;
const REVOKE_WITHIN_MS = 3_000;

let client: CognitoIdentityProviderClient | undefined;

/** The user pool's client of this container. Its region is that of the pool: there is no second setting to drift. */
async function userPool(): Promise<CognitoIdentityProviderClient> {
  if (client) return client;
  const { CognitoIdentityProviderClient } = await import("@aws-sdk/client-cognito-identity-provider");
  const [region = ""] = requireEnv("COGNITO_USER_POOL_ID").split("_");
  const requestHandler = { connectionTimeout: 1_000, requestTimeout: REFRESH_WITHIN_MS, throwOnRequestTimeout: true };
  client = new CognitoIdentityProviderClient({ region, maxAttempts: ATTEMPTS, requestHandler });
  return client;
}

/** What the user pool gives for a refresh token; an answer without an id token is none. */
export interface IssuedTokens {
  idToken: string | undefined;
  /** Only where the pool replaces refresh tokens. */
  refreshToken: string | undefined;
}

/**
 * Exchanges a refresh token for a new id token.
 * @throws the AWS error, a time-out included; DomainError CONFIGURATION_ERROR
 */
export async function initiateRefresh(refreshToken: string): Promise<IssuedTokens> {
  const { InitiateAuthCommand } = await import("@aws-sdk/client-cognito-identity-provider");
  const command = new InitiateAuthCommand({
    AuthFlow: "REFRESH_TOKEN_AUTH",
    ClientId: requireEnv("COGNITO_CLIENT_ID"),
    AuthParameters: { REFRESH_TOKEN: refreshToken },
  });
  const pool = await userPool();
  const { AuthenticationResult } = await pool.send(command, { abortSignal: AbortSignal.timeout(REFRESH_WITHIN_MS) });
  return { idToken: AuthenticationResult?.IdToken, refreshToken: AuthenticationResult?.RefreshToken };
}

/**
 * Ends a refresh token and every access token that came from it.
 * @throws the AWS error, a time-out included; DomainError CONFIGURATION_ERROR
 */
export async function revokeToken(refreshToken: string): Promise<void> {
  const { RevokeTokenCommand } = await import("@aws-sdk/client-cognito-identity-provider");
  const command = new RevokeTokenCommand({ ClientId: requireEnv("COGNITO_CLIENT_ID"), Token: refreshToken });
  const pool = await userPool();
  await pool.send(command, { abortSignal: AbortSignal.timeout(REVOKE_WITHIN_MS) });
}
