import type { Operation } from "@enceladus/middleware/operation";
import { createProjectRecord, importProjectRecords } from "./create-operations.ts";
import { checkoutRecord, releaseRecord } from "./lock-operations.ts";
import { logWork, postAcceptanceEvidence } from "./note-operations.ts";
import { getProjectRecord, listPendingUpdates, listProjectRecords } from "./read-operations.ts";
import { updateRecord } from "./update-operations.ts";

/** What the tracker serves. */
export const operations: readonly Operation[] = [
  listPendingUpdates,
  listProjectRecords,
  importProjectRecords,
  createProjectRecord,
  getProjectRecord,
  updateRecord,
  logWork,
  checkoutRecord,
  releaseRecord,
  postAcceptanceEvidence,
];
