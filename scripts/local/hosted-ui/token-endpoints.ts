import type { AuthorizationCodes } from "./authorization-codes.ts";
import { ParameterProblem, readParameter } from "./limits.ts";
import { jsonAnswer, type PageAnswer } from "./page.ts";
import type { SignInClient } from "./sign-in-client.ts";
import type { SignInPool } from "./user-pool.ts";

const SECONDS = 3_600;

/** Errors of RFC 6749, 5.2, with no further words: they are for a program, and the codes are not to be guessed at. */
const refused = (error: string): PageAnswer => jsonAnswer(400, { error });

export interface TokenEndpoints {
  token(form: URLSearchParams): Promise<PageAnswer>;
  revoke(form: URLSearchParams): Promise<PageAnswer>;
}

/** `/oauth2/token`, for the code of a login, and `/oauth2/revoke`. */
export function tokenEndpoints(client: SignInClient, pool: SignInPool, codes: AuthorizationCodes): TokenEndpoints {
  async function token(form: URLSearchParams): Promise<PageAnswer> {
    const grantType = readParameter(form, "grant_type");
    if (grantType === undefined) return refused("invalid_request");
    if (readParameter(form, "client_id") !== client.clientId) return refused("invalid_client");
    if (grantType !== "authorization_code") return refused("unsupported_grant_type");
    const [code, redirectUri] = [readParameter(form, "code"), readParameter(form, "redirect_uri")];
    if (code === undefined || redirectUri === undefined) return refused("invalid_request");
    const codeVerifier = readParameter(form, "code_verifier");
    const grant = codes.redeem({ code, clientId: client.clientId, redirectUri, codeVerifier });
    const tokens = grant && (await pool.issueTokens(grant.username, grant.nonce));
    if (!tokens) return refused("invalid_grant");
    return jsonAnswer(200, {
      id_token: tokens.idToken,
      access_token: tokens.accessToken,
      refresh_token: tokens.refreshToken,
      token_type: "Bearer",
      expires_in: SECONDS,
    });
  }

  async function revoke(form: URLSearchParams): Promise<PageAnswer> {
    if (readParameter(form, "client_id") !== client.clientId) return refused("invalid_client");
    const refreshToken = readParameter(form, "token");
    if (refreshToken === undefined) return refused("invalid_request");
    await pool.revoke(refreshToken);
    return jsonAnswer(200, {});
  }

  const guarded = (endpoint: (form: URLSearchParams) => Promise<PageAnswer>) => async (form: URLSearchParams) => {
    try {
      return await endpoint(form);
    } catch (error) {
      if (error instanceof ParameterProblem) return refused("invalid_request");
      throw error;
    }
  };
  return { token: guarded(token), revoke: guarded(revoke) };
}
