import type * as lib from "@aws-sdk/lib-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { CRITERIA, DESCRIPTION } from "../requests.ts";
import type { TrackerTables } from "../stage.ts";

type Row = Readonly<Record<string, unknown>>;
type Commands = Pick<typeof lib, "GetCommand" | "QueryCommand" | "TransactWriteCommand" | "UpdateCommand">;

const CREATED_AT = "2026-01-01T00:00:00Z";
/** As long as a real hash and a real ULID. */
const HASH = "0".repeat(64);
const ULID = "0".repeat(26);
const RECENT_NOTES = 20;

/** Who the credential says the caller is. */
export interface Principal {
  mode: "internal-key" | "cognito";
  subject: string;
}

/** Where a task stands among the ready ones: priority, age, number, id. */
function rankOf(createdAt: string, itemId: string): string {
  return `2#${createdAt}#${(itemId.split("-")[2] ?? "").padStart(15, "0")}#${itemId}`;
}

function secondNow(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

/**
 * The calls that the tracker makes of DynamoDB and nothing else: no request is read, checked, authorised, logged or
 * answered, no hash computed, no change worked out. What is sent has the same form and size.
 */
export class BareTracker {
  readonly #database: DynamoDBDocumentClient;
  readonly #commands: Commands;
  readonly #tables: TrackerTables;
  readonly #project: string;
  readonly #principal: Principal;
  /** What was last read or written of a record, as a checkout needs it. */
  readonly #known = new Map<string, Row>();

  constructor(
    database: DynamoDBDocumentClient,
    commands: Commands,
    tables: TrackerTables,
    project: string,
    principal: Principal,
  ) {
    this.#database = database;
    this.#commands = commands;
    this.#tables = tables;
    this.#project = project;
    this.#principal = principal;
  }

  #key(itemId: string) {
    return { project_id: this.#project, record_id: `task#${itemId}` };
  }

  #source(now: string): Row {
    return {
      channel: "mutation_api",
      provider: "bench-agent",
      dispatch_id: "",
      coordination_request_id: "",
      timestamp: now,
      write_id: ULID,
      auth_mode: this.#principal.mode,
      principal: this.#principal.subject,
    };
  }

  #entry(itemId: string, seq: number, now: string, operation: string, changes: readonly Row[], note: Row) {
    return {
      Put: {
        TableName: this.#tables.history,
        Item: {
          record_key: `${this.#project}#task#${itemId}`,
          ...this.#key(itemId),
          seq,
          at: now,
          actor: this.#principal.subject,
          channel: "mutation_api",
          operation,
          changes,
          note,
          prev_hash: HASH,
          hash: HASH,
        },
        ConditionExpression: "attribute_not_exists(record_key)",
      },
    };
  }

  async get(itemId: string): Promise<Row> {
    const { GetCommand } = this.#commands;
    const TableName = this.#tables.records;
    const { Item } = await this.#database.send(
      new GetCommand({ TableName, Key: this.#key(itemId), ConsistentRead: true }),
    );
    if (!Item) throw new Error(`${itemId} is not there`);
    this.#known.set(itemId, Item);
    return Item;
  }

  async list(limit: number): Promise<void> {
    const { QueryCommand } = this.#commands;
    await this.#database.send(
      new QueryCommand({
        TableName: this.#tables.records,
        Limit: limit,
        ConsistentRead: true,
        KeyConditionExpression: "project_id = :project AND begins_with(record_id, :prefix)",
        ExpressionAttributeValues: { ":project": this.#project, ":prefix": "task#" },
      }),
    );
  }

  async patch(itemId: string, value: string): Promise<void> {
    const row = await this.get(itemId);
    const changes = [{ field: "assigned_to", from: row.assigned_to, to: value }];
    const words = `Field 'assigned_to' set to '${value}' [provider=bench-agent]`;
    await this.#change(itemId, row, "update", changes, words, { assigned_to: value }, []);
  }

  async checkout(itemId: string): Promise<void> {
    const row = this.#known.get(itemId) ?? {};
    const now = secondNow();
    const fence = Number(row.fence) + 1;
    const changes = [
      { field: "active_agent_session", from: false, to: true },
      { field: "active_agent_session_at", from: null, to: now },
      { field: "active_agent_session_id", from: "", to: "bench-session" },
      { field: "fence", from: row.fence, to: fence },
      { field: "lease_expires_at", from: null, to: now },
      { field: "lease_id", from: null, to: ULID },
    ];
    const sets = {
      active_agent_session: true,
      active_agent_session_at: now,
      active_agent_session_id: "bench-session",
      fence,
      lease_expires_at: now,
      lease_id: ULID,
      leased_scope: `${this.#project}#task`,
    };
    const words = "Agent session checkout by bench-session [provider=bench-agent]";
    await this.#change(itemId, row, "checkout", changes, words, sets, ["ready_rank", "ready_scope"]);
  }

  async release(itemId: string): Promise<void> {
    const row = await this.get(itemId);
    const sets = {
      active_agent_session: false,
      active_agent_session_id: "",
      ready_rank: rankOf(CREATED_AT, itemId),
      ready_scope: `${this.#project}#task`,
    };
    const gone = ["active_agent_session_at", "lease_expires_at", "lease_id", "leased_scope"];
    const changes = Object.entries(sets).map(([field, to]) => ({ field, from: row[field], to }));
    await this.#change(itemId, row, "release", changes, "Agent session released [provider=bench-agent]", sets, gone);
  }

  /** A record and its history entry, over the very version that was read. */
  async #change(
    itemId: string,
    row: Row,
    operation: string,
    changes: readonly Row[],
    words: string,
    sets: Row,
    removes: readonly string[],
  ): Promise<void> {
    const { TransactWriteCommand } = this.#commands;
    const now = secondNow();
    const seq = Number(row.history_seq) + 1;
    const note = { timestamp: now, status: "worklog", description: words };
    const written: Row = {
      ...sets,
      history_hash: HASH,
      history_notes: Number(row.history_notes) + 1,
      history_recent: [...(row.history_recent as Row[]), note].slice(-RECENT_NOTES),
      history_seq: seq,
      last_update_note: words,
      row_version: Number(row.row_version) + 1,
      sync_version: Number(row.sync_version) + 1,
      updated_at: now,
      write_source: this.#source(now),
    };
    const fields = [...Object.keys(written), ...removes];
    const assignments = Object.keys(written).map((_, index) => `#f${index} = :v${index}`);
    const removals = removes.map((_, index) => `#f${assignments.length + index}`);
    await this.#database.send(
      new TransactWriteCommand({
        TransactItems: [
          {
            Update: {
              TableName: this.#tables.records,
              Key: this.#key(itemId),
              UpdateExpression: `SET ${assignments.join(", ")}${removals.length > 0 ? ` REMOVE ${removals.join(", ")}` : ""}`,
              ConditionExpression:
                "attribute_exists(record_id) AND sync_version = :versionRead AND row_version = :rowRead",
              ExpressionAttributeNames: Object.fromEntries(fields.map((field, index) => [`#f${index}`, field])),
              ExpressionAttributeValues: {
                ...Object.fromEntries(Object.values(written).map((value, index) => [`:v${index}`, value])),
                ":versionRead": row.sync_version,
                ":rowRead": row.row_version,
              },
              ReturnValuesOnConditionCheckFailure: "ALL_OLD",
            },
          },
          this.#entry(itemId, seq, now, operation, changes, note),
        ],
      }),
    );
  }

  /** What a claim is at the very least: one conditional update of one record, of which no history tells. */
  async claim(itemId: string): Promise<void> {
    const { UpdateCommand } = this.#commands;
    const now = secondNow();
    await this.#database.send(
      new UpdateCommand({
        TableName: this.#tables.records,
        Key: this.#key(itemId),
        UpdateExpression:
          "SET active_agent_session = :true, active_agent_session_id = :holder, active_agent_session_at = :now, " +
          "lease_id = :lease, lease_expires_at = :now, leased_scope = :scope, updated_at = :now, write_source = :source, " +
          "fence = fence + :one, sync_version = sync_version + :one REMOVE ready_scope, ready_rank",
        ConditionExpression: "attribute_exists(record_id) AND active_agent_session = :false",
        ExpressionAttributeValues: {
          ":true": true,
          ":false": false,
          ":one": 1,
          ":now": now,
          ":holder": "bench-session",
          ":lease": ULID,
          ":scope": `${this.#project}#task`,
          ":source": this.#source(now),
        },
      }),
    );
  }

  async create(prefix: string, title: string): Promise<void> {
    const { TransactWriteCommand, UpdateCommand } = this.#commands;
    const now = secondNow();
    const { Attributes } = await this.#database.send(
      new UpdateCommand({
        TableName: this.#tables.records,
        Key: { project_id: this.#project, record_id: "counter#task" },
        UpdateExpression:
          "SET next_num = if_not_exists(next_num, :seed) + :one, created_at = if_not_exists(created_at, :now), " +
          "updated_at = :now, record_type = :counter, item_id = :item, write_source = :source",
        ConditionExpression: "attribute_exists(next_num)",
        ExpressionAttributeValues: {
          ":seed": 0,
          ":one": 1,
          ":now": now,
          ":counter": "counter",
          ":item": "COUNTER-TASK",
          ":source": this.#source(now),
        },
        ReturnValues: "UPDATED_NEW",
      }),
    );
    const itemId = `${prefix}-TSK-${Attributes?.next_num}`;
    const facts: Row = {
      ...this.#key(itemId),
      record_type: "task",
      item_id: itemId,
      title,
      status: "open",
      description: DESCRIPTION,
      priority: "P2",
      category: "implementation",
      acceptance_criteria: CRITERIA,
      active_agent_session: false,
      active_agent_session_id: "",
      active_agent_session_parent: false,
      coordination: false,
      fence: 0,
      created_at: now,
    };
    const words = `Created via tracker API [provider=bench-agent]: ${title}`;
    const note = { timestamp: now, status: "created", description: words };
    const Item = {
      ...facts,
      history_seq: 1,
      history_hash: HASH,
      history_notes: 1,
      history_recent: [note],
      ready_scope: `${this.#project}#task`,
      ready_rank: rankOf(now, itemId),
      row_version: 1,
      sync_version: 1,
      updated_at: now,
      write_source: this.#source(now),
    };
    const changes = Object.entries(facts).map(([field, to]) => ({ field, from: null, to }));
    await this.#database.send(
      new TransactWriteCommand({
        TransactItems: [
          {
            Put: {
              TableName: this.#tables.records,
              Item,
              ConditionExpression: "attribute_not_exists(record_id)",
              ReturnValuesOnConditionCheckFailure: "ALL_OLD",
            },
          },
          this.#entry(itemId, 1, now, "create", changes, note),
        ],
      }),
    );
  }
}
