import type { BusEvent, WorkerContext } from "@enceladus/middleware/event-worker";
import { requireEnv } from "@enceladus/shared/env";
import { count } from "@enceladus/shared/metrics";
import * as z from "zod";
import { type Swept, sweepBodies, syncFile } from "../../domain/documents/index.ts";

/** What S3 tells of an object; what it says of its content may be out of date, and is not looked at. */
const ObjectEvent = z.object({ bucket: z.object({ name: z.string() }), object: z.object({ key: z.string() }) });

/** So much before its end the sweep begins no further page: one page takes a fraction of it. */
const MARGIN_MS = 20_000;
/** Where nobody says when the function ends. */
const SHORT_MS = 30_000;

/** The document of a file is compared with the file as it is now, however late the event comes. */
async function followFile(detail: unknown) {
  const { bucket, object } = ObjectEvent.parse(detail);
  const outcome = bucket.name === requireEnv("S3_BUCKET") ? await syncFile(object.key) : "skipped";
  return { key: object.key, outcome };
}

async function sweep(context: WorkerContext): Promise<Swept> {
  const now = Date.now();
  const remaining = context.getRemainingTimeInMillis?.() ?? SHORT_MS;
  const swept = await sweepBodies(now, now + remaining - MARGIN_MS);
  const { kept, removed, failed, finished } = swept;
  for (const [outcome, times] of Object.entries({ kept, removed, failed })) {
    if (times > 0) await count("document_body_swept", { outcome }, times);
  }
  // The next run goes on; a backlog that stays is for an operator to see.
  if (!finished) await count("document_sweep_unfinished", {});
  return swept;
}

/**
 * What nobody waits for: documents follow their files as these change, and what is left over in the bucket is swept.
 * @returns what was done, for the log
 * @throws Error for an event that this function is not made for, and whatever keeps the work from being done
 */
export async function keepUp({ source, detail }: BusEvent, context: WorkerContext): Promise<unknown> {
  switch (source) {
    case "aws.s3":
      return followFile(detail);
    case "aws.events":
      return sweep(context);
    default:
      throw new Error(`no work for events of ${source}`);
  }
}
