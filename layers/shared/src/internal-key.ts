import { DomainError } from "./errors.ts";
import { secretsEqual } from "./hash.ts";

const CACHE_MS = 300_000;
const VERSIONS = ["AWSCURRENT", "AWSPREVIOUS"] as const;

let cached: { keys: string[]; until: number } | undefined;
let loading: Promise<string[]> | undefined;

async function readSecret(secretId: string): Promise<string[]> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
  const client = new SecretsManagerClient({ maxAttempts: 3 });
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

async function loadKeys(secretId: string): Promise<string[]> {
  if (cached && cached.until > Date.now()) return cached.keys;
  loading ??= readSecret(secretId).finally(() => {
    loading = undefined;
  });
  try {
    const keys = await loading;
    cached = { keys, until: Date.now() + CACHE_MS };
    return keys;
  } catch (cause) {
    // Keys that were good a while ago beat locking every trusted service out.
    if (cached) return cached.keys;
    throw new DomainError("UNAVAILABLE", "Keys cannot be checked right now.", {}, { retryAfterSeconds: 1, cause });
  }
}

function keysInEnvironment(): string[] {
  return (process.env.COORDINATION_INTERNAL_API_KEY ?? "")
    .split(",")
    .map((key) => key.trim())
    .filter(Boolean);
}

async function acceptedKeys(): Promise<string[]> {
  const secretId = process.env.INTERNAL_KEY_SECRET;
  return [...keysInEnvironment(), ...(secretId ? await loadKeys(secretId) : [])];
}

/**
 * The key with which this service presents itself to another one; "" where none is configured.
 * @throws DomainError UNAVAILABLE
 */
export async function internalKey(): Promise<string> {
  return (await acceptedKeys())[0] ?? "";
}

/**
 * Whether the presented text is the internal key. Accepted are the current and the previous version of the secret
 * `INTERNAL_KEY_SECRET` (cached 300 s), and the comma list in `COORDINATION_INTERNAL_API_KEY`, so that a rotation has
 * no gap. With neither configured the mechanism is off; an empty text never matches.
 * @throws DomainError UNAVAILABLE when the secret cannot be read and was never read before
 */
export async function isInternalKey(presented: string): Promise<boolean> {
  if (presented === "") return false;
  const keys = await acceptedKeys();
  // Every key is compared, so that the time does not tell which one matched.
  return keys.map((key) => secretsEqual(presented, key)).includes(true);
}
