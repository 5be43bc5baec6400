import { type AgentKey, type KeyRefusal, keyRefusal } from "./agent-key.ts";
import { type AgentKeyRow, noteUse, readAgentKey } from "./agent-key-store.ts";
import type { Agent } from "./auth-context.ts";
import { DomainError } from "./errors.ts";
import { log } from "./log.ts";
import { timestamp } from "./time.ts";

/** A revocation holds everywhere within 60 s; the rest is for the reads that are on their way when it comes. */
const CACHE_MS = 50_000;
const MAX_CACHED = 500;
/** Nobody waits longer for a note that nothing depends on. */
const PATIENCE_MS = 1_000;

/** What this container knows of keys, and until when; the oldest first. */
const cache = new Map<string, { row: AgentKeyRow; until: number }>();
const underway = new Map<string, Promise<AgentKeyRow | undefined>>();

function keep(row: AgentKeyRow, until: number): void {
  cache.delete(row.id);
  cache.set(row.id, { row, until });
  const oldest = cache.keys().next().value;
  if (cache.size > MAX_CACHED && oldest !== undefined) cache.delete(oldest);
}

/** Only what was found is kept: guesses must not push real keys out. */
async function read(id: string): Promise<AgentKeyRow | undefined> {
  // What is read is at least as new as this moment, however long the answer takes.
  const startedAt = Date.now();
  const row = await readAgentKey(id);
  if (row) keep(row, startedAt + CACHE_MS);
  return row;
}

function readOnce(id: string): Promise<AgentKeyRow | undefined> {
  const known = underway.get(id);
  if (known) return known;
  const reading = read(id).finally(() => underway.delete(id));
  underway.set(id, reading);
  return reading;
}

async function find(id: string): Promise<AgentKeyRow | undefined> {
  const known = cache.get(id);
  if (known && known.until > Date.now()) return known.row;
  try {
    return await readOnce(id);
  } catch (cause) {
    // A key that cannot be looked up may have been revoked: what is out of date does not count.
    throw new DomainError("UNAVAILABLE", "Keys cannot be checked right now.", {}, { retryAfterSeconds: 1, cause });
  }
}

function startOfHour(now: number): string {
  return `${timestamp(now).slice(0, 13)}:00:00Z`;
}

/** Once an hour and key, and only a note: whatever becomes of it, the request goes on. */
async function noteUseOf(row: AgentKeyRow, now: number): Promise<void> {
  const hour = startOfHour(now);
  if ((row.last_used_at ?? "") >= hour) return;
  // Before the write, so that neither requests at the same time nor a write that fails repeat it.
  row.last_used_at = hour;
  try {
    await noteUse(row.id, hour, AbortSignal.timeout(PATIENCE_MS));
  } catch (error) {
    log().warn("agent_key_use_not_noted", { key_id: row.id, error: error as Error });
  }
}

/**
 * The agent that a key stands for. What is known of a key is kept for 50 s in this container.
 * @returns why there is none, for the log
 * @throws DomainError UNAVAILABLE when the key cannot be looked up
 */
export async function agentOfKey({ id, secret }: AgentKey): Promise<Agent | KeyRefusal> {
  const row = await find(id);
  const now = Date.now();
  const refusal = keyRefusal(row, secret, now);
  if (!row || refusal) return refusal ?? "agent_key_unknown";
  await noteUseOf(row, now);
  const { agent, scopes, projects } = row;
  return {
    mode: "agent-key",
    sub: `agent:${agent}`,
    keyId: id,
    agent,
    scopes,
    projects: projects.includes("*") ? "all" : projects,
    claims: {},
  };
}

/** Empties the cache, for tests that begin with a fresh container. */
export function forgetAgentKeys(): void {
  cache.clear();
}
