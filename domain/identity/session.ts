import { awsErrorName } from "@enceladus/shared/aws-errors";
import { DomainError, misconfigured } from "@enceladus/shared/errors";
import { log } from "@enceladus/shared/log";
import { initiateRefresh, revokeToken } from "./user-pool.ts";

/** Longer than any token of a user pool: nothing that anybody was given. */
const MAX_TOKEN_CHARACTERS = 8_192;

/** What the user pool says of a token, or of its owner, that is good no more. */
const REJECTIONS = new Set([
  "NotAuthorizedException",
  "UserNotFoundException",
  "UserNotConfirmedException",
  "PasswordResetRequiredException",
  "InvalidParameterException",
]);

export interface RenewedSession {
  idToken: string;
  /** Only where the user pool gave a new one. */
  refreshToken: string | undefined;
}

function rejected(cause: unknown): DomainError {
  return new DomainError("UNAUTHENTICATED", "refresh_failed", {}, { cause });
}

/** Whatever the pool does not say about the token is a passing trouble of its own: it must log nobody out. */
function unavailable(cause: unknown): DomainError {
  return new DomainError("UNAVAILABLE", "refresh_unavailable", {}, { retryAfterSeconds: 1, cause });
}

function failureOf(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  const name = awsErrorName(error);
  if (REJECTIONS.has(name)) return rejected(new Error(name));
  // The client that the function names does not exist.
  if (name === "ResourceNotFoundException") return misconfigured("COGNITO_CLIENT_ID");
  return unavailable(error);
}

/**
 * A new id token for a refresh token.
 * @throws DomainError UNAUTHENTICATED (the pool rejects the token for good), UNAVAILABLE (it cannot tell right now),
 *   CONFIGURATION_ERROR (there is no such client)
 */
export async function refreshSession(refreshToken: string): Promise<RenewedSession> {
  if (refreshToken.length > MAX_TOKEN_CHARACTERS) throw rejected(new Error("oversize"));
  const tokens = await initiateRefresh(refreshToken).catch((error: unknown) => Promise.reject(failureOf(error)));
  if (!tokens.idToken) throw unavailable(new Error("the answer holds no id token"));
  return { idToken: tokens.idToken, refreshToken: tokens.refreshToken };
}

/**
 * Ends a session at the user pool. It never throws: who signs out is signed out here whatever the pool says.
 * @returns whether the pool has revoked the token
 */
export async function endSession(refreshToken: string): Promise<boolean> {
  if (refreshToken.length > MAX_TOKEN_CHARACTERS) return false;
  try {
    await revokeToken(refreshToken);
    return true;
  } catch (error) {
    log().warn("session_not_revoked", { reason: awsErrorName(error), error: error as Error });
    return false;
  }
}
