/** What of the bucket is meant to be read by whoever prepares documents. Configurations are written by people. */
const READABLE = ["docs/", "mobile/v1/reference/", "agent-documents/", "governance/live/"];

/** Segments that some client on the way may take for a step up. */
const STEPS = new Set([".", ".."]);

/** Whether an object of the bucket may be handed out as a document. */
export function isReadableKey(key: string): boolean {
  const isBelow = READABLE.some((prefix) => key.startsWith(prefix) && key.length > prefix.length);
  return isBelow && !key.split("/").some((segment) => STEPS.has(segment));
}
