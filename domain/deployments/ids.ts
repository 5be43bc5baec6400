import { randomBytes } from "node:crypto";
import { timestamp } from "@enceladus/shared/time";

/** A moment as ids write it: `YYYYMMDDTHHMMSSZ`, UTC. @param at milliseconds since the epoch */
export function compactTimestamp(at: number): string {
  return timestamp(at).replaceAll(/[-:]/g, "");
}

/** A new id of a request: `REQ-20260101T120000Z-0a1b2c`. They sort by the second in which they were made. */
export function newRequestId(now: number): string {
  return `REQ-${compactTimestamp(now)}-${randomBytes(3).toString("hex")}`;
}

/**
 * The ids that a thing of a moment may have, in the order in which they are tried: `SPEC-20260101T120000Z`, then `-2`,
 * `-3`, ... Two things of one project may come in one second; whoever finds an id taken takes the next.
 */
export function idOfMoment(kind: "SPEC" | "DEP", now: number, attempt: number): string {
  const id = `${kind}-${compactTimestamp(now)}`;
  return attempt === 1 ? id : `${id}-${attempt}`;
}
