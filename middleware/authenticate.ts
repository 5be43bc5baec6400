import type { AuthContext } from "@enceladus/shared/auth-context";
import { DomainError } from "@enceladus/shared/errors";
import { verifyIdToken } from "@enceladus/shared/id-token";
import { isInternalKey } from "@enceladus/shared/internal-key";
import { tokenPolicy } from "@enceladus/shared/token-policy";
import { cookieValue } from "./cookies.ts";
import { isForeignOrigin } from "./cors.ts";
import type { HttpRequest } from "./http-event.ts";
import type { Credential } from "./operation.ts";

/** The cookie whose value is the session credential of a person. */
export const ID_TOKEN_COOKIE = "enceladus_id_token";
const INTERNAL_KEY_HEADER = "x-coordination-internal-key";
/** Longer than any key; keeps hashing of hostile headers cheap. */
const MAX_KEY_CHARACTERS = 4_096;

const INTERNAL: AuthContext = { mode: "internal-key", sub: "internal-key", claims: {} };

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

async function callerOfToken(token: string): Promise<AuthContext> {
  const claims = await verifyIdToken(token, tokenPolicy());
  const email = text(claims.email);
  const username = text(claims["cognito:username"]);
  return { mode: "cognito", sub: claims.sub, ...(email && { email }), ...(username && { username }), claims };
}

/** Whether the key header holds the internal key; a failure to check it is reported, not decided. */
async function checkKey(request: HttpRequest): Promise<{ valid: boolean; failure?: unknown }> {
  const presented = request.headers[INTERNAL_KEY_HEADER] ?? "";
  if (presented === "" || presented.length > MAX_KEY_CHARACTERS) return { valid: false };
  try {
    return { valid: await isInternalKey(presented) };
  } catch (failure) {
    return { valid: false, failure };
  }
}

/**
 * Who makes the request. A valid internal key decides first, without a look at tokens; then the id-token cookie. A
 * wrong key is ignored, so that a valid cookie beside it still counts.
 * @throws DomainError UNAUTHENTICATED (no or a bad credential), FORBIDDEN (a cookie sent from a foreign page),
 *   UNAVAILABLE (the credential cannot be checked), CONFIGURATION_ERROR
 */
export async function authenticate(request: HttpRequest, accepted: readonly Credential[]): Promise<AuthContext> {
  const key = accepted.includes("key") ? await checkKey(request) : { valid: false };
  if (key.valid) return INTERNAL;
  const token = accepted.includes("cookie") ? cookieValue(request.cookieLines, ID_TOKEN_COOKIE) : undefined;
  if (token === undefined) {
    if (key.failure) throw key.failure;
    throw new DomainError(
      "UNAUTHENTICATED",
      "Authentication required. Please sign in.",
      {},
      {
        cause: new Error("no_credential"),
      },
    );
  }
  const caller = await callerOfToken(token);
  if (isForeignOrigin(request)) {
    throw new DomainError(
      "FORBIDDEN",
      "A signed-in request from a foreign origin is refused.",
      {},
      {
        cause: new Error("foreign_origin"),
      },
    );
  }
  return caller;
}
