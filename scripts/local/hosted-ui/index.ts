import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AuthorizationCodes } from "./authorization-codes.ts";
import { errorPage, type PageAnswer } from "./page.ts";
import { readForm } from "./read-form.ts";
import type { SignInClient } from "./sign-in-client.ts";
import { type PageRequest, signInPages } from "./sign-in-pages.ts";
import { SignInSessions } from "./sign-in-sessions.ts";
import { tokenEndpoints } from "./token-endpoints.ts";
import type { SignInPool } from "./user-pool.ts";

export interface HostedUiOptions {
  client: SignInClient;
  pool: SignInPool;
  /** Where a person finds the passwords, for the page to say. */
  passwordsIn: string;
  /** Milliseconds; for tests. */
  now?: () => number;
}

type Serve = (request: PageRequest, incoming: IncomingMessage) => Promise<PageAnswer>;

/** A file of this folder. */
const file = (name: string, type: string): Serve => {
  return async () => {
    const body = await readFile(new URL(name, import.meta.url), "utf8");
    return { status: 200, headers: { "content-type": type, "x-content-type-options": "nosniff" }, body };
  };
};

/** Whether a form was sent by a page of somebody else; programs send no Origin. */
function isForeign({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined && headers.origin !== `http://${headers.host}`;
}

/** Runs what a form is for, unless it cannot be read. */
const withForm = (serve: (form: URLSearchParams, request: PageRequest) => Promise<PageAnswer>): Serve => {
  return async (request, incoming) => {
    const form = await readForm(incoming);
    return form ? serve(form, request) : errorPage(413, "The form is too large.");
  };
};

/** The addresses of the sign-in pages, as on the domain of a user pool. */
function routes({ client, pool, passwordsIn, now = Date.now }: HostedUiOptions): ReadonlyMap<string, Serve> {
  const codes = new AuthorizationCodes(now);
  const pages = signInPages({ client, pool, codes, sessions: new SignInSessions(now), passwordsIn });
  const endpoints = tokenEndpoints(client, pool, codes);
  const signIn = withForm((form, request) => pages.signIn(request, form));
  return new Map<string, Serve>([
    ["GET /oauth2/authorize", (request) => pages.authorize(request)],
    [
      "POST /oauth2/authorize",
      async (request, incoming) =>
        isForeign(incoming) ? errorPage(403, "The form belongs to another page.") : signIn(request, incoming),
    ],
    ["POST /oauth2/token", withForm((form) => endpoints.token(form))],
    ["POST /oauth2/revoke", withForm((form) => endpoints.revoke(form))],
    ["GET /logout", (request) => pages.logout(request)],
    ["GET /oauth2/page.css", file("page.css", "text/css")],
    ["GET /oauth2/icon.svg", file("icon.svg", "image/svg+xml")],
  ]);
}

function send(outgoing: ServerResponse, { status, headers, body }: PageAnswer): void {
  outgoing.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  outgoing.end(body);
}

/**
 * The sign-in pages of the user pool, in place of those that AWS hosts.
 * @returns answers a request that is for them; false where it is for somebody else
 */
export function createHostedUi(
  options: HostedUiOptions,
): (incoming: IncomingMessage, outgoing: ServerResponse) => boolean {
  const known = routes(options);
  return (incoming, outgoing) => {
    const url = URL.parse(incoming.url ?? "/", "http://127.0.0.1");
    if (!url || (url.pathname !== "/logout" && !url.pathname.startsWith("/oauth2/"))) return false;
    const { pathname, searchParams } = url;
    const serve = known.get(`${incoming.method} ${pathname}`);
    const request = { query: searchParams, cookies: incoming.headers.cookie };
    const answered = serve ? serve(request, incoming) : Promise.resolve(errorPage(404, "There is no such page."));
    answered
      .catch(() => errorPage(500, "The user pool cannot be reached."))
      .then((answer) => send(outgoing, answer))
      .catch(() => outgoing.destroy());
    return true;
  };
}
