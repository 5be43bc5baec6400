import type { Run } from "./fresh-process.ts";

/** A function that does not do what it must right after its deploy. */
export interface LoadFinding {
  code: "NOT_LOADED" | "NOT_REFUSED" | "NOT_VERIFIED" | "NO_PREFLIGHT" | "OPEN_EDGE" | "TOO_LARGE" | "WRONG_FAILURE";
  path: string;
  detail: string;
}

/** The finding for a function that has not answered everything that it was asked. */
export function notLoaded(path: string, { errors }: Run): LoadFinding {
  return { code: "NOT_LOADED", path, detail: errors.trim().split("\n").slice(0, 12).join("\n") };
}
