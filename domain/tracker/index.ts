export { type EvidenceResult, parseCriterionEvidence, putCriterionEvidence } from "./acceptance-evidence.ts";
export { appendLog, parseLogText } from "./append-log.ts";
export { type ClaimedSource, type Writer, writerOf } from "./attribution.ts";
export { checkout, release } from "./checkout.ts";
export { claimNext } from "./claims/claim-next.ts";
export { explain } from "./claims/explain.ts";
export { heartbeat } from "./claims/heartbeat.ts";
export { listReady } from "./claims/list-ready.ts";
export { repositoryOf } from "./commit-validation.ts";
export { createRecord } from "./create-record.ts";
export {
  type ChangedDependency,
  putDependency,
  removeDependency,
} from "./dependencies/change-dependency.ts";
export type { TransitionEvidence } from "./evidence.ts";
export { parseFieldName, parseFieldValue } from "./field-update.ts";
export { importRecords } from "./import-records.ts";
export { DEPENDENCY_KINDS } from "./link-store.ts";
export { type ListedRecord, listAllPendingNotes, listPendingNotes, listRecords } from "./list-records.ts";
export { logDeployment } from "./log-deployment.ts";
export { parseSwitch } from "./new-record.ts";
export { parseNote } from "./pending-note.ts";
export { projectsOfIds } from "./projects-of-ids.ts";
export { getRecord } from "./read-record.ts";
export { RECORD_TYPES, type RecordAddress, type RecordType, type Target } from "./record.ts";
export { readHistory } from "./record-history.ts";
export { LIMITS } from "./text.ts";
export { runAction, UI_ACTIONS } from "./ui-action.ts";
export { updateField } from "./update-field.ts";
export { verifyChains } from "./verify-chains.ts";
