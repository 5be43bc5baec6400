import {
  type EventSourceMappingConfiguration,
  GetFunctionCommand,
  type GetFunctionCommandOutput,
  GetLayerVersionByArnCommand,
  LambdaClient,
  paginateListEventSourceMappings,
  ResourceNotFoundException,
} from "@aws-sdk/client-lambda";
import { functionLogicalId } from "../local/resolve-references.ts";
import type { PackagedFunction, PackagedService } from "../packages/package-service.ts";
import { isDenied } from "../service/aws-errors.ts";
import type { Surroundings } from "../template/references.ts";
import { resourcesOfType } from "../template/stack-template.ts";
import type { AllowList } from "../workflow-guard/allow-list.ts";
import { codeParity, type LiveCode } from "./code-parity.ts";
import { compare, compareFunction, compareMappings, type Resolve, together } from "./config-parity.ts";
import { type Comparison, configStatus, type FunctionResult, type LayerResult } from "./report.ts";
import { declaredRoutes, type Route, routeText } from "./routes.ts";

const EDGE_REGION = "us-east-1";
const COMMIT_TAG = "enceladus:commit";
const LAYER_ID = "SharedLambdaLayer";

/** What the audit compares with. */
export interface Audited {
  surroundings: Surroundings;
  resolve: Resolve;
  /** Undefined where one may not ask. */
  routes: readonly Route[] | undefined;
  allowed: AllowList;
  /** For what is loaded. */
  folder: string;
}

async function orUndefinedWhere<T>(ask: () => Promise<T>, passes: (error: unknown) => boolean) {
  try {
    return await ask();
  } catch (error) {
    if (passes(error)) return undefined;
    throw error;
  }
}

async function mappingsOf(client: LambdaClient, FunctionName: string): Promise<EventSourceMappingConfiguration[]> {
  const found: EventSourceMappingConfiguration[] = [];
  for await (const { EventSourceMappings = [] } of paginateListEventSourceMappings({ client }, { FunctionName })) {
    found.push(...EventSourceMappings);
  }
  return found;
}

function routeComparison(id: string, name: string, { surroundings, routes }: Audited): Comparison {
  const declared = declaredRoutes(surroundings.template);
  const expected = declared.filter(({ target }) => target === id).map(routeText);
  if (!routes) return { differences: [], unknown: expected.length > 0 ? ["routes"] : [] };
  // A route that nobody has declared is reported by itself, not as a fault of the function that it leads to.
  const known = new Set(declared.map(({ key }) => key));
  const live = routes.filter(({ target, key }) => target === name && known.has(key)).map(routeText);
  return compare("routes", expected.sort(), live.sort());
}

async function configuration(
  { key, name }: PackagedFunction,
  { Configuration: live }: GetFunctionCommandOutput,
  client: LambdaClient,
  audited: Audited,
): Promise<Comparison> {
  const { surroundings, resolve } = audited;
  const id = functionLogicalId(key);
  const declared = surroundings.template.Resources[id]?.Properties;
  if (!declared || !live) return { differences: [], unknown: ["everything"] };
  const mappings = resourcesOfType(surroundings.template, "AWS::Lambda::EventSourceMapping")
    .map(([, { Properties = {} }]) => Properties)
    .filter(({ FunctionName }) => JSON.stringify(FunctionName)?.includes(`"${id}"`));
  return together(
    compareFunction(declared, live, resolve),
    compareMappings(mappings, await orUndefinedWhere(() => mappingsOf(client, name), isDenied), resolve),
    routeComparison(id, name, audited),
  );
}

/** Compares one function, its code and its settings, with what was packaged. Nothing that goes wrong is thrown. */
export async function auditFunction(packaged: PackagedFunction, audited: Audited): Promise<FunctionResult> {
  const region = packaged.isAtTheEdge ? EDGE_REGION : audited.surroundings.region;
  const client = new LambdaClient({ region });
  let live: GetFunctionCommandOutput | undefined;
  const ask = async (): Promise<LiveCode | undefined> => {
    const command = new GetFunctionCommand({ FunctionName: packaged.name });
    const isGone = (error: unknown) => error instanceof ResourceNotFoundException;
    live = await orUndefinedWhere(() => client.send(command), isGone);
    return live && { location: live.Code?.Location, sha256: live.Configuration?.CodeSha256 };
  };
  const artifact = { ...packaged, kind: "function", functionName: packaged.name } as const;
  const code = await codeParity(artifact, ask, audited);
  const unknown: Comparison = { differences: [], unknown: ["everything"] };
  const settings = live
    ? await configuration(packaged, live, client, audited).catch((error: unknown) => {
        code.error ??= `the settings could not be compared: ${String(error)}`;
        if (code.status === "MATCH") code.status = "ERROR";
        return unknown;
      })
    : unknown;
  return {
    function_name: packaged.name,
    region,
    ...code,
    live_runtime: live?.Configuration?.Runtime ?? null,
    live_commit_tag: live?.Tags?.[COMMIT_TAG] ?? null,
    config_status: configStatus(settings),
    config_differences: settings.differences,
    config_unknown: settings.unknown,
  };
}

/** Compares the content of the shared layer that the stack has with what was built. */
export async function auditLayer(packages: PackagedService, audited: Audited): Promise<LayerResult> {
  const { region, physicalIds } = audited.surroundings;
  const Arn = physicalIds.get(LAYER_ID);
  const ask = async (): Promise<LiveCode | undefined> => {
    if (!Arn) return undefined;
    const { Content } = await new LambdaClient({ region }).send(new GetLayerVersionByArnCommand({ Arn }));
    return { location: Content?.Location, sha256: Content?.CodeSha256 };
  };
  const architecture = packages.layerArchitecture;
  const artifact = {
    zip: packages.layerZip,
    kind: "layer",
    architecture,
    functionName: null,
    hasLayer: false,
  } as const;
  return { layer: Arn ?? LAYER_ID, region, ...(await codeParity(artifact, ask, audited)) };
}
