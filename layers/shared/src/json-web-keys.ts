import type { JSONWebKeySet } from "jose";
import { DomainError } from "./errors.ts";

const FRESH_MS = 3_600_000;
const STALE_MS = 24 * 3_600_000;
const FORCED_REFETCH_EVERY_MS = 60_000;
/** Each try at an issuer that hangs makes a caller wait; with keys at hand, one in this time is enough. */
const RETRY_AFTER_FAILURE_MS = 30_000;

/** The keys of an issuer as this container knows them. */
interface KeyCache {
  keys: JSONWebKeySet | undefined;
  fetchedAt: number;
  forcedAt: number;
  failedAt: number;
  inFlight: Promise<JSONWebKeySet> | undefined;
}

export interface KeySource {
  url: string;
  /** Milliseconds until a fetch is given up. */
  timeoutMs: number;
  /** The present, in milliseconds since the epoch. */
  now: () => number;
  fetch: typeof fetch;
}

function isKeySet(value: unknown): value is JSONWebKeySet {
  return typeof value === "object" && value !== null && Array.isArray((value as { keys?: unknown }).keys);
}

/**
 * The signing keys of an issuer: cached for an hour, one fetch at a time; a key id that is unknown refetches at once,
 * at most once a minute, so that a rotation works and random key ids cannot hammer the issuer; an issuer that is down
 * is bridged by keys up to a day old.
 */
export class JsonWebKeys {
  readonly #source: KeySource;
  readonly #cache: KeyCache = {
    keys: undefined,
    fetchedAt: 0,
    forcedAt: Number.NEGATIVE_INFINITY,
    failedAt: Number.NEGATIVE_INFINITY,
    inFlight: undefined,
  };

  constructor(source: KeySource) {
    this.#source = source;
  }

  async #fetchKeys(): Promise<JSONWebKeySet> {
    const answer = await this.#source.fetch(this.#source.url, { signal: AbortSignal.timeout(this.#source.timeoutMs) });
    const body: unknown = answer.ok ? await answer.json() : undefined;
    if (!isKeySet(body)) throw new Error(`the key endpoint answered ${answer.status}`);
    this.#cache.keys = body;
    this.#cache.fetchedAt = this.#source.now();
    return body;
  }

  #fetchOnce(): Promise<JSONWebKeySet> {
    this.#cache.inFlight ??= this.#fetchKeys().finally(() => {
      this.#cache.inFlight = undefined;
    });
    return this.#cache.inFlight;
  }

  /**
   * The keys, from the cache where that is fresh.
   * @throws DomainError UNAVAILABLE when there are none and none can be fetched
   */
  async current(): Promise<JSONWebKeySet> {
    const { keys, fetchedAt, failedAt } = this.#cache;
    const now = this.#source.now();
    const isFresh = now - fetchedAt < FRESH_MS;
    const isUsable = now - fetchedAt < STALE_MS;
    const hasJustFailed = now - failedAt < RETRY_AFTER_FAILURE_MS;
    if (keys && (isFresh || (isUsable && hasJustFailed))) return keys;
    try {
      return await this.#fetchOnce();
    } catch (cause) {
      this.#cache.failedAt = now;
      if (keys && isUsable) return keys;
      throw unavailable(cause);
    }
  }

  /**
   * The keys after a forced refetch, for a key id that the cached ones do not have; undefined when a refetch was
   * forced less than a minute ago.
   * @throws DomainError UNAVAILABLE when the refetch fails: whether the key id exists cannot be told
   */
  async refreshed(): Promise<JSONWebKeySet | undefined> {
    const now = this.#source.now();
    if (this.#cache.inFlight) return this.#fetchOnce().catch((cause: unknown) => Promise.reject(unavailable(cause)));
    if (now - this.#cache.forcedAt < FORCED_REFETCH_EVERY_MS) return undefined;
    this.#cache.forcedAt = now;
    return this.#fetchOnce().catch((cause: unknown) => Promise.reject(unavailable(cause)));
  }
}

function unavailable(cause: unknown): DomainError {
  return new DomainError("UNAVAILABLE", "Sign-in cannot be checked right now.", {}, { retryAfterSeconds: 1, cause });
}
