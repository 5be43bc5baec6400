/** The groups of operations that keys of agents may be given rights in. */
const GROUPS = ["tracker", "documents", "deploy", "coordination", "governance"] as const;
const RIGHTS = ["read", "write", "admin"] as const;
/** Rights that are no part of such a group. */
const SINGLE = ["feed:read", "reference:read", "monitor:read", "evidence:ci"] as const;

type Group = (typeof GROUPS)[number];

/** A right that a key of an agent may hold. */
export type AgentScope = `${Group}:${(typeof RIGHTS)[number]}` | (typeof SINGLE)[number];

/** The right that an operation asks for. Those beside `AgentScope` are for people: no key can be given them. */
export type Scope = AgentScope | "projects:read" | "projects:write" | "agents:admin";

/** What a key may be given: a right, or `<group>:*` for every right of a group. */
export type GrantableScope = AgentScope | `${Group}:*`;

/** Everything that a key may be given, in the order in which refusals list it. */
export const GRANTABLE_SCOPES: readonly GrantableScope[] = [
  ...GROUPS.flatMap((group) => [...RIGHTS, "*" as const].map((right) => `${group}:${right}` as const)),
  ...SINGLE,
];

const GRANTABLE: ReadonlySet<string> = new Set(GRANTABLE_SCOPES);

/** Whether a text is something that a key may be given. */
export function isGrantable(text: string): text is GrantableScope {
  return GRANTABLE.has(text);
}

/**
 * Whether what a key was given holds a right. No right implies another: who may write may not read by that, so that a
 * key says by itself all that it opens.
 * @param granted the scopes of the key
 */
export function grants(granted: readonly string[], scope: Scope): boolean {
  const everythingInGroup = `${scope.slice(0, scope.indexOf(":"))}:*`;
  return granted.some((one) => isGrantable(one) && (one === scope || one === everythingInGroup));
}
