import type { JSONWebKeySet, JWK } from "jose";
import { DomainError } from "./errors.ts";
import { sha256 } from "./hash.ts";
import type { JsonWebKeys } from "./json-web-keys.ts";
import { epochSeconds } from "./time.ts";

/** Longer than any real token; browsers do not even keep such a cookie. */
const MAX_TOKEN_CHARACTERS = 8_192;
const CLOCK_SKEW_SECONDS = 60;

/** Who may issue tokens, and for whom. */
export interface TokenPolicy {
  issuer: string;
  clientId: string;
  keys: JsonWebKeys;
  /** The present, in milliseconds since the epoch. */
  now: () => number;
}

export type IdTokenClaims = Readonly<Record<string, unknown>> & { sub: string };

function refused(message: string, reason: string): DomainError {
  return new DomainError("UNAUTHENTICATED", message, {}, { cause: new Error(reason) });
}

function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function decodePart(part: string | undefined): Record<string, unknown> {
  if (!part || !/^[A-Za-z0-9_-]+$/.test(part)) throw refused("Invalid token.", "malformed");
  try {
    const decoded: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    if (isJsonObject(decoded)) return decoded;
  } catch {
    // Falls through to the one refusal below.
  }
  throw refused("Invalid token.", "malformed");
}

function keyWithId(set: JSONWebKeySet, kid: string) {
  return set.keys.find((key) => key.kid === kid && key.kty === "RSA");
}

async function signingKey(keys: JsonWebKeys, kid: unknown) {
  if (typeof kid !== "string" || kid === "") throw refused("Token key ID not found.", "no_kid");
  const known = keyWithId(await keys.current(), kid);
  if (known) return known;
  const set = await keys.refreshed();
  const rotated = set && keyWithId(set, kid);
  if (!rotated) throw refused("Token key ID not found.", "unknown_kid");
  return rotated;
}

/** A time claim in seconds; undefined when absent, NaN when it is no finite number. */
function timeClaim(claims: Record<string, unknown>, name: string): number | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  return typeof value === "number" && Number.isFinite(value) ? value : Number.NaN;
}

function checkClaims(claims: Record<string, unknown>, policy: TokenPolicy): void {
  const now = epochSeconds(policy.now());
  for (const name of ["nbf", "iat"]) {
    const at = timeClaim(claims, name);
    if (at !== undefined && !(at <= now + CLOCK_SKEW_SECONDS))
      throw refused("Token validation failed.", `${name}_ahead`);
  }
  const expires = timeClaim(claims, "exp");
  if (expires === undefined || !(expires > now)) throw refused("Token has expired. Please sign in again.", "expired");
  if (claims.iss !== policy.issuer) throw refused("Token issuer is not accepted.", "issuer");
  const audience = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (!audience.includes(policy.clientId)) throw refused("Token audience is not accepted.", "audience");
  if (claims.token_use !== "id") throw refused("Token use is not accepted.", "token_use");
}

/** So many tokens of one key are remembered; a container serves few people at a time. */
const MAX_REMEMBERED = 100;
/** How long a signature that was checked need not be checked again. */
const REMEMBERED_MS = 60_000;

/**
 * When the signature of a token must be checked again, in milliseconds since the epoch: by the key that was seen to
 * have signed it, and by the token's SHA-256, so that a container keeps no credentials. A browser sends one token for
 * an hour. Keys that are fetched anew are new objects, so what an old one has signed is forgotten with it.
 */
const signedBy = new WeakMap<JWK, Map<string, number>>();

type Verify = (token: string, key: JWK, options: { algorithms: string[] }) => Promise<unknown>;

let verify: Verify | undefined;

/** Loaded at the first token: at module scope it would cost every cold start, also those that see a key only. */
async function loadVerify(): Promise<Verify> {
  try {
    const { compactVerify } = await import("jose");
    return compactVerify;
  } catch (cause) {
    // Whoever called has done nothing wrong: a 401 would log everybody out.
    throw new DomainError("CONFIGURATION_ERROR", "Tokens cannot be checked here.", {}, { cause });
  }
}

function remember(digest: string, key: JWK, now: number): void {
  const digests = signedBy.get(key) ?? new Map<string, number>();
  if (digests.size >= MAX_REMEMBERED) digests.clear();
  signedBy.set(key, digests.set(digest, now + REMEMBERED_MS));
}

async function checkSignature(token: string, key: JWK, now: number): Promise<void> {
  const digest = sha256(token);
  if ((signedBy.get(key)?.get(digest) ?? 0) > now) return;
  verify ??= await loadVerify();
  try {
    await verify(token, key, { algorithms: ["RS256"] });
  } catch {
    throw refused("Token validation failed.", "signature");
  }
  remember(digest, key, now);
}

/**
 * Verifies an id token of the user pool: shape, algorithm, key, signature, times, issuer, audience and use, in this
 * order (the nine checks of the sign-in contract).
 * @param token a compact JWS
 * @returns its claims
 * @throws DomainError UNAUTHENTICATED when a check fails, UNAVAILABLE when the keys cannot be had, CONFIGURATION_ERROR
 *   when what checks signatures is not there
 */
export async function verifyIdToken(token: string, policy: TokenPolicy): Promise<IdTokenClaims> {
  if (token.length > MAX_TOKEN_CHARACTERS) throw refused("Invalid token.", "oversize");
  const parts = token.split(".");
  if (parts.length !== 3 || !parts[2]) throw refused("Invalid token.", "malformed");
  const header = decodePart(parts[0]);
  const claims = decodePart(parts[1]);
  if (header.alg !== "RS256") throw refused("Unexpected token algorithm.", "algorithm");
  await checkSignature(token, await signingKey(policy.keys, header.kid), policy.now());
  checkClaims(claims, policy);
  return { ...claims, sub: String(claims.sub ?? "") };
}
