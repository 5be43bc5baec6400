import { grants, type Scope } from "./scopes.ts";

/** Which projects a caller may see: all of them, or these. Never left out, so that nobody sees all by an oversight. */
export type VisibleProjects = "all" | readonly string[];

/** A person, by a verified id token. */
export interface Person {
  mode: "cognito";
  /** The subject of the token. */
  sub: string;
  email?: string;
  username?: string;
  /** The claims of the token. */
  claims: Readonly<Record<string, unknown>>;
}

/** A trusted service, by the internal key. */
export interface TrustedService {
  mode: "internal-key";
  sub: "internal-key";
  claims: Readonly<Record<string, never>>;
}

/** An agent, by a key of its own. */
export interface Agent {
  mode: "agent-key";
  /** How data names it: `agent:` and its name. */
  sub: `agent:${string}`;
  /** Which key it is; never the key itself. */
  keyId: string;
  agent: string;
  scopes: readonly string[];
  projects: VisibleProjects;
  claims: Readonly<Record<string, never>>;
}

/** Who makes a call, as the credential says; never as the body claims. */
export type AuthContext = Person | TrustedService | Agent;

/** Whether a caller may do what needs this scope. People and the internal key hold all of them. */
export function holdsScope(caller: AuthContext, scope: Scope): boolean {
  return caller.mode !== "agent-key" || grants(caller.scopes, scope);
}

/** Which projects a caller may see; only keys of agents are limited. */
export function projectsVisibleTo(caller: AuthContext): VisibleProjects {
  return caller.mode === "agent-key" ? caller.projects : "all";
}

/** Whether a project is among those that a caller may see. It need not exist. */
export function isVisible(visible: VisibleProjects, projectId: string): boolean {
  return visible === "all" || visible.includes(projectId);
}
