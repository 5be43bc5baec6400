import { type BusEvent, eventWorker, type WorkerContext } from "@enceladus/middleware/event-worker";
import { sendDigest } from "../../domain/governance/index.ts";
import { audit } from "./audit.ts";

/** So much before its end the digest stops counting, to have the time to send it. */
const MARGIN_MS = 12_000;
/** Where nobody says when the function ends. */
const SHORT_MS = 30_000;

const digest = eventWorker(({ time }: BusEvent, context) => {
  const remaining = context.getRemainingTimeInMillis?.() ?? SHORT_MS;
  return sendDigest(Date.parse(time), Date.now() + remaining - MARGIN_MS);
});

/** Audits the writes of the tracker's stream, or of messages that carry its records; once a day it sends the digest. */
export async function handler(event: object, context: WorkerContext): Promise<unknown> {
  return "detail-type" in event ? digest(event as BusEvent, context) : audit(event, context);
}
