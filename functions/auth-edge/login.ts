import { hash, randomBytes } from "node:crypto";
import { cookieNames, cookieValue } from "@enceladus/middleware/cookies";
import type { EdgeConfiguration } from "./configuration.ts";
import { encodeState } from "./state.ts";

const SCOPE = "openid email profile";
/** A little longer than the sign-in pages keep a login open. */
const LOGIN_SECONDS = 600;
const ATTRIBUTES = "Path=/enceladus; Secure; HttpOnly; SameSite=Lax";
/** RFC 7636, 4.1: 43 to 128 unreserved characters; 32 random bytes are 43. */
const VERIFIER = /^[A-Za-z0-9_-]{43}$/;
const LOGIN_COOKIE = /^enceladus_login_[0-9a-f]{16}$/;
/** What an answer has room for; whoever has more gets rid of the rest with the next one. */
const MOST_CLEARED = 50;

/** A login that the edge has started: what proves that it ends in the browser in which it began. */
interface Login {
  cookieName: string;
  verifier: string;
}

/** So many logins side by side; older ones give way, or their cookies would fill the headers of every request. */
const MOST_LOGINS = 8;

/** Each login has a cookie of its own, so that several tabs can sign in side by side; the state tells them apart. */
function cookieNameOf(state: string): string {
  return `enceladus_login_${hash("sha256", state).slice(0, 16)}`;
}

function cleared(cookieName: string): string {
  return `${cookieName}=; ${ATTRIBUTES}; Max-Age=0`;
}

/** What takes other logins away where there are as many as there may be. */
function makeRoom(own: string, cookieLines: readonly string[]): string[] {
  const others = cookieNames(cookieLines).filter((name) => LOGIN_COOKIE.test(name) && name !== own);
  return others.length < MOST_LOGINS ? [] : others.slice(0, MOST_CLEARED).map(cleared);
}

function knownLogin(state: string, cookieLines: readonly string[]): Login | undefined {
  const cookieName = cookieNameOf(state);
  const verifier = cookieValue(cookieLines, cookieName);
  return verifier && VERIFIER.test(verifier) ? { cookieName, verifier } : undefined;
}

/** Ties the id token to the login as the verifier ties the code to it; made from the verifier, it needs no cookie. */
function nonceOf(verifier: string): string {
  return hash("sha256", `nonce ${verifier}`).slice(0, 32);
}

/** An address at which people sign in. */
function authorizeUrl({ cognitoDomain, clientId, appOrigin }: EdgeConfiguration, state: string, more: object): string {
  const parameters = {
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri(appOrigin),
    scope: SCOPE,
    state,
    ...more,
  };
  const query = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${cognitoDomain}/oauth2/authorize?${query.join("&")}`;
}

/** Where somebody signs in who did not come to a page: no login begins, for nobody will come back from there. */
export function loginAddress(configuration: EdgeConfiguration, target: string): string {
  return authorizeUrl(configuration, encodeState(target), {});
}

/** Where a login that the edge starts leads, and the cookies that it leaves behind. */
export function startLogin(
  configuration: EdgeConfiguration,
  target: string,
  cookieLines: readonly string[],
): { location: string; cookies: string[] } {
  const state = encodeState(target);
  const cookieName = cookieNameOf(state);
  // Two tabs at one address share a login: a second verifier would make the first one's code worthless.
  const verifier = knownLogin(state, cookieLines)?.verifier ?? randomBytes(32).toString("base64url");
  const location = authorizeUrl(configuration, state, {
    code_challenge: hash("sha256", verifier, "base64url"),
    code_challenge_method: "S256",
    nonce: nonceOf(verifier),
  });
  const cookie = `${cookieName}=${verifier}; ${ATTRIBUTES}; Max-Age=${LOGIN_SECONDS}`;
  return { location, cookies: [cookie, ...makeRoom(cookieName, cookieLines)] };
}

/** Where the sign-in pages send people back to. */
export function redirectUri(appOrigin: string): string {
  return `${appOrigin}/enceladus/callback`;
}

/** What a callback must show when the edge has started its login; the app starts logins that have none of it. */
export interface StartedLogin {
  verifier: string;
  /** Whether a nonce, if the id token has one, is that of this login. */
  acceptsNonce(nonce: unknown): boolean;
  /** Ends the login's cookie. */
  clearingCookie: string;
}

/** The login that a callback belongs to, if the edge has started it in this browser. */
export function startedLogin(state: string, cookieLines: readonly string[]): StartedLogin | undefined {
  const login = knownLogin(state, cookieLines);
  if (!login) return undefined;
  const { verifier, cookieName } = login;
  return {
    verifier,
    acceptsNonce: (nonce) => nonce === undefined || nonce === nonceOf(verifier),
    clearingCookie: cleared(cookieName),
  };
}
