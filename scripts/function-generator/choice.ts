import type { Method } from "@enceladus/middleware/operation";
import type { Scope } from "@enceladus/shared/scopes";

export const TRIGGERS = ["http", "stream", "queue", "rule", "schedule"] as const;
export type Trigger = (typeof TRIGGERS)[number];

interface Common {
  name: string;
  /** What it does, in one sentence without a full stop. */
  about: string;
  /** In MB. */
  memory: number;
  /** In seconds. */
  timeout: number;
}

export interface HttpChoice extends Common {
  trigger: "http";
  method: Method;
  path: string;
  scope: Scope;
}

export interface StreamChoice extends Common {
  trigger: "stream";
  /** The logical id of the table. */
  table: string;
}

export interface QueueChoice extends Common {
  trigger: "queue";
  /** The logical id of a queue that is there; one of its own otherwise. */
  queue: string | undefined;
}

export interface RuleChoice extends Common {
  trigger: "rule";
  source: string;
  detailType: string;
}

export interface ScheduleChoice extends Common {
  trigger: "schedule";
  /** `rate(1 hour)` or `cron(0 6 * * ? *)`. */
  schedule: string;
}

/** What a function is to be. */
export type Choice = HttpChoice | StreamChoice | QueueChoice | RuleChoice | ScheduleChoice;
