import type { AuthorizationCodes } from "./authorization-codes.ts";
import { type AuthorizeRequest, readAuthorizeRequest } from "./authorize-request.ts";
import { ParameterProblem, readParameter } from "./limits.ts";
import { errorPage, type PageAnswer, redirect } from "./page.ts";
import type { SignInClient } from "./sign-in-client.ts";
import { signInPage } from "./sign-in-page.ts";
import type { SignInSessions } from "./sign-in-sessions.ts";
import type { SignInPool } from "./user-pool.ts";

export interface SignInParts {
  client: SignInClient;
  pool: SignInPool;
  codes: AuthorizationCodes;
  sessions: SignInSessions;
  /** Where a person finds the passwords. */
  passwordsIn: string;
}

/** What the pages look at of a request. */
export interface PageRequest {
  query: URLSearchParams;
  cookies: string | undefined;
}

/** `/oauth2/authorize`, where people sign in, and `/logout`, where they sign out. */
export function signInPages({ client, pool, codes, sessions, passwordsIn }: SignInParts) {
  /** Back to where the login began, with a code that stands for the person. */
  function withCode({ redirectUri, state, nonce, codeChallenge }: AuthorizeRequest, username: string) {
    const code = codes.issue({ username, clientId: client.clientId, redirectUri, nonce, codeChallenge });
    const location = new URL(redirectUri);
    location.searchParams.set("code", code);
    if (state !== undefined) location.searchParams.set("state", state);
    return location.href;
  }

  async function form(query: URLSearchParams, login: AuthorizeRequest, rejected?: { username: string }) {
    const usernames = await pool.usernames();
    const { redirectUri } = login;
    return signInPage({ query: query.toString(), redirectUri, usernames, passwordsIn, ...(rejected && { rejected }) });
  }

  async function authorize({ query, cookies }: PageRequest): Promise<PageAnswer> {
    const login = readAuthorizeRequest(query, client);
    const username = sessions.find(cookies);
    return username === undefined ? form(query, login) : redirect(withCode(login, username));
  }

  async function signIn({ query }: PageRequest, typed: URLSearchParams): Promise<PageAnswer> {
    const login = readAuthorizeRequest(query, client);
    const username = readParameter(typed, "username") ?? "";
    const password = readParameter(typed, "password") ?? "";
    const person = await pool.checkPassword(username, password);
    if (person === undefined) return form(query, login, { username });
    return redirect(withCode(login, person), [sessions.begin(person)]);
  }

  async function logout({ query, cookies }: PageRequest): Promise<PageAnswer> {
    const logoutUri = readParameter(query, "logout_uri") ?? "";
    const isTheirs = readParameter(query, "client_id") === client.clientId && client.logoutUrls.includes(logoutUri);
    if (!isTheirs) throw new ParameterProblem("logout_uri is none of the client's sign-out addresses.");
    return redirect(logoutUri, [sessions.end(cookies)]);
  }

  const guarded =
    <T extends unknown[]>(page: (...request: T) => Promise<PageAnswer>) =>
    async (...request: T): Promise<PageAnswer> => {
      try {
        return await page(...request);
      } catch (error) {
        if (error instanceof ParameterProblem) return errorPage(400, error.message);
        throw error;
      }
    };
  return { authorize: guarded(authorize), signIn: guarded(signIn), logout: guarded(logout) };
}
