const RECORD_TYPES: ReadonlySet<string> = new Set(["task", "issue", "feature"]);

/**
 * Where a signed-in person can look at a record: its address in the API, at the web origin. Null for rows that the API
 * does not show.
 */
export function recordLink(projectId: string, recordType: string, recordId: string): string | null {
  const [origin = ""] = (process.env.CORS_ORIGIN ?? "").split(",");
  if (origin === "" || projectId === "" || !RECORD_TYPES.has(recordType)) return null;
  const path = [projectId, recordType, recordId].map(encodeURIComponent).join("/");
  return `${origin.trim().replace(/\/$/, "")}/api/v1/tracker/${path}`;
}
