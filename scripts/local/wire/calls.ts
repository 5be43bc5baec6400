import type { ServiceName } from "../aws-services.ts";

/** One AWS call that went over the wire. */
export interface AwsCall {
  /** ISO 8601 time of the request. */
  at: string;
  service: ServiceName;
  operation: string;
  /** What was answered; 0 while there is no answer, and when the answer was lost. */
  status: number;
  request: unknown;
  /** Key of the function in serverless.yml that made the call. */
  function?: string;
}

/** A call whose request is not parsed before somebody asks. */
export interface RecordedCall {
  time: number;
  service: ServiceName;
  operation: string;
  status: number;
  size: number;
  function: string | undefined;
  request(): unknown;
}

const MOST_CALLS = 20_000;
const MOST_BYTES = 64 * 1024 * 1024;
/** The oldest are dropped so many at a time, since dropping one is as much work as dropping a thousand. */
const DROPPED_AT_ONCE = 1_000;

export interface CallFilter {
  service?: string;
  operation?: string;
  function?: string;
  /** Milliseconds since the epoch; calls at this time or later. */
  since?: number;
}

/** The latest calls, up to 20,000 of them or 64 MB of requests. */
export class CallLog {
  #calls: RecordedCall[] = [];
  #bytes = 0;

  add(call: RecordedCall): void {
    this.#calls.push(call);
    this.#bytes += call.size;
    if (this.#calls.length < MOST_CALLS + DROPPED_AT_ONCE && this.#bytes < MOST_BYTES) return;
    const dropped = this.#calls.splice(0, Math.min(DROPPED_AT_ONCE, this.#calls.length));
    for (const { size } of dropped) this.#bytes -= size;
  }

  clear(): void {
    this.#calls = [];
    this.#bytes = 0;
  }

  list(filter: CallFilter = {}): AwsCall[] {
    return this.#calls
      .filter(
        (call) =>
          (filter.service === undefined || call.service === filter.service) &&
          (filter.operation === undefined || call.operation === filter.operation) &&
          (filter.function === undefined || call.function === filter.function) &&
          (filter.since === undefined || call.time >= filter.since),
      )
      .map((call) => ({
        at: new Date(call.time).toISOString(),
        service: call.service,
        operation: call.operation,
        status: call.status,
        request: call.request(),
        ...(call.function !== undefined && { function: call.function }),
      }));
  }
}
