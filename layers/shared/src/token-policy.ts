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

/**
 * Which tokens this deployment accepts, from `COGNITO_USER_POOL_ID` and `COGNITO_CLIENT_ID`; the region is part of the
 * pool id, so that there is no second setting to drift. `COGNITO_ISSUER` and `COGNITO_JWKS_URL` override the derived
 * addresses; a loopback address is refused unless the function runs locally.
 * @throws DomainError CONFIGURATION_ERROR
 */
export function tokenPolicy(): TokenPolicy {
  const poolId = requireEnv("COGNITO_USER_POOL_ID");
  const clientId = requireEnv("COGNITO_CLIENT_ID");
  const [region, name] = poolId.split("_");
  if (!region || !name) throw misconfigured("COGNITO_USER_POOL_ID");
  const issuer = checkedUrl(
    "COGNITO_ISSUER",
    process.env.COGNITO_ISSUER || `https://cognito-idp.${region}.amazonaws.com/${poolId}`,
  );
  const url = checkedUrl("COGNITO_JWKS_URL", process.env.COGNITO_JWKS_URL || `${issuer}/.well-known/jwks.json`);
  const identity = JSON.stringify([issuer, clientId, url]);
  if (policy?.for !== identity) {
    const keys = new JsonWebKeys({ url, timeoutMs: 5_000, now: Date.now, fetch: globalThis.fetch });
    policy = { for: identity, value: { issuer, clientId, keys, now: Date.now } };
  }
  return policy.value;
}
