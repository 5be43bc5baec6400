import { AGENT_KEY_PREFIX } from "./agent-key.ts";
import { DomainError } from "./errors.ts";
import { secretsEqual } from "./hash.ts";

const CACHE_MS = 300_000;
/** A wrong key must not make every request of somebody who guesses a call of Secrets Manager. */
const FORCED_READ_EVERY_MS = 60_000;
/** Each try at a service that hangs makes a caller wait; with keys at hand, one in this time is enough. */
const RETRY_AFTER_FAILURE_MS = 30_000;
const VERSIONS = ["AWSCURRENT", "AWSPREVIOUS"] as const;

/** The keys in the secret as this container knows them, and when that was asked for. */
let known: { keys: readonly string[]; readAt: number } | undefined;
let underway: Promise<readonly string[]> | undefined;
let forcedAt = Number.NEGATIVE_INFINITY;
let failedAt = Number.NEGATIVE_INFINITY;

async function readSecret(secretId: string): Promise<readonly string[]> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
  const requestHandler = { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true };
  const client = new SecretsManagerClient({ maxAttempts: 3, requestHandler });
  const values = await Promise.all(
    VERSIONS.map(async (VersionStage) => {
      try {
        return (await client.send(new GetSecretValueCommand({ SecretId: secretId, VersionStage }))).SecretString;
      } catch (error) {
        // A secret that was never rotated has no previous version.
        if (VersionStage === "AWSPREVIOUS" && (error as Error).name === "ResourceNotFoundException") return undefined;
        throw error;
      }
    }),
  );
  return values.filter((value): value is string => Boolean(value));
}

/** Reads the secret; callers at the same time share one read. @throws DomainError UNAVAILABLE */
async function readOnce(secretId: string): Promise<readonly string[]> {
  const readAt = Date.now();
  underway ??= readSecret(secretId)
    .then((keys) => {
      known = { keys, readAt };
      return keys;
    })
    .finally(() => {
      underway = undefined;
    });
  try {
    return await underway;
  } catch (cause) {
    failedAt = Date.now();
    throw new DomainError("UNAVAILABLE", "Keys cannot be checked right now.", {}, { retryAfterSeconds: 1, cause });
  }
}

async function currentKeys(secretId: string): Promise<readonly string[]> {
  const now = Date.now();
  const isFresh = known !== undefined && now - known.readAt < CACHE_MS;
  const hasJustFailed = now - failedAt < RETRY_AFTER_FAILURE_MS;
  if (known && (isFresh || hasJustFailed)) return known.keys;
  // Keys that were good a while ago beat locking every trusted service out.
  return readOnce(secretId).catch((error: unknown) => known?.keys ?? Promise.reject(error));
}

/**
 * The keys after a forced read, for a text that is none of those that were known; undefined where a read would tell
 * nothing new, or where one was forced less than a minute ago.
 * @param askedAt when the caller began to look
 * @throws DomainError UNAVAILABLE when the read fails: whether the text is a key cannot be told
 */
async function rotatedKeys(secretId: string, askedAt: number): Promise<readonly string[] | undefined> {
  if (known && known.readAt >= askedAt) return undefined;
  if (underway) return readOnce(secretId);
  if (Date.now() - forcedAt < FORCED_READ_EVERY_MS) return undefined;
  forcedAt = Date.now();
  return readOnce(secretId);
}

function keysInEnvironment(): string[] {
  return (process.env.COORDINATION_INTERNAL_API_KEY ?? "")
    .split(",")
    .map((key) => key.trim())
    .filter(Boolean);
}

/**
 * The key with which this service presents itself to another one; "" where none is configured.
 * @throws DomainError UNAVAILABLE
 */
export async function internalKey(): Promise<string> {
  const [inEnvironment] = keysInEnvironment();
  const secretId = process.env.INTERNAL_KEY_SECRET;
  if (inEnvironment !== undefined || !secretId) return inEnvironment ?? "";
  return (await currentKeys(secretId))[0] ?? "";
}

/** Every key is compared, so that the time does not tell which one matched. */
function isAmong(keys: readonly string[], presented: string): boolean {
  return keys.map((key) => secretsEqual(presented, key)).includes(true);
}

/**
 * Whether the presented text is the internal key. Accepted are the current and the previous version of the secret
 * `INTERNAL_KEY_SECRET` (cached 300 s), and the comma list in `COORDINATION_INTERNAL_API_KEY`, so that a rotation has
 * no gap. A text that is neither makes the secret be read again at once, at most once a minute, so that whoever has the
 * new key first is not refused. With neither configured the mechanism is off; an empty text never matches, nor does one
 * that begins as the keys of agents do.
 * @throws DomainError UNAVAILABLE when the secret cannot be read and was never read before, or cannot be read again for
 *   a text that was not known
 */
export async function isInternalKey(presented: string): Promise<boolean> {
  if (presented === "" || presented.startsWith(AGENT_KEY_PREFIX)) return false;
  const askedAt = Date.now();
  const secretId = process.env.INTERNAL_KEY_SECRET;
  const keys = [...keysInEnvironment(), ...(secretId ? await currentKeys(secretId) : [])];
  if (isAmong(keys, presented)) return true;
  const rotated = secretId ? await rotatedKeys(secretId, askedAt) : undefined;
  return rotated !== undefined && isAmong(rotated, presented);
}
