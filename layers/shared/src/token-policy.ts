import { isLocal, requireEnv } from "./env.ts";
import { misconfigured } from "./errors.ts";
import type { TokenPolicy } from "./id-token.ts";
import { JsonWebKeys } from "./json-web-keys.ts";

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

let policy: { for: string; value: TokenPolicy } | undefined;

/** A key endpoint must be https; plain http is for the laptop, whose user pool signs with a key that everybody knows. */
function checkedUrl(name: string, url: string): string {
  const { protocol, hostname } = URL.parse(url) ?? { protocol: "", hostname: "" };
  const loopback = LOOPBACK.has(hostname);
  if (loopback ? isLocal() : protocol === "https:") return url;
  throw misconfigured(name);
}

/** Where tokens come from, and for whom. */
export interface TokenSource {
  poolId: string;
  clientId: string;
  /** In place of the address that follows from the pool. */
  issuer?: string | undefined;
  jwksUrl?: string | undefined;
  /** Milliseconds until a fetch of the keys is given up. */
  timeoutMs: number;
}

/** What a policy takes from its surroundings. */
export interface PolicyDependencies {
  fetch: typeof fetch;
  /** The present, in milliseconds since the epoch. */
  now: () => number;
}

/**
 * The policy for the tokens of a user pool, with a key cache of its own. The region is part of the pool id, so that
 * there is no second setting to drift.
 * @throws DomainError CONFIGURATION_ERROR for an id that is none, and for a loopback address unless the function runs
 *   locally
 */
export function policyFor(source: TokenSource, { fetch, now }: PolicyDependencies): TokenPolicy {
  const { poolId, clientId, timeoutMs } = source;
  const [region, name] = poolId.split("_");
  if (!region || !name) throw misconfigured("COGNITO_USER_POOL_ID");
  const derived = `https://cognito-idp.${region}.amazonaws.com/${poolId}`;
  const issuer = checkedUrl("COGNITO_ISSUER", source.issuer || derived);
  const url = checkedUrl("COGNITO_JWKS_URL", source.jwksUrl || `${issuer}/.well-known/jwks.json`);
  return { issuer, clientId, keys: new JsonWebKeys({ url, timeoutMs, now, fetch }), now };
}

/**
 * Which tokens this deployment accepts, from `COGNITO_USER_POOL_ID` and `COGNITO_CLIENT_ID`; `COGNITO_ISSUER` and
 * `COGNITO_JWKS_URL` override the derived addresses.
 * @throws DomainError CONFIGURATION_ERROR
 */
export function tokenPolicy(): TokenPolicy {
  const source = {
    poolId: requireEnv("COGNITO_USER_POOL_ID"),
    clientId: requireEnv("COGNITO_CLIENT_ID"),
    issuer: process.env.COGNITO_ISSUER,
    jwksUrl: process.env.COGNITO_JWKS_URL,
    timeoutMs: 5_000,
  };
  const identity = Object.values(source).join("\n");
  if (policy?.for !== identity) {
    policy = { for: identity, value: policyFor(source, { fetch: globalThis.fetch, now: Date.now }) };
  }
  return policy.value;
}
