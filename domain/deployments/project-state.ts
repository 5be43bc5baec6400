import { timestamp } from "@enceladus/shared/time";
import { readConfig, writeConfigFile } from "./config-store.ts";
import { readState, type StateRow, writeState } from "./state-store.ts";

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

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** Blank is ACTIVE. Anything else that is not ACTIVE holds deployments back: a word that nobody knows was meant as one. */
function stateOf(value: unknown): DeployState {
  const word = typeof value === "string" ? value.trim().toUpperCase() : "";
  return word === "" || word === "ACTIVE" ? "ACTIVE" : "PAUSED";
}

function published(source: Readonly<Record<string, unknown>>): PublishedState {
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
  const row = await readState(projectId);
  if (typeof row?.state === "string") return { published: published({ ...row }), row };
  const copy = await readConfig(projectId, "state.json");
  if (copy) return { published: published(copy), row };
  return { published: { state: "ACTIVE", updated_at: null, updated_by: "default", reason: null }, row };
}

/**
 * Sets the state of a project, then its published copy. Safe to repeat: where the copy fails the row says it already.
 * @throws DomainError INTERNAL_ERROR
 */
export async function setProjectState(
  projectId: string,
  change: { state: DeployState; updatedBy: string; reason: string | null },
  now: number = Date.now(),
): Promise<PublishedState> {
  const at = timestamp(now);
  const row = await writeState(projectId, {
    state: change.state,
    updated_at: at,
    updated_by: change.updatedBy,
    reason: change.reason,
    paused_since: change.state === "PAUSED" ? at : null,
  });
  const state = published({ ...row });
  await writeConfigFile(projectId, "state.json", { ...state });
  return state;
}
