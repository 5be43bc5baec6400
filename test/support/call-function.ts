import type { HttpHandler } from "@enceladus/middleware/http-function";
import { type EventParts, gatewayEvent } from "../../scripts/packages/gateway-event.ts";
import { checkExplained } from "./explained-refusal.ts";

/** What a client gets. */
export interface Answer<Body> {
  status: number;
  headers: Readonly<Record<string, string>>;
  text: string;
  /** The text as JSON; undefined where there is none. */
  body: Body;
}

/**
 * Calls an HTTP function as the gateway would. A refusal must say what to do next.
 * @param remainingMs what Lambda says is left until the function is ended
 */
export async function callFunction<Body = unknown>(
  handler: HttpHandler,
  parts: EventParts,
  remainingMs = 30_000,
): Promise<Answer<Body>> {
  const context = { awsRequestId: "test-request", getRemainingTimeInMillis: () => remainingMs };
  const { statusCode, headers, body } = await handler(gatewayEvent(parts), context);
  checkExplained(statusCode, body);
  return { status: statusCode, headers, text: body, body: body === "" ? undefined : JSON.parse(body) };
}
