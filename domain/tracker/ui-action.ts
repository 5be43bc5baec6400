import { invalidInput } from "@enceladus/shared/errors";
import { timestamp } from "@enceladus/shared/time";
import type { Writer } from "./attribution.ts";
import { changeRecord, type Decision } from "./change-record.ts";
import type { EntryDraft } from "./history.ts";
import { currentStatus, LIFECYCLES } from "./lifecycle.ts";
import { appendNote, withPendingNote } from "./pending-note.ts";
import { type RecordSummary, summaryOf, type Target, type TrackerRecord } from "./record.ts";
import { publishReopened } from "./reopened-event.ts";

export const UI_ACTIONS = ["close", "note", "reopen"] as const;
export type UiAction = (typeof UI_ACTIONS)[number];

export interface ActionRequest {
  target: Target;
  action: UiAction;
  /** Checked and trimmed; always there for `note`. */
  note: string | undefined;
  writer: Writer;
}

interface ActionResult {
  record: RecordSummary;
  reopened?: string | undefined;
}

function agentDetails(writer: Writer): string {
  if (writer.authMode === "cognito") return "Enceladus PWA (human user)";
  if (writer.authMode === "agent-key") return writer.principal;
  return writer.provider || writer.channel;
}

function close({ target, note, writer }: ActionRequest, record: TrackerRecord, now: string): Decision<ActionResult> {
  const { closed } = LIFECYCLES[target.type];
  if (currentStatus(target.type, record.status) === closed) return { nothingToDo: { record: summaryOf(record) } };
  const entry: EntryDraft = {
    operation: "close",
    note: {
      status: "close_audit",
      description: note ?? "Closed via Enceladus PWA",
      agent_details: agentDetails(writer),
      closed_time: now,
    },
  };
  return { after: { ...record, status: closed }, entry, result: (written) => ({ record: summaryOf(written) }) };
}

function reopen({ target: { type }, note }: ActionRequest, record: TrackerRecord): Decision<ActionResult> {
  const { closed, initial } = LIFECYCLES[type];
  const current = currentStatus(type, record.status);
  if (current === initial) return { nothingToDo: { record: summaryOf(record) } };
  if (current !== closed) {
    throw invalidInput(`Cannot reopen a ${type} in status '${current}'; only '${closed}' can be reopened.`, {
      current_status: current,
      next_action: `Set the status instead; a ${type} in '${current}' is not closed.`,
    });
  }
  return {
    after: { ...record, status: initial },
    entry: { operation: "reopen", note: { status: "reopened", description: note ?? "Reopened via Enceladus PWA" } },
    result: (written) => ({ record: summaryOf(written), reopened: record.status }),
  };
}

function leaveNote({ note }: ActionRequest, record: TrackerRecord, now: string): Decision<ActionResult> {
  return {
    after: withPendingNote(record, appendNote(record.update, note ?? ""), now),
    entry: { operation: "note" },
    result: (written) => ({ record: summaryOf(written) }),
  };
}

/**
 * What a person does in the user interface: close, reopen, or leave a note for the next agent. Gates and locks do not
 * apply; a concurrent change refuses it.
 * @throws DomainError NOT_FOUND, CONFLICT, VERSION_CONFLICT, STALE_FENCE, PRECONDITION_FAILED, INVALID_INPUT (a record
 *   that cannot be reopened)
 */
export async function runAction(request: ActionRequest): Promise<RecordSummary> {
  const decide = { close, reopen, note: leaveNote }[request.action];
  const { record, reopened } = await changeRecord<ActionResult>(
    request.target,
    request.writer,
    (current, now) => decide(request, current, timestamp(now)),
    { onConflict: "refuse" },
  );
  if (reopened !== undefined) await publishReopened(record, reopened);
  return record;
}
