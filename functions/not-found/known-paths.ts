import { Router } from "@enceladus/middleware/router";
import routes from "./routes.json" with { type: "json" };

/** The paths of the whole API with their methods, as generated from the operations (`npm run openapi`). */
const known = new Router(
  Object.entries(routes as Readonly<Record<string, readonly string[]>>).flatMap(([path, methods]) =>
    methods.map((method) => ({ method, path: path as `/${string}` })),
  ),
);

const PREFIX = "/api/v1/";

/** The methods that some function serves on a path; none where the path is unknown. */
export function methodsOf(path: string): string[] {
  // Inside a function the prefix may be left out; the gateway leads a path without it nowhere.
  const match = path.startsWith(PREFIX) ? known.find(path) : undefined;
  return [...(match?.byMethod.keys() ?? [])];
}
