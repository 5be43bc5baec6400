/** Whether a function with these events is run by the distribution, near to the viewers (Lambda@Edge). */
export function isAtTheEdge(events: unknown): boolean {
  return Array.isArray(events) && events.some((event) => typeof event === "object" && event && "cloudFront" in event);
}
