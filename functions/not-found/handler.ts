import { httpFunction } from "@enceladus/middleware/http-function";
import { servedElsewhere } from "./known-paths.ts";

/** What no other function declares: 401 to strangers, else 404, or 405 where the path is known. */
export const handler = httpFunction([], { credentials: ["cookie", "internal-key", "agent-key"], servedElsewhere });
