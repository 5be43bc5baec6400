import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { handler } from "../../functions/agent-keys/handler.ts";
import { type Answer, callFunction } from "./call-function.ts";
import { directDynamodb, realName, signIn } from "./services.ts";

/** A key as answers tell of it. */
export interface AnsweredKey {
  id: string;
  agent: string;
  scopes: string[];
  projects: string[];
  created_at: string;
  created_by: string;
  expires_at: string;
  last_used_at?: string | null;
  revoked_at?: string | null;
}

/** Everything that an answer about keys may hold. */
export interface KeyAnswer {
  success: boolean;
  key: AnsweredKey;
  secret: string;
  keys: AnsweredKey[];
  next_cursor?: string;
  id: string;
  revoked_at: string;
  error: string;
  error_envelope: { code: string; retryable: boolean; details: { fields?: { field: string; message: string }[] } };
}

type Headers = Readonly<Record<string, string>>;

const PATH = "/api/v1/agents/keys";

function asPerson(headers: Headers): Headers {
  return { cookie: signIn(), ...headers };
}

/** `POST /agents/keys` of a signed-in person. */
export function postKey(body: unknown, headers: Headers = {}): Promise<Answer<KeyAnswer>> {
  return callFunction<KeyAnswer>(handler, { method: "POST", path: PATH, headers: asPerson(headers), body });
}

/** `GET /agents/keys` of a signed-in person. */
export function getKeys(query: Headers = {}, headers: Headers = {}): Promise<Answer<KeyAnswer>> {
  return callFunction<KeyAnswer>(handler, { method: "GET", path: PATH, headers: asPerson(headers), query });
}

/** `DELETE /agents/keys/{id}` of a signed-in person. */
export function deleteKey(id: string, headers: Headers = {}): Promise<Answer<KeyAnswer>> {
  return callFunction<KeyAnswer>(handler, { method: "DELETE", path: `${PATH}/${id}`, headers: asPerson(headers) });
}

/** Issues a key; without further words one for a tracker agent that may do everything everywhere. */
export async function issueKey(request: object = {}): Promise<{ key: AnsweredKey; secret: string }> {
  const answer = await postKey({ agent: "claude", scopes: ["tracker:*"], projects: ["*"], ...request });
  if (answer.status !== 201) throw new Error(`${answer.status}: ${answer.text}`);
  return answer.body;
}

/** The headers that an agent sends its key in. */
export function byKey(secret: string): Record<string, string> {
  return { Authorization: `Bearer ${secret}` };
}

/** A key as it is stored. */
export async function storedKey(id: string): Promise<Record<string, unknown> | undefined> {
  const TableName = realName("tables", "agent-keys");
  return (await directDynamodb.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }))).Item;
}
