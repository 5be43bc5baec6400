import type { Preconditions } from "@enceladus/shared/preconditions";

/** The kinds of record that people and agents work on. */
export const RECORD_TYPES = ["task", "issue", "feature"] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

export function isRecordType(value: unknown): value is RecordType {
  return RECORD_TYPES.some((type) => type === value);
}

/** The middle part of an item id, by type: `ENC-TSK-086` is a task. */
export const SEGMENTS: Readonly<Record<RecordType, string>> = { task: "TSK", issue: "ISS", feature: "FTR" };

/** The lists that name related records, by the type of what they name. */
export const RELATED_FIELDS = {
  task: "related_task_ids",
  issue: "related_issue_ids",
  feature: "related_feature_ids",
} as const satisfies Record<RecordType, string>;

/** Which project a record is in and what it is. */
export interface RecordAddress {
  projectId: string;
  type: RecordType;
  /** The human id in upper case, `ENC-TSK-086`. */
  itemId: string;
}

/** A record that a caller wants to change, and what the caller believes of it. */
export interface Target extends RecordAddress {
  preconditions?: Preconditions;
  /** The version that it must have: the older way to say so, in the body. */
  expectedVersion?: number | undefined;
  /** Stands for the call where its caller has given it a key: whoever repeats the call changes nothing more. */
  onceKey?: string | undefined;
}

/** An entry of `history` as older clients read it. */
export interface HistoryNote {
  timestamp: string;
  status: "created" | "worklog" | "close_audit" | "reopened";
  description: string;
  agent_details?: string;
  closed_time?: string;
}

/** Who wrote, through what: stamped on every write. */
export interface WriteSource {
  channel: string;
  /** What the caller says it is; a claim. */
  provider: string;
  dispatch_id: string;
  coordination_request_id: string;
  timestamp: string;
  /** New with every write. */
  write_id: string;
  auth_mode: string;
  /** Who the credential says it is; not a claim. */
  principal: string;
}

/** A criterion of a feature, with what shows that it is met. Older features hold plain texts. */
export interface AcceptanceCriterion {
  description: string;
  evidence: string;
  evidence_acceptance: boolean;
}

/**
 * A row of the tracker table. Attributes that rules look at are named; any other attribute that was set by a field
 * update is kept as it is.
 */
export interface TrackerRecord {
  project_id: string;
  /** `{type}#{item id}` */
  record_id: string;
  record_type: string;
  item_id: string;
  title: string;
  status: string;
  /** Counts the changes of the record. */
  sync_version?: number;
  /** Counts all writes of the row, also those that change nothing of the record: a heartbeat, a blocker that closes. */
  row_version?: number;
  created_at?: string;
  updated_at?: string;
  write_source?: WriteSource;
  last_update_note?: string;
  priority?: string;
  parent?: string;
  primary_task?: string;
  evidence?: unknown;
  user_story?: string;
  acceptance_criteria?: unknown;
  related_task_ids?: unknown;
  related_issue_ids?: unknown;
  related_feature_ids?: unknown;
  depends_on?: unknown;
  blocked_by?: unknown;
  /** Ids of the open records that must close first; absent while there are none. */
  open_blockers?: string[];
  /** Ids of the parents that are blocked themselves, by their own blockers or through their parents. */
  blocked_parents?: string[];
  /** Whether others may depend on this record. Once true it stays: most writes need no look at the links. */
  has_dependants?: boolean;
  parked_at?: string;
  parked_reason?: string;
  update?: string;
  pending_update_at?: string;
  active_agent_session?: boolean;
  active_agent_session_id?: string;
  active_agent_session_at?: string;
  lease_id?: string;
  lease_expires_at?: string;
  lease_heartbeat_at?: string;
  fence?: number;
  external_id?: string;
  /** The head of the chain in the history table: the number and hash of the newest entry. */
  history_seq?: number;
  history_hash?: string;
  /** How many entries of the chain are notes in the old shape, and the newest of them as far as they are short. */
  history_notes?: number;
  history_recent?: HistoryNote[];
  /** Entries written before there was a chain; never written any more. */
  history?: unknown;
  [attribute: string]: unknown;
}

/** What is left of a record in the answer to a change of it. */
export type RecordSummary = Pick<
  TrackerRecord,
  "project_id" | "record_id" | "record_type" | "item_id" | "status" | "updated_at" | "sync_version"
>;

export function summaryOf(record: TrackerRecord): RecordSummary {
  const { project_id, record_id, record_type, item_id, status, updated_at, sync_version } = record;
  return { project_id, record_id, record_type, item_id, status, updated_at, sync_version };
}

/** The sort key of a record. */
export function recordId({ type, itemId }: RecordAddress): string {
  return `${type}#${itemId}`;
}

/** The address of a row that is a record. */
export function addressOf(record: TrackerRecord): RecordAddress {
  return { projectId: record.project_id, type: record.record_type as RecordType, itemId: record.item_id };
}

/** The parts of an id of the exact form `ENC-TSK-086`; undefined for anything else. */
export function parseItemId(itemId: string): { prefix: string; type: RecordType; number: string } | undefined {
  const [prefix, segment, number, ...rest] = itemId.split("-");
  const type = RECORD_TYPES.find((candidate) => SEGMENTS[candidate] === segment);
  return prefix && type && number && rest.length === 0 ? { prefix, type, number } : undefined;
}

/** The type that an id names anywhere behind its first part; undefined for an id of unknown form. */
export function typeNamedBy(itemId: string): RecordType | undefined {
  const segment = itemId.split("-")[1];
  return RECORD_TYPES.find((type) => SEGMENTS[type] === segment);
}

/** `ENC-TSK-007`: at least three digits, growing past 999. */
export function formatItemId(prefix: string, type: RecordType, number: number): string {
  return `${prefix}-${SEGMENTS[type]}-${String(number).padStart(3, "0")}`;
}

/** The texts of a value that should be a list of texts; anything else in it is left out. */
export function textList(value: unknown): string[] {
  if (value instanceof Set) return textList([...value]);
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === "string") : [];
}
