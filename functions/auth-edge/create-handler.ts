import { cookieValue } from "@enceladus/middleware/cookies";
import {
  clearedSession,
  ID_TOKEN_COOKIE,
  REFRESH_TOKEN_COOKIE,
  sessionCookies,
} from "@enceladus/middleware/session-cookies";
import { DomainError } from "@enceladus/shared/errors";
import { type TokenPolicy, verifyIdToken } from "@enceladus/shared/id-token";
import { type PolicyDependencies, policyFor } from "@enceladus/shared/token-policy";
import type { CloudFrontRequest, CloudFrontRequestEvent, CloudFrontRequestResult } from "aws-lambda";
import type { EdgeConfiguration } from "./configuration.ts";
import { logFailure } from "./failure-log.ts";
import { loginAddress, startedLogin, startLogin } from "./login.ts";
import { HOME, isCallback, isLogout, isProtected, objectPath, safeTarget } from "./paths.ts";
import { noContent, plainText, redirect, unauthenticated, unavailable } from "./responses.ts";
import { decodeState } from "./state.ts";
import { exchangeCode, revokeToken } from "./token-endpoint.ts";
import { askedFor, headerValues, isNavigation, isScriptCall } from "./viewer-request.ts";

/** Longer than any code of a user pool. */
const MAX_CODE_CHARACTERS = 2_048;
const KEYS_WITHIN_MS = 1_500;

const cookieLines = (request: CloudFrontRequest) => headerValues(request, "cookie");

function isRefused(error: unknown): error is DomainError {
  return error instanceof DomainError && error.code === "UNAUTHENTICATED";
}

/** One deployment's edge: its configuration and what it keeps from request to request. */
class Edge {
  readonly #configuration: EdgeConfiguration;
  readonly #policy: TokenPolicy;
  readonly #dependencies: PolicyDependencies;

  constructor(configuration: EdgeConfiguration, dependencies: PolicyDependencies) {
    const { userPoolId: poolId, clientId, issuer, jwksUrl } = configuration;
    this.#configuration = configuration;
    this.#dependencies = dependencies;
    this.#policy = policyFor({ poolId, clientId, issuer, jwksUrl, timeoutMs: KEYS_WITHIN_MS }, dependencies);
  }

  /** @throws DomainError UNAUTHENTICATED (nobody, or a token that is not accepted), UNAVAILABLE (no keys) */
  async #requireSignedIn(request: CloudFrontRequest): Promise<void> {
    const token = cookieValue(cookieLines(request), ID_TOKEN_COOKIE);
    if (token === undefined) {
      throw new DomainError("UNAUTHENTICATED", "unauthenticated", {}, { cause: new Error("no_credential") });
    }
    await verifyIdToken(token, this.#policy);
  }

  async #isSignedIn(request: CloudFrontRequest): Promise<boolean> {
    return this.#requireSignedIn(request).then(
      () => true,
      () => false,
    );
  }

  /** The object to signed-in people; to others the way to sign in. */
  async guarded(request: CloudFrontRequest, requestId: string): Promise<CloudFrontRequestResult> {
    try {
      await this.#requireSignedIn(request);
      return { ...request, uri: objectPath(request.uri) };
    } catch (error) {
      if (!isRefused(error)) throw error;
      await logFailure(request, requestId, "auth_failure", error);
      if (isScriptCall(request)) return unauthenticated();
      const target = askedFor(request);
      if (!isNavigation(request)) return redirect(loginAddress(this.#configuration, target), []);
      const { location, cookies } = startLogin(this.#configuration, target, cookieLines(request));
      return redirect(location, cookies);
    }
  }

  /** The way back from the sign-in pages: a code for a session. */
  async callback(request: CloudFrontRequest, requestId: string): Promise<CloudFrontRequestResult> {
    const { fetch, now } = this.#dependencies;
    const query = new URLSearchParams(request.querystring);
    const code = query.get("code");
    if (!code || code.length > MAX_CODE_CHARACTERS) return plainText(400, "Missing code");
    const state = query.get("state") ?? "";
    const target = safeTarget(decodeState(state) ?? HOME, this.#configuration.appOrigin);
    const login = startedLogin(state, cookieLines(request));
    try {
      const tokens = await exchangeCode(this.#configuration, fetch, code, login?.verifier);
      const { nonce } = await verifyIdToken(tokens.idToken, this.#policy);
      if (login && !login.acceptsNonce(nonce)) {
        throw new DomainError("UNAUTHENTICATED", "Invalid token.", {}, { cause: new Error("nonce") });
      }
      return redirect(target, [...sessionCookies(tokens, now()), ...(login ? [login.clearingCookie] : [])]);
    } catch (error) {
      if (!isRefused(error)) throw error;
      // Another tab was faster with the same login, or the page was loaded again: there is a session to go on with.
      if (await this.#isSignedIn(request)) return redirect(target, []);
      await logFailure(request, requestId, "auth_failure", error);
      return plainText(401, error.message);
    }
  }

  /** Ends the session, here and at the sign-in pages. Only for people: pages that embed this address sign nobody out. */
  async logout(request: CloudFrontRequest): Promise<CloudFrontRequestResult> {
    if (!isNavigation(request)) return noContent();
    const { cognitoDomain, clientId, appOrigin } = this.#configuration;
    const refreshToken = cookieValue(cookieLines(request), REFRESH_TOKEN_COOKIE);
    if (refreshToken !== undefined) {
      await revokeToken(this.#configuration, this.#dependencies.fetch, refreshToken);
    }
    const query = new URLSearchParams({ client_id: clientId, logout_uri: `${appOrigin}${HOME}` });
    return redirect(`${cognitoDomain}/logout?${query}`, clearedSession());
  }
}

/**
 * The viewer-request handler of the distribution: signed-in people get what they ask for, others the way to sign in.
 * @param configuration undefined until the deployment knows its ids: then nobody gets in
 * @param dependencies for tests; by default the network and the clock
 */
export function createHandler(
  configuration: EdgeConfiguration | undefined,
  dependencies: PolicyDependencies = { fetch: globalThis.fetch, now: Date.now },
) {
  const edge = configuration && new Edge(configuration, dependencies);

  async function answer(request: CloudFrontRequest, requestId: string): Promise<CloudFrontRequestResult> {
    if (!isProtected(request.uri)) return request;
    if (!edge) return unavailable();
    if (isCallback(request.uri)) return edge.callback(request, requestId);
    if (isLogout(request.uri)) return edge.logout(request);
    return edge.guarded(request, requestId);
  }

  return async ({ Records: [record] }: CloudFrontRequestEvent): Promise<CloudFrontRequestResult> => {
    if (!record) throw new Error("a viewer request has one record");
    const { request, config } = record.cf;
    try {
      return await answer(request, config.requestId);
    } catch (error) {
      await logFailure(request, config.requestId, "edge_failure", error);
      const isPassing = error instanceof DomainError && error.code === "UNAVAILABLE";
      return isPassing ? unavailable() : plainText(500, "Internal service error");
    }
  };
}
