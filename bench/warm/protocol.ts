import type { Credentials } from "../requests.ts";
import type { TrackerTables } from "../stage.ts";
import type { Principal } from "./bare-tracker.ts";

/** What the process that measures is told. */
export interface WarmOrder {
  servedProject: string;
  bareProject: string;
  tables: TrackerTables;
  credentials: Credentials;
  principal: Principal;
  repetitions: number;
  warmUp: number;
  /** Requests over the calls that they make, or claims over the least that a claim can be. */
  compares: "calls" | "claims";
}

/** Milliseconds of each repetition; the n-th of both sides were measured next to each other. */
export interface Samples {
  name: string;
  served: number[];
  bare: number[];
}
