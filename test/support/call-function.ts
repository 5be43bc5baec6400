import type { HttpHandler } from "@enceladus/middleware/http-function";
import { type EventParts, gatewayEvent } from "../../scripts/packages/gateway-event.ts";

/** What a client gets. */
export interface Answer<Body> {
  status: number;
  headers: Readonly<Record<string, string>>;
  text: string;
  /** The text as JSON; undefined where there is none. */
  body: Body;
}

/**
 * Calls an HTTP function as the gateway would.
 * @param remainingMs what Lambda says is left until the function is ended
 */
export async function callFunction<Body = unknown>(
  handler: HttpHandler,
  parts: EventParts,
  remainingMs = 30_000,
): Promise<Answer<Body>> {
  const context = { awsRequestId: "test-request", getRemainingTimeInMillis: () => remainingMs };
  const { statusCode, headers, body } = await handler(gatewayEvent(parts), context);
  return { status: statusCode, headers, text: body, body: body === "" ? undefined : JSON.parse(body) };
}
