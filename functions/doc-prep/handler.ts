import { type HttpHandler, httpFunction } from "@enceladus/middleware/http-function";
import { operations } from "./operations.ts";
import { requestEvent } from "./request-event.ts";

const serve = httpFunction(operations);

/** Called by the gateway, and directly with an event that need not be whole. */
export const handler: HttpHandler = (event, context) => serve(requestEvent(event), context);
