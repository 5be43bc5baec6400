import { randomBytes } from "node:crypto";
import { type AgentKey, hashOfSecret } from "@enceladus/shared/agent-key";
import type { AgentKeyRow, KnownAgentKey } from "@enceladus/shared/agent-key-store";
import { newId } from "@enceladus/shared/ids";
import { GRANTABLE_SCOPES, isGrantable } from "@enceladus/shared/scopes";
import { timestamp } from "@enceladus/shared/time";
import * as z from "zod";

const DAY_MS = 86_400_000;
const MOST_DAYS = 365;
const DEFAULT_DAYS = 90;
const MOST_PROJECTS = 100;

/** What stands for every project, now and later. */
export const ALL_PROJECTS = "*";

const AGENT_NAME = /^[a-z][a-z0-9._-]{0,63}$/;
/** What logs and data call somebody else, or nobody. */
const RESERVED_NAMES = ["anonymous", "cognito", "internal-key", "root", "system", "unknown"];

const needed = (what: string) => ({
  error: ({ input }: { input?: unknown }) => (input === undefined || input === null ? "is required" : what),
});

function repeated(entries: readonly string[]): string[] {
  return [...new Set(entries.filter((entry, index) => entries.indexOf(entry) !== index))];
}

/** Names as a message takes them: a hostile one must not fill it. */
function listed(entries: readonly string[]): string {
  const shown = entries.slice(0, 10).map((entry) => `'${[...entry].slice(0, 60).join("")}'`);
  return shown.join(", ") + (entries.length > shown.length ? ` and ${entries.length - shown.length} more` : "");
}

/** What is wrong with the scopes that are asked for; undefined where nothing is. */
function scopesFault(scopes: readonly string[]): string | undefined {
  const unknown = scopes.filter((scope) => !isGrantable(scope));
  if (unknown.length > 0) return `unknown: ${listed(unknown)}; known: ${GRANTABLE_SCOPES.join(", ")}`;
  const twice = repeated(scopes);
  return twice.length > 0 ? `each may be named once: ${listed(twice)}` : undefined;
}

/** What is wrong with the projects that are asked for, as far as that can be told without looking at them. */
function projectsFault(projects: readonly string[]): string | undefined {
  if (projects.includes(ALL_PROJECTS) && projects.length > 1) {
    return `'${ALL_PROJECTS}' stands for all projects, and alone`;
  }
  const twice = repeated(projects);
  return twice.length > 0 ? `each may be named once: ${listed(twice)}` : undefined;
}

const aList = (what: string, most: number, fault: (entries: readonly string[]) => string | undefined) =>
  z
    .array(z.string(`must be a list of ${what}`), needed(`must be a list of ${what}`))
    .min(1, `at least one of the ${what} is needed`)
    .max(most, `at most ${most} are allowed`)
    .superRefine((entries, context) => {
      const message = fault(entries);
      if (message !== undefined && entries.length <= most) context.addIssue({ code: "custom", message });
    });

/** What a person says about a new key. Every fault is reported, in the order of the fields. */
export const newAgentKeyRequest = z.object({
  agent: z
    .string(needed("must be a string"))
    .regex(
      AGENT_NAME,
      "must begin with a-z and have at most 64 characters of a-z, 0-9, full stop, underscore and hyphen",
    )
    .refine((name) => !RESERVED_NAMES.includes(name), "is a reserved name")
    .describe("The name of the agent; what it writes carries `agent:<name>`"),
  scopes: aList("scopes", GRANTABLE_SCOPES.length, scopesFault).describe(
    "What the key may do: `tracker:read`, `tracker:write`, ..., or `<group>:*`. None implies another",
  ),
  projects: aList("project ids", MOST_PROJECTS, projectsFault).describe(
    'The projects that there are for the key; `["*"]` for all, now and later',
  ),
  expires_in_days: z
    .number("must be a whole number")
    .int("must be a whole number")
    .min(1, `must be from 1 to ${MOST_DAYS}`)
    .max(MOST_DAYS, `must be from 1 to ${MOST_DAYS}`)
    .default(DEFAULT_DAYS)
    .describe(`1 to ${MOST_DAYS}`),
});

/** A request for a key after validation. */
export type NewAgentKeyRequest = z.output<typeof newAgentKeyRequest>;

const SECRET_BYTES = 32;

/** A key that nobody has had before. */
export function newAgentKey(): AgentKey {
  return { id: newId(), secret: randomBytes(SECRET_BYTES).toString("base64url") };
}

/** What is told of a key right after it was issued. */
export type IssuedAgentKey = Omit<KnownAgentKey, "revoked_at" | "last_used_at">;

/**
 * A new key as it is stored.
 * @param createdBy the label of who issues it
 * @param now milliseconds since the epoch
 */
export function rowOf(key: AgentKey, request: NewAgentKeyRequest, createdBy: string, now: number): AgentKeyRow {
  return {
    id: key.id,
    secret_sha256: hashOfSecret(key.secret),
    agent: request.agent,
    scopes: request.scopes,
    projects: request.projects,
    created_at: timestamp(now),
    created_by: createdBy,
    expires_at: timestamp(now + request.expires_in_days * DAY_MS),
  };
}

/** A key as lists show it. */
export interface ListedAgentKey extends IssuedAgentKey {
  /** To the hour; null while it was never used. */
  last_used_at: string | null;
  revoked_at: string | null;
}

/** What may be told of a key: field by field, so that nothing that is stored besides ever slips out. */
export function issuedView(key: KnownAgentKey): IssuedAgentKey {
  const { id, agent, scopes, projects, created_at, created_by, expires_at } = key;
  return { id, agent, scopes, projects, created_at, created_by, expires_at };
}

/** The same with what has become of the key. */
export function listedView(key: KnownAgentKey): ListedAgentKey {
  const { last_used_at = null, revoked_at = null } = key;
  return { ...issuedView(key), last_used_at, revoked_at };
}
