import { formatAgentKey, isAgentKeyId } from "@enceladus/shared/agent-key";
import { type KnownAgentKey, putAgentKey, queryAgentKeys, revokeAgentKey } from "@enceladus/shared/agent-key-store";
import { decodeCursor, encodeCursor } from "@enceladus/shared/cursor";
import { DomainError, invalidInput, notFound } from "@enceladus/shared/errors";
import { log } from "@enceladus/shared/log";
import { timestamp } from "@enceladus/shared/time";
import pLimit from "p-limit";
import { getProject } from "../projects/index.ts";
import {
  ALL_PROJECTS,
  type IssuedAgentKey,
  issuedView,
  type ListedAgentKey,
  listedView,
  type NewAgentKeyRequest,
  newAgentKey,
  rowOf,
} from "./agent-key.ts";

const AT_ONCE = 10;

/** @throws DomainError INVALID_INPUT that names the projects that do not exist, INTERNAL_ERROR */
async function requireProjects(projectIds: readonly string[]): Promise<void> {
  const limit = pLimit(AT_ONCE);
  const named = projectIds.filter((projectId) => projectId !== ALL_PROJECTS);
  const lookups = await Promise.all(named.map((projectId) => limit(getProject, projectId)));
  for (const lookup of lookups) {
    if (lookup.kind !== "unknown") continue;
    throw new DomainError("INTERNAL_ERROR", "Database read failed.", {}, { retryable: true, cause: lookup.cause });
  }
  const missing = named.filter((_, index) => lookups[index]?.kind === "missing");
  if (missing.length === 0) return;
  const message = `not found: ${missing.map((projectId) => `'${[...projectId].slice(0, 60).join("")}'`).join(", ")}`;
  throw invalidInput(`projects: ${message}`, { fields: [{ field: "projects", message }] });
}

/** A key that has just been made. Its secret is not kept anywhere: whoever loses it needs another key. */
export interface NewAgentKey {
  key: IssuedAgentKey;
  /** The whole key, as its agent sends it. */
  secret: string;
}

/**
 * Issues a key to an agent.
 * @param request validated by `newAgentKeyRequest`
 * @param createdBy the label of the person who does it
 * @throws DomainError INVALID_INPUT (a project is not there), INTERNAL_ERROR
 */
export async function issueAgentKey(request: NewAgentKeyRequest, createdBy: string): Promise<NewAgentKey> {
  await requireProjects(request.projects);
  const key = newAgentKey();
  const row = rowOf(key, request, createdBy, Date.now());
  try {
    await putAgentKey(row);
  } catch (error) {
    // It may be stored, and nobody will ever know its secret: it must not stand in the list as a live one.
    await revokeAgentKey(key.id, row.created_at).catch((failure: unknown) => {
      log().warn("agent_key_not_taken_back", { key_id: key.id, error: failure as Error });
    });
    throw error;
  }
  return { key: issuedView(row), secret: formatAgentKey(key) };
}

/** A page where the caller sets no limit ends at so many keys, or after so many reads of at most 1 MB. */
const DEFAULT_LIMIT = 1_000;
const MOST_READS = 4;

const LIST = "agent-keys";

function positionIn(cursor: string): string {
  const { after } = decodeCursor(cursor, LIST);
  if (typeof after !== "string" || !isAgentKeyId(after)) throw invalidInput("Invalid pagination cursor.");
  return after;
}

export interface AgentKeyPage {
  keys: ListedAgentKey[];
  /** Where the next page begins; undefined when nothing follows. */
  nextCursor: string | undefined;
}

/**
 * A page of all keys, expired and revoked ones too, the newest first; never secrets, never hashes.
 * @param limit how many keys; without it up to 1,000 of them or 4 MB
 * @param cursor from the page before
 * @throws DomainError INVALID_INPUT (the cursor), INTERNAL_ERROR
 */
export async function listAgentKeys(limit: number = DEFAULT_LIMIT, cursor?: string | undefined): Promise<AgentKeyPage> {
  const keys: KnownAgentKey[] = [];
  let after = cursor === undefined ? undefined : positionIn(cursor);
  let reads = 0;
  do {
    const part = await queryAgentKeys(after, limit - keys.length);
    keys.push(...part.keys);
    after = part.next;
    reads += 1;
  } while (after !== undefined && keys.length < limit && reads < MOST_READS);
  return {
    keys: keys.map(listedView),
    nextCursor: after === undefined ? undefined : encodeCursor({ after }, LIST),
  };
}

/**
 * Revokes a key for good. It is refused everywhere within a minute. Revoking it again changes nothing.
 * @returns since when it is revoked
 * @throws DomainError NOT_FOUND, INTERNAL_ERROR
 */
export async function revokeKey(id: string): Promise<string> {
  const revokedAt = isAgentKeyId(id) ? await revokeAgentKey(id, timestamp()) : undefined;
  if (revokedAt === undefined) throw notFound("There is no key with this id.");
  return revokedAt;
}
