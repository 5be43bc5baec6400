import { envelope } from "../../event-bus/put-events.ts";
import type { EventReader } from "../config-reader.ts";
import type { PumpContext, Running } from "../types.ts";
import { parseSchedule, type Schedule } from "./schedule-expression.ts";

/** One schedule of a function, read from a `schedule` event or from an `eventBridge` event with a schedule. */
export interface ScheduleSource {
  expression: string;
  schedule: Schedule;
  /** The payload; the usual "Scheduled Event" without it. */
  input?: unknown;
  /** EventBridge Scheduler words its default payload a little differently from a rule. */
  source: "aws.events" | "aws.scheduler";
}

type Context = Pick<PumpContext, "clock" | "timing" | "signal" | "region" | "account">;

/** A `schedule` event may hold several expressions; each fires by itself. */
export function readSchedules(
  event: EventReader,
  expressions: unknown,
  context: Pick<Context, "timing">,
): ScheduleSource[] {
  event.refuse("inputPath", "inputTransformer");
  const timezone = event.raw("timezone");
  const input = readInput(event);
  return [expressions].flat().map((value) => {
    const expression = event.resolve(value, "rate");
    return {
      expression,
      schedule: parseSchedule(expression, {
        minuteMs: context.timing.scheduleMinute,
        ...(typeof timezone === "string" && { timezone }),
      }),
      source: event.raw("method") === "scheduler" ? "aws.scheduler" : "aws.events",
      ...(input !== undefined && { input }),
    };
  });
}

/** Fires at each of the schedule's times. Times that passed while the machine slept are left out, as in an outage. */
export function runSchedule(
  source: ScheduleSource,
  arn: string,
  fire: (payload: unknown) => void,
  context: Context,
): Running {
  const run = async (): Promise<void> => {
    let last = context.clock.now();
    while (!context.signal.aborted) {
      const at = source.schedule.next(last);
      if (at === undefined) return;
      await context.clock.sleep(at - context.clock.now(), context.signal);
      if (context.signal.aborted) return;
      fire(source.input ?? scheduledEvent(source, arn, at, context));
      const missed = source.schedule.next(at);
      last = missed !== undefined && missed < context.clock.now() ? context.clock.now() : at;
    }
  };
  return { done: run() };
}

function scheduledEvent(source: ScheduleSource, arn: string, at: number, context: Context): unknown {
  return envelope(context, {
    source: source.source,
    detailType: "Scheduled Event",
    detail: source.source === "aws.scheduler" ? "{}" : {},
    resources: [arn],
    time: new Date(at),
  });
}

function readInput(event: EventReader): unknown {
  const input = event.raw("input");
  if (typeof input !== "string") return input;
  try {
    return JSON.parse(input);
  } catch {
    throw event.error("input must be JSON");
  }
}
