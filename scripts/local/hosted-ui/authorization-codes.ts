import { createHash, randomBytes } from "node:crypto";

const GOOD_FOR_MS = 5 * 60_000;
/** More logins at once than anybody begins here; the oldest go first. */
const MOST_CODES = 1_000;
/** RFC 7636, 4.1. */
const VERIFIER = /^[A-Za-z0-9\-._~]{43,128}$/;

/** What a code stands for. */
export interface Grant {
  username: string;
  clientId: string;
  redirectUri: string;
  nonce: string | undefined;
  codeChallenge: string | undefined;
}

/** What somebody shows who wants tokens for a code. */
export interface Redemption {
  code: string;
  clientId: string;
  redirectUri: string;
  codeVerifier: string | undefined;
}

/**
 * Whether the verifier is that of the login's challenge. A login without a challenge takes none: a verifier would then
 * be sent by somebody who believes to be protected by it, and is not (RFC 9700, 2.1.1).
 */
export function matchesChallenge(codeVerifier: string | undefined, codeChallenge: string | undefined): boolean {
  if (codeVerifier === undefined || codeChallenge === undefined) return codeVerifier === codeChallenge;
  return VERIFIER.test(codeVerifier) && createHash("sha256").update(codeVerifier).digest("base64url") === codeChallenge;
}

/** The codes that are still to be exchanged. */
export class AuthorizationCodes {
  readonly #grants = new Map<string, Grant & { goodUntil: number }>();
  readonly #now: () => number;

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  issue(grant: Grant): string {
    const code = randomBytes(24).toString("base64url");
    this.#grants.set(code, { ...grant, goodUntil: this.#now() + GOOD_FOR_MS });
    const [oldest] = this.#grants.keys();
    if (this.#grants.size > MOST_CODES && oldest !== undefined) this.#grants.delete(oldest);
    return code;
  }

  /** Gives what a code stands for, once: whoever shows it wrongly has used it up too. */
  redeem({ code, clientId, redirectUri, codeVerifier }: Redemption): Grant | undefined {
    const grant = this.#grants.get(code);
    this.#grants.delete(code);
    if (!grant || grant.goodUntil <= this.#now()) return undefined;
    const isTheirs = grant.clientId === clientId && grant.redirectUri === redirectUri;
    return isTheirs && matchesChallenge(codeVerifier, grant.codeChallenge) ? grant : undefined;
  }
}
