import type { ServedElsewhere } from "@enceladus/middleware/http-function";
import { Router } from "@enceladus/middleware/router";
import routes from "./routes.json" with { type: "json" };

type Methods = Readonly<Record<string, readonly string[]>>;

function routerOf(paths: Methods) {
  return new Router(
    Object.entries(paths).flatMap(([path, methods]) =>
      methods.map((method) => ({ method, path: path as `/${string}` })),
    ),
  );
}

/** The paths of the whole API with their methods, as generated from the operations (`npm run openapi`). */
const guarded = routerOf(routes.guarded);
const open = routerOf(routes.open);

const PREFIX = "/api/v1/";

/** What some function serves on a path. */
export function servedElsewhere(path: string): ServedElsewhere {
  // Inside a function the prefix may be left out; the gateway leads a path without it nowhere.
  const isBelow = path.startsWith(PREFIX);
  const inTheOpen = isBelow ? open.find(path) : undefined;
  const match = inTheOpen ?? (isBelow ? guarded.find(path) : undefined);
  return { methods: [...(match?.byMethod.keys() ?? [])], isOpen: inTheOpen !== undefined };
}
