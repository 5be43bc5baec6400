/** What the audit of writes goes by. */
export interface AuditRules {
  knownChannels: ReadonlySet<string>;
  /** Whether a change must have a new stamp; sound only while every writer stamps every write. */
  detectsStale: boolean;
}

/** People, agents and tools, the pipeline of feeds, and the platform's own writers. */
const KNOWN_CHANNELS = [
  "mcp_server",
  "tracker_cli",
  "mutation_api",
  "feed_publisher",
  "coordination_api",
  "deploy_finalize",
  "project_service",
  "bedrock_agent_actions",
  "github_integration",
];

/** The rules of this deployment: `KNOWN_WRITE_CHANNELS` (comma list) replaces the known channels. */
export function auditRules(environment: Readonly<Record<string, string | undefined>> = process.env): AuditRules {
  const named = (environment.KNOWN_WRITE_CHANNELS ?? "").split(",").map((channel) => channel.trim());
  const channels = named.filter((channel) => channel !== "");
  return {
    knownChannels: new Set(channels.length > 0 ? channels : KNOWN_CHANNELS),
    detectsStale: environment.AUDIT_STALE_DETECTION === "true",
  };
}
