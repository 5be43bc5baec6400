import { cookieValue } from "@enceladus/middleware/cookies";
import { operation } from "@enceladus/middleware/operation";
import { RefusalWithCookies } from "@enceladus/middleware/refusal-with-cookies";
import { reply } from "@enceladus/middleware/reply";
import {
  clearedCookie,
  clearedSession,
  REFRESH_TOKEN_COOKIE,
  SESSION_SECONDS,
  sessionCookies,
} from "@enceladus/middleware/session-cookies";
import { DomainError } from "@enceladus/shared/errors";
import { count } from "@enceladus/shared/metrics";
import * as z from "zod";
import { endSession, type RenewedSession, refreshSession } from "../../domain/identity/index.ts";

const noRefreshToken = (): DomainError => {
  const cause = new Error("no_refresh_token");
  return new DomainError("UNAUTHENTICATED", "No refresh token. Please sign in again.", {}, { cause });
};

/** How a refresh ended, as the metric `auth_refresh` counts it. */
const OUTCOMES: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: "rejected",
  UNAVAILABLE: "unavailable",
  CONFIGURATION_ERROR: "misconfigured",
};

async function renewed(refreshToken: string): Promise<RenewedSession> {
  try {
    return await refreshSession(refreshToken);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    await count("auth_refresh", { outcome: OUTCOMES[error.code] ?? "failed" });
    if (error.code !== "UNAUTHENTICATED") throw error;
    // The token is dead for good: without it the next attempt ends at once, and no page can refresh in a circle.
    const cookies = [clearedCookie(REFRESH_TOKEN_COOKIE)];
    throw new RefusalWithCookies(error.code, error.message, cookies, { cause: error.cause });
  }
}

/** The refresh token in the cookie says who calls. `Idempotency-Key` is ignored, since answers set cookies with tokens. */
const OF_SESSION = { tag: "auth", auth: "session", idempotencyKey: "ignored", method: "POST" } as const;

const refreshOperation = operation({
  ...OF_SESSION,
  id: "refreshSession",
  path: "/api/v1/auth/refresh",
  summary: "Renews the session of a browser",
  description:
    "Turns the refresh-token cookie into a fresh id-token cookie; no token is ever in the body. A rejected token is a " +
    "401 that also takes the cookie away; where the user pool cannot tell right now the answer is 503 and the cookies stay.",
  responses: {
    200: {
      description: "Renewed; the cookies hold the tokens",
      schema: z.object({
        success: z.literal(true),
        expires_in: z.number().int().describe("Seconds until the id token is over"),
      }),
    },
  },
  handler: async ({ request }) => {
    const refreshToken = cookieValue(request.cookieLines, REFRESH_TOKEN_COOKIE);
    if (refreshToken === undefined) {
      await count("auth_refresh", { outcome: "missing" });
      throw noRefreshToken();
    }
    const session = await renewed(refreshToken);
    await count("auth_refresh", { outcome: "ok" });
    const cookies = sessionCookies(session, Date.now());
    return reply(200, { success: true, expires_in: SESSION_SECONDS }, undefined, cookies);
  },
});

const revokeOperation = operation({
  ...OF_SESSION,
  id: "revokeSession",
  path: "/api/v1/auth/revoke",
  summary: "Ends the session of a browser",
  description: "Revokes the refresh token, if there is one, and clears all cookies of the session. It always succeeds.",
  responses: {
    200: {
      description: "The browser is signed out",
      schema: z.object({
        success: z.literal(true),
        revoked: z.boolean().describe("Whether the user pool has ended the refresh token"),
      }),
    },
  },
  handler: async ({ request }) => {
    const refreshToken = cookieValue(request.cookieLines, REFRESH_TOKEN_COOKIE);
    const revoked = refreshToken !== undefined && (await endSession(refreshToken));
    return reply(200, { success: true, revoked }, undefined, clearedSession());
  },
});

/** What the session of a browser is kept and ended with. */
export const operations = [refreshOperation, revokeOperation];
