/** The kinds of record, written down apart from the code that is tested, as everything in this folder is. */
export type ModelType = "task" | "issue" | "feature";

export const MODEL_TYPES: readonly ModelType[] = ["task", "issue", "feature"];

/** What a move wants to see: something in the request, or something about the records. */
export type Wanted = "nothing" | "commit" | "merge" | "deployment" | "accepted criteria" | "shipped tasks" | "reason";

interface Move {
  from: string;
  to: string;
  wants: Wanted;
}

const move = (from: string, to: string, wants: Wanted = "nothing"): Move => ({ from, to, wants });
const back = (from: string, to: string): Move => move(from, to, "reason");

export const MOVES: Readonly<Record<ModelType, readonly Move[]>> = {
  task: [
    move("open", "in-progress"),
    move("in-progress", "coding-complete"),
    move("coding-complete", "committed"),
    move("committed", "pushed", "commit"),
    move("pushed", "merged-main", "merge"),
    move("merged-main", "deployed", "deployment"),
    move("deployed", "closed"),
    back("in-progress", "open"),
    back("coding-complete", "in-progress"),
    back("committed", "coding-complete"),
    back("pushed", "committed"),
    back("merged-main", "pushed"),
    back("closed", "open"),
  ],
  // An issue is not created without evidence, so that this gate is always open.
  issue: [
    move("open", "in-progress"),
    move("open", "closed"),
    move("in-progress", "closed"),
    back("in-progress", "open"),
    back("closed", "open"),
  ],
  feature: [
    move("planned", "in-progress"),
    move("in-progress", "completed", "accepted criteria"),
    move("completed", "production", "shipped tasks"),
    move("production", "deprecated"),
    back("in-progress", "planned"),
    back("completed", "in-progress"),
    back("production", "completed"),
    back("deprecated", "production"),
  ],
};

export const FIRST: Readonly<Record<ModelType, string>> = { task: "open", issue: "open", feature: "planned" };
/** Where the action `close` leads. */
export const CLOSED: Readonly<Record<ModelType, string>> = { task: "closed", issue: "closed", feature: "completed" };
export const CREATABLE: Readonly<Record<ModelType, readonly string[]>> = {
  task: ["open", "in-progress", "coding-complete", "committed"],
  issue: ["open", "in-progress"],
  feature: ["planned", "in-progress"],
};
const OVER = ["closed", "completed", "production", "deprecated"];
const SHIPPED = ["deployed", "closed"];

/** Whether work on a record in this status is over. */
export function isOver(status: string): boolean {
  return OVER.includes(status);
}

/** Whether a task is as far as its feature needs it. */
export function isShipped(status: string): boolean {
  return SHIPPED.includes(status);
}

export function isLegal(type: ModelType, status: string): boolean {
  return MOVES[type].some(({ from, to }) => from === status || to === status);
}

export function moveBetween(type: ModelType, from: string, to: string): Move | undefined {
  return MOVES[type].find((one) => one.from === from && one.to === to);
}

/** Where a record can go from a status: onward, or back. */
export function targetsOf(type: ModelType, from: string, direction: "onward" | "back"): string[] {
  return MOVES[type]
    .filter((one) => one.from === from && (one.wants === "reason") === (direction === "back"))
    .map(({ to }) => to);
}
