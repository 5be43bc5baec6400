import { parse } from "yaml";
import type { Settings } from "../service/resolved-config.ts";

/** A step of a job, as far as it is judged. */
export interface Step extends Settings {
  name?: unknown;
  uses?: unknown;
  run?: unknown;
  with?: Settings;
}

export interface Job extends Settings {
  uses?: unknown;
  steps?: readonly Step[];
  permissions?: unknown;
  secrets?: unknown;
}

export interface Workflow extends Settings {
  permissions?: unknown;
  jobs: Readonly<Record<string, Job>>;
}

function isSettings(value: unknown): value is Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws Error for a text that is no workflow */
export function readWorkflow(text: string): Workflow {
  const workflow: unknown = parse(text);
  if (!isSettings(workflow) || !isSettings(workflow.jobs)) throw new Error("it has no jobs");
  return { ...workflow, jobs: workflow.jobs as Workflow["jobs"] };
}

/** Every step of every job. */
export function stepsOf({ jobs }: Workflow): Step[] {
  return Object.values(jobs).flatMap(({ steps }) => steps ?? []);
}

/** What triggers it: the names of events, whichever way they are written. */
export function eventsOf({ on }: Workflow): string[] {
  if (typeof on === "string") return [on];
  return Array.isArray(on) ? on.map(String) : Object.keys(isSettings(on) ? on : {});
}
