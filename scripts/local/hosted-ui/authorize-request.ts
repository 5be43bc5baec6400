import { ParameterProblem, readParameter } from "./limits.ts";
import type { SignInClient } from "./sign-in-client.ts";

/** A login that somebody has begun. */
export interface AuthorizeRequest {
  redirectUri: string;
  /** Comes back as it is. */
  state: string | undefined;
  /** Goes into the id token. */
  nonce: string | undefined;
  /** SHA-256 of the verifier that the code is to be exchanged with, in base64url; absent: a login without PKCE. */
  codeChallenge: string | undefined;
}

/** A SHA-256 in base64url. */
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

function readChallenge(parameters: URLSearchParams): string | undefined {
  const method = readParameter(parameters, "code_challenge_method");
  const challenge = parameters.get("code_challenge") ?? undefined;
  if (challenge === undefined && method === undefined) return undefined;
  if (method !== "S256") throw new ParameterProblem("code_challenge_method must be S256.");
  if (challenge === undefined || !CHALLENGE.test(challenge) || parameters.getAll("code_challenge").length > 1) {
    throw new ParameterProblem("code_challenge must be one SHA-256 in base64url.");
  }
  return challenge;
}

function checkScope(scope: string | undefined, client: SignInClient): void {
  if (scope === undefined) return;
  const scopes = scope.split(" ");
  const unknown = scopes.find((name) => !client.scopes.includes(name));
  if (unknown !== undefined) throw new ParameterProblem("The client may not ask for this scope.");
  if (!scopes.includes("openid")) throw new ParameterProblem("Without the scope openid there is no id token.");
}

/**
 * Reads the query of `/oauth2/authorize`. Nothing wrong with it leads to a redirect: whoever wrote it could have named
 * any address.
 * @throws ParameterProblem whose message is for the person in front of the browser
 */
export function readAuthorizeRequest(parameters: URLSearchParams, client: SignInClient): AuthorizeRequest {
  if (readParameter(parameters, "client_id") !== client.clientId)
    throw new ParameterProblem("There is no such client.");
  const redirectUri = readParameter(parameters, "redirect_uri");
  if (redirectUri === undefined || !client.callbackUrls.includes(redirectUri)) {
    throw new ParameterProblem("redirect_uri is none of the client's callback addresses.");
  }
  if (readParameter(parameters, "response_type") !== "code") throw new ParameterProblem("response_type must be code.");
  checkScope(readParameter(parameters, "scope"), client);
  const codeChallenge = readChallenge(parameters);
  const [state, nonce] = [readParameter(parameters, "state"), readParameter(parameters, "nonce")];
  return { redirectUri, state, nonce, codeChallenge };
}
