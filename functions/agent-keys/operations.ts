import { operation } from "@enceladus/middleware/operation";
import { reply } from "@enceladus/middleware/reply";
import * as z from "zod";
import { issueAgentKey, listAgentKeys, newAgentKeyRequest, revokeKey } from "../../domain/identity/index.ts";
import { issuedAnswer, listAnswer, listQuery, revokedAnswer } from "./schemas.ts";

/** Keys are made by people: no key can make another one. `Idempotency-Key` is ignored, since answers hold secrets. */
const BY_PEOPLE = { tag: "agents", auth: ["cookie"], scope: "agents:admin", idempotencyKey: "ignored" } as const;

const issueKeyOperation = operation({
  ...BY_PEOPLE,
  id: "issueAgentKey",
  method: "POST",
  path: "/api/v1/agents/keys",
  summary: "Issues a key to an agent",
  description:
    "The answer shows the key once; only a hash of it is kept. An agent sends it as `Authorization: Bearer <key>` or in " +
    "`X-Coordination-Internal-Key`. It opens what its scopes name, in its projects; every other project is to it as if " +
    "it did not exist.",
  body: newAgentKeyRequest,
  bodyLimit: 64 * 1024,
  responses: { 201: { description: "The key", schema: issuedAnswer } },
  handler: async ({ body, caller }) => {
    const { key, secret } = await issueAgentKey(body, caller.sub || "unknown");
    return reply(201, { success: true, key, secret });
  },
});

const listKeysOperation = operation({
  ...BY_PEOPLE,
  id: "listAgentKeys",
  method: "GET",
  path: "/api/v1/agents/keys",
  summary: "Lists the keys of agents, the newest first",
  description:
    "Expired and revoked keys too. Without `limit` up to 1,000 keys; `next_cursor` is there when more follow.",
  query: listQuery,
  responses: { 200: { description: "A page of keys", schema: listAnswer } },
  handler: async ({ query }) => {
    const { keys, nextCursor } = await listAgentKeys(query.limit, query.cursor);
    return reply(200, { success: true, keys, next_cursor: nextCursor });
  },
});

const revokeKeyOperation = operation({
  ...BY_PEOPLE,
  id: "revokeAgentKey",
  method: "DELETE",
  path: "/api/v1/agents/keys/{id}",
  summary: "Revokes a key",
  description: "For good, and within 60 seconds everywhere. Revoking it again answers the same.",
  params: z.object({ id: z.string() }),
  responses: { 200: { description: "Since when it is revoked", schema: revokedAnswer } },
  handler: async ({ params }) => {
    const revokedAt = await revokeKey(params.id);
    return reply(200, { success: true, id: params.id, revoked_at: revokedAt });
  },
});

/** What keys of agents are issued, listed and revoked with. */
export const operations = [issueKeyOperation, listKeysOperation, revokeKeyOperation];
