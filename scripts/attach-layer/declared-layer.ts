import type { ResolvedConfig } from "../service/resolved-config.ts";
import type { LayeredFunction } from "./attach-all.ts";

/** The key under `layers:` in serverless.yml, and what the framework makes of it. */
const KEY = "shared";
const REFERENCE = "SharedLambdaLayer";

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isShared(layer: unknown): boolean {
  return typeof layer === "object" && layer !== null && "Ref" in layer && layer.Ref === REFERENCE;
}

/**
 * The shared layer as it is declared.
 * @throws Error when it is not
 */
export function declaredLayer(config: ResolvedConfig): { name: string; runtimes: string[]; architectures: string[] } {
  const { name, compatibleRuntimes, compatibleArchitectures } = config.layers?.[KEY] ?? {};
  if (typeof name !== "string") throw new Error(`the layer ${KEY} has no name`);
  return {
    name,
    runtimes: list(compatibleRuntimes).map(String),
    architectures: list(compatibleArchitectures).map(String),
  };
}

/** The functions that list the layer, by name: the ones of their own list, or of everybody's. */
export function layeredFunctions(config: ResolvedConfig): LayeredFunction[] {
  return Object.values(config.functions)
    .filter(({ layers }) => list(layers ?? config.provider.layers).some(isShared))
    .map(({ name, events }) => ({ name: String(name), events: list(events) as LayeredFunction["events"] }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}
