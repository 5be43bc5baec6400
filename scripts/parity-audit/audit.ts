import { CloudFormationClient, paginateListStacks } from "@aws-sdk/client-cloudformation";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import pLimit from "p-limit";
import { UserError } from "../api/user-error.ts";
import type { PackagedService } from "../packages/package-service.ts";
import { errorText } from "../service/aws-errors.ts";
import { physicalIds } from "../template/deployed-template.ts";
import { resolveReferences, type Surroundings } from "../template/references.ts";
import { packagedTemplate, type StackTemplate } from "../template/stack-template.ts";
import type { AllowList } from "../workflow-guard/allow-list.ts";
import { answerOf, type Unanswered } from "./access.ts";
import { type Audited, auditFunction, auditLayer } from "./functions.ts";
import { takeInventory } from "./inventory.ts";
import { type Inventory, type ParityReport, statsOf } from "./report.ts";
import { liveRoutes, type Route } from "./routes.ts";
import { settingsParity } from "./settings.ts";
import { stagesOf, unmanaged } from "./unmanaged.ts";

const SERVICE = "enceladus";
const AT_ONCE = 4;

export interface AuditOptions {
  stage: string;
  /** Where to look; the stack is in the first. */
  regions: readonly [string, ...string[]];
  /** Which names are ours besides those that are declared. */
  filter: RegExp;
  packages: PackagedService;
  allowed: AllowList;
  /** For what is loaded; outside the repository. */
  folder: string;
}

export interface Audit {
  report: ParityReport;
  inventory: Inventory;
}

async function accountId(region: string): Promise<string> {
  try {
    const { Account } = await new STSClient({ region }).send(new GetCallerIdentityCommand());
    return Account ?? "";
  } catch (error) {
    throw new UserError(`AWS does not know who is asking (${errorText(error)}). Are there credentials?`);
  }
}

async function stackNames(region: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { StackSummaries = [] } of paginateListStacks(
    { client: new CloudFormationClient({ region }) },
    {},
  )) {
    const live = StackSummaries.filter(({ StackStatus }) => StackStatus !== "DELETE_COMPLETE");
    names.push(...live.map(({ StackName = "" }) => StackName));
  }
  return names;
}

/** The names that the template gives, of whatever kind. */
function declaredNames({ Resources }: StackTemplate): Set<string> {
  const values = Object.values(Resources).flatMap(({ Properties = {} }) =>
    Object.entries(Properties).flatMap(([key, value]) => (/Name$/.test(key) ? [value] : [])),
  );
  return new Set(values.filter((value) => typeof value === "string"));
}

interface Asked {
  surroundings: Surroundings;
  /** Whether the stack could be asked what it has. */
  isSeen: boolean;
  routes: Route[] | undefined;
  stages: string[];
}

/** Questions to the account that more than one comparison needs. */
async function askAccount(
  { stage, regions: [region] }: AuditOptions,
  template: StackTemplate,
  unanswered: Unanswered,
): Promise<Asked> {
  const stackName = `${SERVICE}-${stage}`;
  const question = (service: string, operation: string) => ({ service, operation, region });
  const ids = await answerOf(
    question("cloudformation", "ListStackResources"),
    () => physicalIds({ region }, stackName),
    unanswered,
  );
  const apiId = ids?.get("HttpApi");
  const routes = await answerOf(
    question("apigatewayv2", "GetRoutes"),
    async () => (apiId ? liveRoutes({ region }, apiId) : undefined),
    unanswered,
  );
  const names = await answerOf(question("cloudformation", "ListStacks"), () => stackNames(region), unanswered);
  const account = await accountId(region);
  return {
    surroundings: { account, region, stackName, template, physicalIds: ids ?? new Map() },
    isSeen: ids !== undefined,
    routes,
    stages: stagesOf(names ?? [], SERVICE),
  };
}

/**
 * Compares everything that is live of a stage with what was packaged for it. One thing's error leaves the others to be
 * looked at; what may not be looked at is a warning.
 * @throws UserError without credentials
 */
export async function audit(options: AuditOptions): Promise<Audit> {
  const { packages, allowed, folder, filter, regions, stage } = options;
  const template = packagedTemplate(packages.directory);
  const unanswered: Unanswered = { warnings: [], failures: [] };
  const { surroundings, isSeen, routes, stages } = await askAccount(options, template, unanswered);
  const resolve = (value: unknown) => resolveReferences(value, surroundings);
  const audited: Audited = { surroundings, resolve, routes, allowed, folder };
  const atOnce = pLimit(AT_ONCE);
  const results = await Promise.all(packages.functions.map((found) => atOnce(() => auditFunction(found, audited))));
  const layers = isSeen ? [await auditLayer(packages, audited)] : [];
  const settings = await settingsParity(surroundings, resolve);
  const declared = declaredNames(template);
  const inventory = await takeInventory(regions, (name) => declared.has(name) || filter.test(name), unanswered);
  const live = routes && { live: routes, region: surroundings.region };
  const findings = { results, layers, settings, unmanaged: unmanaged(template, inventory, live, { stage, stages }) };
  const report = { generated_at: new Date().toISOString(), ...findings, stats: statsOf(findings) };
  return { report, inventory };
}
