import type { WorkerContext } from "@enceladus/middleware/event-worker";
import { tracedEvent } from "@enceladus/middleware/trace-event";
import { log } from "@enceladus/shared/log";
import { count } from "@enceladus/shared/metrics";
import { type AuditedWrite, auditRules, judge, raiseAlert, violationOf } from "../../domain/governance/index.ts";
import { type Delivery, deliveriesOf } from "./deliveries.ts";

/** What an invocation answers: to whoever called, and, by the last field, to the stream or queue. */
export interface AuditAnswer {
  processed: number;
  clean: number;
  anomalies: number;
  batchItemFailures: { itemIdentifier: string }[];
}

interface Found {
  write: AuditedWrite;
  anomaly: Exclude<ReturnType<typeof judge>, string>;
  delivery: Delivery;
}

/** So much before its end a function begins no further alert: it would be killed in the middle of it. */
const MARGIN_MS = 12_000;
/** Where nobody says when the function ends. */
const SHORT_MS = 30_000;

/** Tells of one anomaly. @returns whether that is done */
async function alerted({ write, anomaly, delivery }: Found): Promise<boolean> {
  const work = async () => {
    const violation = violationOf(write, anomaly, Date.now());
    const outcome = await raiseAlert(violation);
    if (outcome !== "known") await count("governance_write_anomaly", { anomaly_type: anomaly.type, outcome });
    return { violation_id: violation.violation_id, anomaly_type: anomaly.type, outcome };
  };
  try {
    await tracedEvent(delivery.source, write.eventId, work);
    return true;
  } catch {
    // Logged and counted where it is traced; the stream or queue hears of it.
    return false;
  }
}

/** One unreadable message must not hold back the others. @returns whether it can be read */
async function readable({ id, source, writes }: Delivery): Promise<boolean> {
  if (writes !== undefined) return true;
  await tracedEvent(source, id, () => {
    throw new Error("the message is no JSON");
  }).catch(() => undefined);
  return false;
}

/**
 * Audits the writes that an event tells of, each by itself: what fails is delivered again, and the others are told of all
 * the same. A stream goes on at the lowest failure, so what lies behind it comes again too; nothing is told twice.
 */
export async function audit(event: unknown, context: WorkerContext): Promise<AuditAnswer> {
  const end = Date.now() + (context.getRemainingTimeInMillis?.() ?? SHORT_MS) - MARGIN_MS;
  const rules = auditRules();
  const answer = { processed: 0, clean: 0, anomalies: 0 };
  const failed = new Set<string>();
  const found: Found[] = [];
  for (const delivery of deliveriesOf(event)) {
    if (!(await readable(delivery))) failed.add(delivery.id);
    for (const write of delivery.writes ?? []) {
      const verdict = judge(write, rules);
      answer.processed += 1;
      if (verdict === "clean") answer.clean += 1;
      if (typeof verdict !== "string") found.push({ write, anomaly: verdict, delivery });
    }
  }
  answer.anomalies = found.length;
  for (const [index, anomaly] of found.entries()) {
    const hasTime = index === 0 || Date.now() < end;
    if (!hasTime || !(await alerted(anomaly))) failed.add(anomaly.delivery.id);
  }
  log().info("audited", { ...answer, failed: failed.size });
  return { ...answer, batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
}
