import { DomainError } from "@enceladus/shared/errors";
import type { EdgeConfiguration } from "./configuration.ts";
import { redirectUri } from "./login.ts";

/** Together with the fetch of keys it must stay below the five seconds of a viewer request. */
const EXCHANGE_WITHIN_MS = 3_000;
const REVOKE_WITHIN_MS = 1_500;

type Form = Readonly<Record<string, string>>;

/** What the user pool gives for a code. */
export interface ExchangedTokens {
  idToken: string;
  refreshToken: string | undefined;
}

function post(fetch: typeof globalThis.fetch, url: string, form: Form, timeoutMs: number): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams(form).toString(),
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMs),
  });
}

function failed(reason: string): DomainError {
  return new DomainError("UNAUTHENTICATED", "Token exchange failed", {}, { cause: new Error(reason) });
}

function nonEmptyText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/**
 * Exchanges the code of a callback for tokens.
 * @param verifier of a login that the edge has started
 * @throws DomainError UNAUTHENTICATED (the pool does not take the code, or gives no id token), UNAVAILABLE (no answer
 *   in time)
 */
export async function exchangeCode(
  { cognitoDomain, clientId, appOrigin }: EdgeConfiguration,
  fetch: typeof globalThis.fetch,
  code: string,
  verifier: string | undefined,
): Promise<ExchangedTokens> {
  const form = {
    grant_type: "authorization_code",
    client_id: clientId,
    code,
    redirect_uri: redirectUri(appOrigin),
    ...(verifier && { code_verifier: verifier }),
  };
  let status: number;
  let text: string;
  try {
    const answer = await post(fetch, `${cognitoDomain}/oauth2/token`, form, EXCHANGE_WITHIN_MS);
    status = answer.status;
    text = await answer.text();
  } catch (cause) {
    throw new DomainError("UNAVAILABLE", "Sign-in is not available right now", {}, { cause });
  }
  if (status !== 200) throw failed(`token_endpoint_${status}`);
  return tokensIn(text);
}

function tokensIn(text: string): ExchangedTokens {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw failed("token_endpoint_no_json");
  }
  const { id_token, refresh_token } = (body ?? {}) as Record<string, unknown>;
  const idToken = nonEmptyText(id_token);
  if (idToken === undefined) throw failed("no_id_token");
  return { idToken, refreshToken: nonEmptyText(refresh_token) };
}

/** Ends a refresh token at the user pool. @returns whether that worked; signing out goes on in any case */
export async function revokeToken(
  { cognitoDomain, clientId }: EdgeConfiguration,
  fetch: typeof globalThis.fetch,
  refreshToken: string,
): Promise<boolean> {
  try {
    const form = { token: refreshToken, client_id: clientId };
    return (await post(fetch, `${cognitoDomain}/oauth2/revoke`, form, REVOKE_WITHIN_MS)).ok;
  } catch {
    return false;
  }
}
