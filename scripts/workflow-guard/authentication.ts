import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ResolvedConfig, ResolvedFunction } from "../service/resolved-config.ts";
import type { AllowList } from "./allow-list.ts";
import { bundleOf } from "./bundled-sources.ts";
import { type Finding, finding } from "./finding.ts";
import { handlerSource } from "./folders.ts";

/** The stack that asks every caller who they are: of the layer, and bundled in where there is none. */
const AUTHENTICATING = ["@enceladus/middleware/http-function", "middleware/http-function.ts"];
const COOKIE = "enceladus_id_token";
/** What is deployed, apart from the one folder that reads the cookie. */
const DEPLOYED = ["functions/**/*.ts", "domain/**/*.ts", "layers/*/src/**/*.ts"];

function isCalledByHttp({ events }: ResolvedFunction): boolean {
  return Array.isArray(events) && events.some((event) => typeof event === "object" && event && "httpApi" in event);
}

async function checkStack(root: string, declared: ResolvedFunction, allowed: AllowList): Promise<Finding[]> {
  const { name, handler } = declared;
  if (!isCalledByHttp(declared) || allowed.allows("AUTH_MIDDLEWARE_MISSING", name)) return [];
  const hasLayer = !allowed.allows("LAYER_MISSING", name);
  const { sources, imports } = await bundleOf(root, handlerSource(handler), hasLayer);
  const isAuthenticated = [...imports, ...sources].some((module) => AUTHENTICATING.includes(module));
  return isAuthenticated ? [] : [finding("AUTH_MIDDLEWARE_MISSING", name, `does not import ${AUTHENTICATING[0]}`)];
}

function checkCookie(root: string, config: ResolvedConfig, allowed: AllowList): Finding[] {
  const owners = new Map(
    Object.values(config.functions).map(({ name, handler }) => [dirname(handlerSource(handler)), name]),
  );
  return globSync(DEPLOYED, { cwd: root })
    .sort()
    .filter((file) => readFileSync(join(root, file), "utf8").includes(COOKIE))
    .map((file) => ({ file, owner: owners.get(file.split("/").slice(0, 2).join("/")) ?? null }))
    .filter(({ file, owner }) => !allowed.allows("AUTH_MIDDLEWARE_MISSING", owner, file))
    .map(({ file, owner }) =>
      finding("AUTH_MIDDLEWARE_MISSING", owner, `${file} knows the session cookie, which is the middleware's to read`),
    );
}

/** Who calls is settled in one place: every function behind the gateway goes through it, and nobody else reads the cookie. */
export async function checkAuthentication(
  root: string,
  config: ResolvedConfig,
  allowed: AllowList,
): Promise<Finding[]> {
  const stacks = await Promise.all(
    Object.values(config.functions).map((declared) => checkStack(root, declared, allowed)),
  );
  return [...stacks.flat(), ...checkCookie(root, config, allowed)];
}
