import { AGENT_KEY_PREFIX, parseAgentKey } from "@enceladus/shared/agent-key";
import type { AuthContext } from "@enceladus/shared/auth-context";
import { DomainError } from "@enceladus/shared/errors";
import { verifyIdToken } from "@enceladus/shared/id-token";
import { isInternalKey } from "@enceladus/shared/internal-key";
import { tokenPolicy } from "@enceladus/shared/token-policy";
import { cookieValue } from "./cookies.ts";
import { refuseForeignOrigin } from "./cors.ts";
import type { HttpRequest } from "./http-event.ts";
import type { Credential } from "./operation.ts";
import { ID_TOKEN_COOKIE } from "./session-cookies.ts";

const KEY_HEADER = "x-coordination-internal-key";
/** Longer than any key; keeps hashing of hostile headers cheap. */
const MAX_KEY_CHARACTERS = 4_096;
/** The name of a scheme is good in any case (RFC 9110, 11.1). */
const BEARER = /^bearer +(\S+)$/i;

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

function header({ headers }: HttpRequest, name: string): string {
  const value = headers[name] ?? "";
  return value.length <= MAX_KEY_CHARACTERS ? value : "";
}

/** The caller that a text stands for, or why there is none, for the log. */
type Verdict = AuthContext | string;

async function agentOf(key: string): Promise<Verdict> {
  const parts = parseAgentKey(key);
  if (!parts) return "agent_key_malformed";
  if (!process.env.AGENT_KEYS_TABLE) return "agent_keys_off";
  // Loaded at the first key: functions that are called by people and services only have no use for it.
  const { agentOfKey } = await import("@enceladus/shared/agent-key-lookup");
  return agentOfKey(parts);
}

async function serviceOf(key: string): Promise<Verdict> {
  return (await isInternalKey(key)) ? INTERNAL : "wrong_internal_key";
}

/** The keys that a request presents, as checks in the order in which they decide. */
function checksOf(request: HttpRequest, accepted: readonly Credential[]): (() => Promise<Verdict>)[] {
  const inOwnHeader = header(request, KEY_HEADER);
  // An id token is no key: whatever comes as a bearer counts only where it is the key of an agent.
  const bearer = BEARER.exec(header(request, "authorization"))?.[1] ?? "";
  const agentKeys = [inOwnHeader, bearer].filter((key) => key.startsWith(AGENT_KEY_PREFIX));
  const internalKeys = [inOwnHeader].filter((key) => key !== "" && !agentKeys.includes(key));
  return [
    ...(accepted.includes("internal-key") ? internalKeys.map((key) => () => serviceOf(key)) : []),
    ...(accepted.includes("agent-key") ? agentKeys.map((key) => () => agentOf(key)) : []),
  ];
}

interface KeyCheck {
  caller?: AuthContext;
  /** What kept a key from being checked: reported, not decided. */
  failure?: unknown;
  /** Why no key counts. */
  reason: string;
}

async function checkKeys(request: HttpRequest, accepted: readonly Credential[]): Promise<KeyCheck> {
  const result: KeyCheck = { reason: "no_credential" };
  for (const check of checksOf(request, accepted)) {
    try {
      const verdict = await check();
      if (typeof verdict !== "string") return { ...result, caller: verdict };
      result.reason = verdict;
    } catch (failure) {
      result.failure ??= failure;
    }
  }
  return result;
}

/**
 * Who makes the request. A valid internal key decides first, then the valid key of an agent, without a look at tokens;
 * then the id-token cookie. A key that is wrong, unknown, expired or revoked is like none, so that a valid cookie beside
 * it still counts.
 * @throws DomainError UNAUTHENTICATED (no or a bad credential), FORBIDDEN (a cookie sent from a foreign page),
 *   UNAVAILABLE (the credential cannot be checked), CONFIGURATION_ERROR
 */
export async function authenticate(request: HttpRequest, accepted: readonly Credential[]): Promise<AuthContext> {
  const keys = await checkKeys(request, accepted);
  if (keys.caller) return keys.caller;
  const token = accepted.includes("cookie") ? cookieValue(request.cookieLines, ID_TOKEN_COOKIE) : undefined;
  if (token === undefined) {
    if (keys.failure) throw keys.failure;
    const cause = new Error(keys.reason);
    throw new DomainError("UNAUTHENTICATED", "Authentication required. Please sign in.", {}, { cause });
  }
  const caller = await callerOfToken(token).catch((error: unknown) => {
    // The cookie does not help, and whether the key would is not known: the caller may come again.
    const isRefused = error instanceof DomainError && error.code === "UNAUTHENTICATED";
    throw isRefused ? (keys.failure ?? error) : error;
  });
  refuseForeignOrigin(request);
  return caller;
}
