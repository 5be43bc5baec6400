import { secretsEqual, sha256 } from "./hash.ts";

/** What every key of an agent begins with, and nothing else: the internal key never does. */
export const AGENT_KEY_PREFIX = "enc_";

const ULID = "[0-7][0-9A-HJKMNP-TV-Z]{25}";
/** The prefix, a ULID, and 32 bytes in base64url. Each part has one length, so that there is one way to read a text. */
const FORM = new RegExp(`^${AGENT_KEY_PREFIX}(${ULID})_([A-Za-z0-9_-]{43})$`);
const CHARACTERS = 74;
const ID_FORM = new RegExp(`^${ULID}$`);

/** The two parts of a key: which one it is, and what proves it. */
export interface AgentKey {
  id: string;
  secret: string;
}

/** A key as its agent sends it. */
export function formatAgentKey({ id, secret }: AgentKey): string {
  return `${AGENT_KEY_PREFIX}${id}_${secret}`;
}

/** The parts of a text of the form of a key; undefined for any other text. */
export function parseAgentKey(text: string): AgentKey | undefined {
  const [, id, secret] = (text.length === CHARACTERS && FORM.exec(text)) || [];
  return id !== undefined && secret !== undefined ? { id, secret } : undefined;
}

/** Whether a text is the id of a key, as far as its form can tell. */
export function isAgentKeyId(text: string): boolean {
  return ID_FORM.test(text);
}

/**
 * What is stored of a secret. It has 256 random bits: nobody finds it by guessing, however fast the hash is, so it
 * needs neither salt nor a slow one, which every request would pay for.
 */
export function hashOfSecret(secret: string): string {
  return sha256(secret);
}

/** What is kept of an issued key, as far as it says whether the key is good. */
export interface IssuedKey {
  secret_sha256: string;
  expires_at: string;
  revoked_at?: string | undefined;
}

/** Why a key is not accepted; for the log, callers are not told. */
export type KeyRefusal = "agent_key_unknown" | "agent_key_wrong_secret" | "agent_key_revoked" | "agent_key_expired";

const NOBODYS_HASH = hashOfSecret("");

/**
 * Judges a presented key. The secret is compared also where no such key was issued, so that both take the same time.
 * @param issued what is kept under its id
 * @param now milliseconds since the epoch
 * @returns why it is refused; undefined for a good one
 */
export function keyRefusal(issued: IssuedKey | undefined, secret: string, now: number): KeyRefusal | undefined {
  const isRight = secretsEqual(hashOfSecret(secret), issued?.secret_sha256 ?? NOBODYS_HASH);
  if (!issued) return "agent_key_unknown";
  if (!isRight) return "agent_key_wrong_secret";
  if (issued.revoked_at !== undefined) return "agent_key_revoked";
  return Date.parse(issued.expires_at) > now ? undefined : "agent_key_expired";
}
