import type { Operation } from "@enceladus/middleware/operation";
import { claimNextRecord, explainRecord, listReadyRecords } from "./claim-operations.ts";
import { createProjectRecord, importProjectRecords } from "./create-operations.ts";
import { putRecordDependency, removeRecordDependency } from "./dependency-operations.ts";
import { getRecordHistory, verifyProjectChains } from "./history-operations.ts";
import { checkoutRecord, heartbeatRecord, releaseRecord } from "./lock-operations.ts";
import { logWork, postAcceptanceEvidence } from "./note-operations.ts";
import { getProjectRecord, listPendingUpdates, listProjectRecords } from "./read-operations.ts";
import { updateRecord } from "./update-operations.ts";

/** What the tracker serves. */
export const operations: readonly Operation[] = [
  listPendingUpdates,
  listProjectRecords,
  listReadyRecords,
  claimNextRecord,
  verifyProjectChains,
  importProjectRecords,
  createProjectRecord,
  getProjectRecord,
  getRecordHistory,
  updateRecord,
  logWork,
  checkoutRecord,
  heartbeatRecord,
  releaseRecord,
  explainRecord,
  putRecordDependency,
  removeRecordDependency,
  postAcceptanceEvidence,
];
