import type { HttpHandler } from "@enceladus/middleware/http-function";
import { jest } from "@jest/globals";
import { handler } from "../../functions/tracker-mutation/handler.ts";

/**
 * The tracker in so many containers, the one of the test file among them. Each has modules of its own: what one
 * remembers, or holds back for one of its calls, the others do not know.
 */
export async function trackerContainers(count: number): Promise<[HttpHandler, ...HttpHandler[]]> {
  const containers: [HttpHandler, ...HttpHandler[]] = [handler];
  while (containers.length < count) {
    jest.resetModules();
    const again = (await import("../../functions/tracker-mutation/handler.ts")) as { handler: HttpHandler };
    if (containers.includes(again.handler)) throw new Error("the modules were not loaded anew");
    containers.push(again.handler);
  }
  return containers;
}
