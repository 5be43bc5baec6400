import { gatewayEvent, httpRoute, pathOf } from "./gateway-event.ts";

type DeclaredEvents = readonly Readonly<Record<string, unknown>>[];

/** The request that shows that an HTTP function lives; undefined where somebody else calls it. */
export function probe(events: DeclaredEvents): { method: string; path: string } | undefined {
  // A route with an authorizer of the gateway is refused there and never in the function.
  const routes = events.filter(({ httpApi }) => !(httpApi as { authorizer?: unknown } | undefined)?.authorizer);
  const route = routes.map(httpRoute).find((found) => found !== undefined);
  if (!route) return undefined;
  const method = route.method === "*" ? "GET" : route.method;
  return { method, path: route.path === "*" ? "/api/v1/nowhere" : pathOf(route.path) };
}

/** What a queue or a stream sends when there is nothing: what handles batches is loaded at the first one. */
export const EMPTY_BATCH = { Records: [] };

export function takesBatches(events: DeclaredEvents): boolean {
  return events.some((event) => "stream" in event || "sqs" in event);
}

/** Whether messages are reported one by one, so that the good ones of a batch are not delivered again with the bad. */
export function isBatchAnswer(answer: unknown): boolean {
  return Array.isArray((answer as { batchItemFailures?: unknown } | null | undefined)?.batchItemFailures);
}

/** Something to ask of a function that changes nothing, and whether an answer is one of a function that works. */
export interface SignOfLife {
  event: unknown;
  isGood(answer: unknown): boolean;
}

/** What a function may be asked to see whether it loads; undefined where every call would do something. */
export function signOfLife(events: DeclaredEvents): SignOfLife | undefined {
  if (takesBatches(events)) return { event: EMPTY_BATCH, isGood: isBatchAnswer };
  const request = probe(events);
  return (
    request && {
      event: gatewayEvent({ ...request, method: "OPTIONS" }),
      isGood: (answer) => (answer as { statusCode?: unknown } | null)?.statusCode === 204,
    }
  );
}
