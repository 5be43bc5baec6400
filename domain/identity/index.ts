export { newAgentKeyRequest } from "./agent-key.ts";
export { issueAgentKey, listAgentKeys, revokeKey } from "./agent-keys.ts";
export { endSession, type RenewedSession, refreshSession } from "./session.ts";
