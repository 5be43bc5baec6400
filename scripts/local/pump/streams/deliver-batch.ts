import { failedItems } from "../batch-report.ts";
import { backoff, type Clock } from "../clock.ts";
import type { Outcome } from "../invocation.ts";
import type { StreamRecord } from "./record.ts";
import type { StreamSource } from "./source.ts";

export type DiscardReason = "RetryAttemptsExhausted" | "RecordAgeExceeded";

/** Records that will never be delivered again, and what was tried. */
export interface Discarded {
  records: StreamRecord[];
  reason: DiscardReason;
  invocations: number;
  lastOutcome?: Outcome;
}

export type RetryPolicy = Pick<StreamSource, "reportsFailures" | "bisects" | "maximumRetries" | "maximumAgeMs">;

export interface DeliveryPorts {
  invoke(records: StreamRecord[]): Promise<Outcome>;
  discard(discarded: Discarded): Promise<void>;
  /** Everything up to and with this record is done with. */
  checkpoint(sequenceNumber: string): void;
  log(message: string): void;
  clock: Clock;
  signal: AbortSignal;
  /** First and longest wait before a retry, in milliseconds. */
  retryMs: readonly [number, number];
}

/** A part of a batch that is delivered by itself; `failures` counts against the retries, splitting does not. */
interface Part {
  records: StreamRecord[];
  failures: number;
  invocations: number;
  lastOutcome?: Outcome;
}

/**
 * Delivers one batch of one shard until each of its records has succeeded or was discarded; the shard waits so long.
 *
 * @returns false if the signal came between two tries: the records after the last checkpoint are left for the next start
 */
export async function deliverBatch(batch: StreamRecord[], policy: RetryPolicy, ports: DeliveryPorts): Promise<boolean> {
  const parts: Part[] = [{ records: batch, failures: 0, invocations: 0 }];
  const done = (records: StreamRecord[]): void => {
    const last = records.at(-1);
    if (last) ports.checkpoint(last.sequenceNumber);
  };
  let unreached = 0;

  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    if (ports.signal.aborted) return false;
    const { expired, fresh } = byAge(part.records, policy, ports.clock.now());
    if (expired.length > 0) {
      await ports.discard({ ...part, records: expired, reason: "RecordAgeExceeded" });
      done(expired);
    }
    if (fresh.length === 0) continue;

    const outcome = await ports.invoke(fresh);
    if (outcome.kind === "undeliverable") {
      // Not the function's failure, so it uses up no retry: the shard waits until the function can be reached.
      ports.log(`not reached (${outcome.error}), trying again`);
      parts.unshift({ ...part, records: fresh });
      unreached += 1;
      await ports.clock.sleep(backoff(unreached, ...ports.retryMs), ports.signal);
      continue;
    }
    unreached = 0;

    const succeeded = firstFailure(outcome, fresh, policy);
    done(fresh.slice(0, succeeded));
    const rest = fresh.slice(succeeded);
    if (rest.length === 0) continue;

    const invocations = part.invocations + 1;
    const progress = succeeded > 0;
    if (policy.bisects && !progress && rest.length > 1) {
      const middle = Math.ceil(rest.length / 2);
      parts.unshift(
        { records: rest.slice(0, middle), failures: part.failures, invocations, lastOutcome: outcome },
        { records: rest.slice(middle), failures: 0, invocations, lastOutcome: outcome },
      );
      continue;
    }
    const failures = progress ? 1 : part.failures + 1;
    if (policy.maximumRetries >= 0 && failures > policy.maximumRetries) {
      await ports.discard({ records: rest, reason: "RetryAttemptsExhausted", invocations, lastOutcome: outcome });
      done(rest);
      continue;
    }
    ports.log(`${rest.length} of ${fresh.length} records failed (${describe(outcome)}), trying again`);
    parts.unshift({ records: rest, failures, invocations, lastOutcome: outcome });
    await ports.clock.sleep(backoff(failures, ...ports.retryMs), ports.signal);
  }
  return true;
}

/** How many records from the start succeeded: a report counts from its lowest failed record, in the batch's order. */
function firstFailure(outcome: Outcome, records: StreamRecord[], policy: RetryPolicy): number {
  if (outcome.kind !== "success") return 0;
  if (!policy.reportsFailures) return records.length;
  const numbers = records.map(({ sequenceNumber }) => sequenceNumber);
  const failed = failedItems(outcome.payload, numbers);
  if (failed === "all") return 0;
  const first = numbers.findIndex((number) => failed.has(number));
  return first < 0 ? records.length : first;
}

/** Records lie in the order of their age, so the too old ones are at the front. */
function byAge(records: StreamRecord[], { maximumAgeMs }: RetryPolicy, now: number) {
  if (maximumAgeMs === undefined) return { expired: [], fresh: records };
  const first = records.findIndex(({ bornAt }) => now - bornAt <= maximumAgeMs);
  const at = first < 0 ? records.length : first;
  return { expired: records.slice(0, at), fresh: records.slice(at) };
}

function describe(outcome: Outcome): string {
  return outcome.kind === "success" ? "reported by the function" : outcome.error;
}
