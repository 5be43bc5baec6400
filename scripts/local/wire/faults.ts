import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { SERVICE_NAMES, type ServiceName } from "../aws-services.ts";

const MOST_MS = 900_000;

/** How a build of the double of CodeBuild goes. */
export const BuildOutcome = z.strictObject({
  status: z.enum(["SUCCEEDED", "FAILED", "FAULT", "TIMED_OUT", "STOPPED"]).default("SUCCEEDED"),
  /** From its start to its end. */
  afterMs: z.int().min(0).max(MOST_MS).default(3_000),
  /** How often the event of its end is delivered. */
  event: z.enum(["once", "lost", "twice"]).default("once"),
});
export type BuildOutcome = z.infer<typeof BuildOutcome>;

const FaultFields = z.strictObject({
  /** Absent: calls of every service. */
  service: z.enum(SERVICE_NAMES as [ServiceName, ...ServiceName[]]).optional(),
  operation: z.string().min(1).optional(),
  /** Only calls whose request has these values, or whose request contains this text. */
  match: z.union([z.record(z.string(), z.unknown()), z.string().min(1)]).optional(),
  /** Only calls of this function (its key in serverless.yml). */
  function: z.string().min(1).optional(),
  /** Only the n-th matching call from now on, and the client's repeats of it; `times` counts both. */
  nth: z.int().min(1).optional(),
  /** How many matching calls it happens to. */
  times: z.int().min(1).default(1),
  /** How many matching calls pass before. */
  skip: z.int().min(0).default(0),
  /** Answer with this AWS error code, without making the call. */
  error: z
    .string()
    .regex(/^[A-Za-z][\w.]*$/)
    .optional(),
  /** Make the call, then lose the answer. */
  dropAnswer: z.literal(true).optional(),
  delayMs: z.int().min(0).max(MOST_MS).optional(),
  /** How the build goes that a call starts; the call itself is made as ever. */
  build: BuildOutcome.optional(),
});

/** What becomes of a call and what becomes of a build are two things: a repeat with the same token starts none. */
function isAboutBuildsAlone(fault: z.infer<typeof FaultFields>): boolean {
  if (fault.build === undefined) return true;
  const { service, operation = "StartBuild", nth, error, dropAnswer, delayMs } = fault;
  const ofCalls = [nth, error, dropAnswer, delayMs];
  return service === "codebuild" && operation === "StartBuild" && ofCalls.every((field) => field === undefined);
}

/** What is to happen to the next calls of a kind. */
export const Fault = FaultFields.refine(
  (fault) => [fault.error, fault.dropAnswer, fault.delayMs, fault.build].some((effect) => effect !== undefined),
  { error: "one of error, dropAnswer, delayMs and build is needed" },
)
  .refine(isAboutBuildsAlone, {
    error: "build is of the service codebuild, and goes with match, function, skip and times only",
  })
  .refine((fault) => fault.error === undefined || fault.dropAnswer === undefined, {
    error: "error and dropAnswer exclude each other: a call is either refused or made",
  });
export type Fault = z.infer<typeof Fault>;

/** A call as faults see it; the request is parsed only when a fault looks into it. */
export interface IncomingCall {
  service: ServiceName;
  operation: string;
  function: string | undefined;
  /** The same for a call and the client's repeats of it. */
  invocation: string;
  request(): unknown;
}

/** Whether everything in the pattern is in the value too: objects by their given keys, lists by position. */
export function isSubset(pattern: unknown, value: unknown): boolean {
  if (typeof pattern !== "object" || pattern === null) return isDeepStrictEqual(pattern, value);
  if (typeof value !== "object" || value === null || Array.isArray(pattern) !== Array.isArray(value)) return false;
  return Object.entries(pattern).every(([key, inner]) => isSubset(inner, (value as Record<string, unknown>)[key]));
}

function matches(fault: Fault, call: IncomingCall): boolean {
  if (fault.service !== undefined && fault.service !== call.service) return false;
  if (fault.function !== undefined && fault.function !== call.function) return false;
  if (fault.operation !== undefined && fault.operation !== call.operation) return false;
  if (fault.match === undefined) return true;
  if (typeof fault.match === "string") return JSON.stringify(call.request()).includes(fault.match);
  return isSubset(fault.match, call.request());
}

/** A fault, and the calls it has met: that is how the n-th is known. */
interface PendingFault extends Fault {
  invocations: Set<string>;
}

/** Whether a matching call is the one that the fault waits for. */
function isItsTurn(fault: PendingFault, call: IncomingCall): boolean {
  if (fault.nth === undefined) return true;
  if (fault.invocations.size < fault.nth) fault.invocations.add(call.invocation);
  return [...fault.invocations][fault.nth - 1] === call.invocation;
}

/** The faults that are still to happen. */
export class FaultList {
  #pending: PendingFault[] = [];

  add(fault: Fault): void {
    this.#pending.push({ ...fault, invocations: new Set() });
  }

  /** Takes faults back: those of one function, or all. */
  clear(ofFunction?: string): void {
    this.#pending = this.#pending.filter((fault) => ofFunction !== undefined && fault.function !== ofFunction);
  }

  /** Faults that have not happened as often as they should. */
  pending(): readonly Fault[] {
    return this.#pending.map(({ invocations: _, ...fault }) => fault);
  }

  /** The fault that happens to this call, if any: the oldest one that fits and has nothing left to skip. */
  take(call: IncomingCall): Fault | undefined {
    return this.#takeOf((fault) => fault.build === undefined, call);
  }

  /** How the build goes that this call has started, if that was said. */
  takeBuild(call: IncomingCall): BuildOutcome | undefined {
    return this.#takeOf((fault) => fault.build !== undefined, call)?.build;
  }

  #takeOf(isOfKind: (fault: Fault) => boolean, call: IncomingCall): Fault | undefined {
    for (const fault of this.#pending) {
      if (!isOfKind(fault) || !matches(fault, call) || !isItsTurn(fault, call)) continue;
      if (fault.skip > 0) {
        fault.skip -= 1;
        continue;
      }
      fault.times -= 1;
      if (fault.times === 0) this.#pending = this.#pending.filter((other) => other !== fault);
      return fault;
    }
    return undefined;
  }
}
