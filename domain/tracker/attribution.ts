import { type AuthContext, projectsVisibleTo, type VisibleProjects } from "@enceladus/shared/auth-context";
import { newId } from "@enceladus/shared/ids";
import type { WriteSource } from "./record.ts";

/** What a body may say about its writer; all of it claims. */
export interface ClaimedSource {
  write_source?: ClaimedWriteSource | null | undefined;
  provider?: string | null | undefined;
  dispatch_id?: string | null | undefined;
  coordination_request_id?: string | null | undefined;
  session_id?: string | null | undefined;
}

export interface ClaimedWriteSource {
  channel?: string | null | undefined;
  provider?: string | null | undefined;
  dispatch_id?: string | null | undefined;
  coordination_request_id?: string | null | undefined;
}

/** The writer of one request: what it claims to be, and what its credential says. */
export interface Writer {
  channel: string;
  provider: string;
  dispatchId: string;
  coordinationRequestId: string;
  /** A name that the caller gives to its run; stronger than a provider, which several runs share. */
  sessionId: string;
  authMode: string;
  principal: string;
  /** Everything else does not exist for this writer: it is neither read nor written on its behalf. */
  visible: VisibleProjects;
}

const API_CHANNEL = "mutation_api";
/** The channel of agents' tools, whose writes must say who makes them. */
export const AGENT_CHANNEL = "mcp_server";

function firstText(...candidates: (string | null | undefined)[]): string {
  return candidates.map((candidate) => candidate?.trim() ?? "").find((candidate) => candidate !== "") ?? "";
}

/**
 * Who writes. A key inside `write_source` wins over the same key at the top level of the body. Neither a browser nor an
 * agent can choose its channel; a trusted service can, and a channel that nobody knows is what the audit looks for.
 */
export function writerOf(claims: ClaimedSource, caller: AuthContext): Writer {
  const source = claims.write_source ?? {};
  const channel = caller.mode === "internal-key" ? firstText(source.channel, API_CHANNEL) : API_CHANNEL;
  return {
    channel,
    provider: firstText(source.provider, claims.provider),
    dispatchId: firstText(source.dispatch_id, claims.dispatch_id),
    coordinationRequestId: firstText(source.coordination_request_id, claims.coordination_request_id),
    sessionId: firstText(claims.session_id),
    authMode: caller.mode,
    principal: caller.sub,
    visible: projectsVisibleTo(caller),
  };
}

/** The stamp of one write. */
export function writeSource(writer: Writer, now: string): WriteSource {
  return {
    channel: writer.channel,
    provider: writer.provider,
    dispatch_id: writer.dispatchId,
    coordination_request_id: writer.coordinationRequestId,
    timestamp: now,
    write_id: newId(),
    auth_mode: writer.authMode,
    principal: writer.principal,
  };
}

/** The names under which a writer may hold a lock. */
export function identitiesOf(writer: Writer): string[] {
  return [writer.sessionId, writer.provider, writer.dispatchId].filter((identity) => identity !== "");
}

/** What history texts say about the writer: ` [provider=claude, dispatch=DSP-1]`, or nothing. */
export function writerSuffix(writer: Writer): string {
  const parts = [
    writer.provider && `provider=${writer.provider}`,
    writer.dispatchId && `dispatch=${writer.dispatchId}`,
  ].filter(Boolean);
  return parts.length > 0 ? ` [${parts.join(", ")}]` : "";
}
