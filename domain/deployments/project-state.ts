import { isVisible, type VisibleProjects } from "@enceladus/shared/auth-context";
import { readConfig } from "./config-store.ts";
import { readState, type StateRow } from "./state-store.ts";

/** Whether a project's requests are deployed, or only gathered. */
export type DeployState = "ACTIVE" | "PAUSED";

/** The state as answers and the published copy say it. */
export interface PublishedState {
  state: DeployState;
  updated_at: string | null;
  updated_by: string;
  reason: string | null;
  paused_since?: string | null;
}

const NEVER_SET: PublishedState = { state: "ACTIVE", updated_at: null, updated_by: "default", reason: null };

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** Blank is ACTIVE. Anything else that is not ACTIVE holds deployments back: a word that nobody knows was meant as one. */
function stateOf(value: unknown): DeployState {
  const word = typeof value === "string" ? value.trim().toUpperCase() : "";
  return word === "" || word === "ACTIVE" ? "ACTIVE" : "PAUSED";
}

/** What a row, or a published copy, says of the state. */
export function published(source: Readonly<Record<string, unknown>>): PublishedState {
  return {
    state: stateOf(source.state),
    updated_at: text(source.updated_at),
    updated_by: text(source.updated_by) ?? "unknown",
    reason: text(source.reason),
    paused_since: text(source.paused_since),
  };
}

/** The state of a project, and the row that it comes with. */
export interface ProjectState {
  published: PublishedState;
  row: StateRow | undefined;
}

/**
 * The state of a project: the row's; where nobody has set one there, that of the published copy; else ACTIVE.
 * @throws DomainError INTERNAL_ERROR where that cannot be told: a pause must not be overlooked
 */
export async function projectState(projectId: string): Promise<ProjectState> {
  return stateWith(projectId, await readState(projectId));
}

/** The same with a row that was read a moment ago. @throws as `projectState` */
export async function stateWith(projectId: string, row: StateRow | undefined): Promise<ProjectState> {
  if (typeof row?.state === "string") return { published: published({ ...row }), row };
  const copy = await readConfig(projectId, "state.json");
  if (copy) return { published: published(copy), row };
  return { published: NEVER_SET, row };
}

/**
 * The state of a project as it is shown: one that nobody has registered, or that the caller may not see, is like one
 * whose state was never set.
 * @throws DomainError INTERNAL_ERROR
 */
export async function shownState(projectId: string, visible: VisibleProjects): Promise<PublishedState> {
  return isVisible(visible, projectId) ? (await projectState(projectId)).published : NEVER_SET;
}
