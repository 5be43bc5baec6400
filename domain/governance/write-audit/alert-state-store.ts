import { setTimeout as wait } from "node:timers/promises";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { conditionally } from "@enceladus/shared/conditional-write";
import { reading } from "@enceladus/shared/database";
import { dynamodb } from "@enceladus/shared/dynamodb";
import { requireEnv } from "@enceladus/shared/env";
import { DomainError } from "@enceladus/shared/errors";

/** What all containers have to agree on: one row each in the table of violations, which no index has. */
type StateName = "flood" | "digest";

interface StateRow<State> {
  violation_id: string;
  version: number;
  state: State;
}

const tableName = () => requireEnv("AGENT_COMPLIANCE_TABLE");
const keyOf = (name: StateName) => ({ violation_id: `alerts#${name}` });

async function read<State>(name: StateName): Promise<StateRow<State> | undefined> {
  const answer = await reading(() =>
    dynamodb().send(new GetCommand({ TableName: tableName(), Key: keyOf(name), ConsistentRead: true })),
  );
  return answer.Item as StateRow<State> | undefined;
}

/** @returns undefined when it is written, else what is there now */
async function write<State>(row: StateRow<State>): Promise<StateRow<State> | undefined> {
  // Containers decide at once: whoever comes second decides again on what the first one left.
  const asRead = row.version === 1 ? "attribute_not_exists(violation_id)" : "version = :read";
  const outcome = await conditionally<StateRow<State>>(() =>
    dynamodb().send(
      new PutCommand({
        TableName: tableName(),
        Item: row,
        ConditionExpression: asRead,
        ...(row.version > 1 && { ExpressionAttributeValues: { ":read": row.version - 1 } }),
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    ),
  );
  return outcome.held ? undefined : (outcome.row ?? { ...row, version: 0 });
}

/** There are as many writers as the stream has shards. */
const ATTEMPTS = 20;
const PAUSE_MS = 40;

/**
 * Decides on a state and writes what follows, as one step among all containers.
 * @param decide pure, since it may be asked again; the state that it was given means that nothing is to be written. It
 *   may be shown its own decision, where the answer to the write got lost.
 * @throws DomainError INTERNAL_ERROR
 */
export async function changeState<State extends object, Decision extends { state: State }>(
  name: StateName,
  initial: State,
  decide: (state: State) => Decision,
): Promise<Decision> {
  let row = await read<State>(name);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const state = row?.state ?? initial;
    const decision = decide(state);
    if (decision.state === state) return decision;
    const current = await write({ ...keyOf(name), version: (row?.version ?? 0) + 1, state: decision.state });
    if (!current) return decision;
    row = current.version === 0 ? undefined : current;
    await wait(Math.random() * PAUSE_MS);
  }
  throw new DomainError("INTERNAL_ERROR", "Too many writers at once.", { state: name }, { retryable: true });
}
