import { isAtTheEdge } from "../service/at-the-edge.ts";
import type { ResolvedConfig, ResolvedFunction, Settings } from "../service/resolved-config.ts";
import type { AllowList } from "./allow-list.ts";
import { type Finding, finding } from "./finding.ts";

/** The runtimes that Lambda still maintains and the code is built for. */
const RUNTIMES = ["nodejs24.x"];
/** CloudFront has no other machines. */
const EDGE_ARCHITECTURE = "x86_64";
const SHARED_LAYER = "shared";
const SHARED_LAYER_REFERENCE = "SharedLambdaLayer";

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isSettings(value: unknown): value is Settings {
  return typeof value === "object" && value !== null;
}

function checkName(key: string, { name }: ResolvedFunction): Finding[] {
  // A name that is built at deploy time would escape the comparison with the manifest.
  const isLiteral = typeof name === "string" && name !== "" && !name.includes("${");
  return isLiteral ? [] : [finding("NAME_NOT_EXPLICIT", name, `${key} has no literal name`)];
}

function checkLayer(declared: ResolvedFunction, config: ResolvedConfig, allowed: AllowList): Finding[] {
  const attached = list(declared.layers ?? config.provider.layers);
  const hasShared = attached.some((layer) => isSettings(layer) && layer.Ref === SHARED_LAYER_REFERENCE);
  if (hasShared || allowed.allows("LAYER_MISSING", declared.name)) return [];
  return [finding("LAYER_MISSING", declared.name, "the shared layer is not attached")];
}

function checkRuntime(declared: ResolvedFunction, config: ResolvedConfig, allowed: AllowList): Finding[] {
  const layer = config.layers?.[SHARED_LAYER] ?? {};
  const hasLayer = !allowed.allows("LAYER_MISSING", declared.name);
  const runtime = declared.runtime ?? config.provider.runtime;
  const architecture = declared.architecture ?? config.provider.architecture;
  const findings: Finding[] = [];
  const runtimes = hasLayer ? RUNTIMES.filter((name) => list(layer.compatibleRuntimes).includes(name)) : RUNTIMES;
  if (!runtimes.includes(String(runtime))) {
    findings.push(
      finding("RUNTIME_UNSUPPORTED", declared.name, `${String(runtime)} is none of: ${runtimes.join(", ")}`),
    );
  }
  const ownChoice = isAtTheEdge(declared.events) ? architecture === EDGE_ARCHITECTURE : architecture !== undefined;
  const fits = hasLayer ? list(layer.compatibleArchitectures).includes(architecture) : ownChoice;
  if (!fits) {
    const message = `the architecture ${String(architecture)} is not that of the ${hasLayer ? "layer" : "edge"}`;
    findings.push(finding("ARCH_MISMATCH", declared.name, message));
  }
  return findings;
}

function checkPackaging(config: ResolvedConfig): Finding[] {
  const general = config.package?.individually === true;
  const overridden = Object.values(config.functions).filter(
    ({ package: own }) => isSettings(own) && own.individually === false,
  );
  return [
    ...(general ? [] : [finding("NOT_INDIVIDUAL", null, "package.individually is not true")]),
    ...overridden.map(({ name }) => finding("NOT_INDIVIDUAL", name, "package.individually is overridden")),
  ];
}

/** What each function declares of itself: name, layer, runtime, architecture, packaging. */
export function checkDeclarations(config: ResolvedConfig, allowed: AllowList): Finding[] {
  const each = Object.entries(config.functions).flatMap(([key, declared]) => [
    ...checkName(key, declared),
    ...checkLayer(declared, config, allowed),
    ...checkRuntime(declared, config, allowed),
  ]);
  return [...each, ...checkPackaging(config)];
}
