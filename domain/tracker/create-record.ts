import type { TransactItem } from "@enceladus/shared/dynamodb";
import { DomainError } from "@enceladus/shared/errors";
import { doneBefore, markDone } from "@enceladus/shared/once";
import { timestamp } from "@enceladus/shared/time";
import type { Project } from "../projects/index.ts";
import { type Writer, writerSuffix } from "./attribution.ts";
import type { EntryDraft } from "./history.ts";
import { allocateNumber } from "./id-store.ts";
import { addInversesOneByOne, inverseVanished, inverseWrites, relationTargets } from "./inverse-relations.ts";
import { type NewRecord, type NewRecordInput, newRecord } from "./new-record.ts";
import { remember } from "./recent-records.ts";
import { formatItemId, type RecordType, type TrackerRecord } from "./record.ts";
import { relationLists } from "./relations.ts";
import { commit, type Lost } from "./transaction.ts";

const ID_ATTEMPTS = 32;
/** Two items of a transaction a record; the rest of the hundred is left for links and keys. */
const RECORDS_IN_ONE_TRANSACTION = 45;
/** After so many lost races for its relations a record goes first and they follow. */
const PATIENCE_WITH_RELATIONS = 6;

/** A record that was created, as answers tell it. */
export interface CreatedRecord {
  itemId: string;
  createdAt: string;
  warning?: string | undefined;
  bidiWarnings: string[];
}

/** A record that was created, with the record itself. */
interface Created extends CreatedRecord {
  record: TrackerRecord;
}

export interface CreateRequest {
  project: Project;
  draft: NewRecord;
  writer: Writer;
  entry: EntryDraft;
  /** Further attributes that do not come from a request body. */
  extra?: Partial<TrackerRecord>;
  /** Items of the same transaction, made for what will have been created. */
  others?: (created: CreatedRecord) => TransactItem[];
}

/** One of the other items of the transaction failed its condition: the caller knows what that means. */
export class OtherConditionFailed extends Error {
  readonly others: readonly boolean[];

  constructor(others: readonly boolean[]) {
    super("a condition beside the record failed");
    this.others = others;
  }
}

function build({ project, draft, extra }: CreateRequest, itemId: string, now: string): TrackerRecord {
  return {
    project_id: project.project_id,
    record_id: `${draft.type}#${itemId}`,
    record_type: draft.type,
    item_id: itemId,
    ...draft.attributes,
    ...relationLists(draft.related),
    fence: 0,
    created_at: now,
    ...extra,
  };
}

interface Targets {
  records: TrackerRecord[];
  warnings: string[];
}

/** The targets as they are after a lost transaction: newer images taken over, vanished ones dropped and told. */
async function nextTargets(targets: Targets, states: Lost["records"], { visible }: Writer): Promise<Targets> {
  const contended = states.every(({ state }) => state === "fine");
  if (contended) {
    const ids = targets.records.map(({ item_id }) => item_id);
    const { records, warnings } = await relationTargets(ids, visible);
    return { records, warnings: [...targets.warnings, ...warnings] };
  }
  const records: TrackerRecord[] = [];
  const warnings = [...targets.warnings];
  targets.records.forEach((target, index) => {
    const state = states[index];
    if (state?.state === "gone") warnings.push(inverseVanished(target.item_id));
    else records.push(state?.state === "changed" ? state.current : target);
  });
  return { records, warnings };
}

/**
 * Creates a record that passed its checks: takes the next id, then writes the record, its first history entry and the
 * inverse of its relations as one fact.
 * @throws DomainError INTERNAL_ERROR, PAYLOAD_TOO_LARGE; OtherConditionFailed
 */
export async function createChecked(request: CreateRequest): Promise<Created> {
  const { project, draft, writer, entry } = request;
  const { related } = draft;
  const all = related.length > 0 ? await relationTargets(related, writer.visible) : { records: [], warnings: [] };
  let targets: Targets = { ...all, records: all.records.slice(0, RECORDS_IN_ONE_TRANSACTION) };
  let later = all.records.slice(RECORDS_IN_ONE_TRANSACTION);
  const allocation = { projectId: project.project_id, type: draft.type, writer };
  let itemId = formatItemId(project.prefix, draft.type, await allocateNumber(allocation));

  for (let attempt = 0; attempt < ID_ATTEMPTS; attempt += 1) {
    const now = timestamp();
    const inverse = inverseWrites(targets.records, draft.type, itemId);
    const after = build(request, itemId, now);
    const createdAt = after.created_at ?? now;
    const created = { itemId, createdAt, warning: draft.warning, bidiWarnings: targets.warnings };
    const outcome = await commit(
      [{ before: undefined, after, entry }, ...inverse],
      writer,
      now,
      request.others?.(created),
    );
    if (outcome.committed) {
      const record = outcome.records[0] as TrackerRecord;
      remember(record);
      const warnings = [...targets.warnings, ...(await addInversesOneByOne(later, draft.type, itemId, writer))];
      return { ...created, record, bidiWarnings: warnings };
    }
    if (outcome.others.includes(true)) throw new OtherConditionFailed(outcome.others);
    const [own, ...ends] = outcome.records;
    if (own?.state === "changed") {
      itemId = formatItemId(project.prefix, draft.type, await allocateNumber(allocation));
    } else {
      const written = new Set(inverse.map(({ before }) => before?.item_id));
      const involved = { ...targets, records: targets.records.filter(({ item_id }) => written.has(item_id)) };
      targets = await nextTargets(involved, ends, writer);
      if (attempt >= PATIENCE_WITH_RELATIONS) {
        later = [...later, ...targets.records];
        targets = { ...targets, records: [] };
      }
    }
  }
  throw new DomainError("INTERNAL_ERROR", `No free id was found in ${ID_ATTEMPTS} attempts.`);
}

/**
 * Creates a record from a request.
 * @param onceKey stands for the call where its caller has given it a key: whoever repeats it gets the same record
 * @throws DomainError INVALID_INPUT before any id is taken; INTERNAL_ERROR
 */
export async function createRecord(
  project: Project,
  type: RecordType,
  input: NewRecordInput,
  writer: Writer,
  onceKey?: string,
): Promise<CreatedRecord> {
  const draft = newRecord(type, input);
  const description = `Created via tracker API${writerSuffix(writer)}: ${draft.attributes.title}`;
  const entry: EntryDraft = { operation: "create", note: { status: "created", description }, keepsLastNote: false };
  if (onceKey === undefined) return createChecked({ project, draft, writer, entry });
  const others = (created: CreatedRecord) => [markDone(onceKey, created)];
  try {
    return await createChecked({ project, draft, writer, entry, others });
  } catch (error) {
    const done = error instanceof OtherConditionFailed ? await doneBefore<CreatedRecord>(onceKey) : undefined;
    if (done) return done.result;
    throw error;
  }
}
