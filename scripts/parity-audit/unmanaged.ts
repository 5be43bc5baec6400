import { resourcesOfType, type StackTemplate } from "../template/stack-template.ts";
import type { Inventory, InventoryItem, Unmanaged } from "./report.ts";
import { declaredRoutes, type Route, routeText } from "./routes.ts";

/** What is declared of each kind that is looked for, and which property has its name. */
const KINDS = [
  { kind: "function", inventory: "lambda", type: "AWS::Lambda::Function", property: "FunctionName" },
  { kind: "queue", inventory: "sqs", type: "AWS::SQS::Queue", property: "QueueName" },
  { kind: "table", inventory: "dynamodb", type: "AWS::DynamoDB::Table", property: "TableName" },
] as const;

const PRODUCTION = "prod";

/** The stages in an account, by the names of their stacks. */
export function stagesOf(stackNames: readonly string[], service: string): string[] {
  const prefix = `${service}-`;
  return stackNames.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
}

/** Whether a resource bears the name of a stage. Those of production have no ending, so they are what nobody else has. */
function isOfStage(name: string, stage: string, stages: readonly string[]): boolean {
  const whole = name.replace(/\.fifo$/, "");
  const endsLike = (other: string) => whole.endsWith(`-${other}`);
  if (stage !== PRODUCTION) return endsLike(stage);
  return !stages.some((other) => other !== PRODUCTION && endsLike(other));
}

function declaredNames(template: StackTemplate, type: string, property: string): Set<unknown> {
  return new Set(resourcesOfType(template, type).map(([, { Properties }]) => Properties?.[property]));
}

/**
 * What is live and declared nowhere: made by hand, or left behind.
 * @param routes of the HTTP API; undefined where one may not ask
 * @param stages all stages in the account: what is another one's is left to it
 */
export function unmanaged(
  template: StackTemplate,
  inventory: Inventory,
  routes: { live: readonly Route[]; region: string } | undefined,
  { stage, stages }: { stage: string; stages: readonly string[] },
): Unmanaged[] {
  const resources = KINDS.flatMap(({ kind, inventory: listed, type, property }) => {
    const declared = declaredNames(template, type, property);
    const isForeign = ({ name }: InventoryItem) => !declared.has(name) && isOfStage(name, stage, stages);
    return inventory.resources[listed].filter(isForeign).map(({ name, region = "" }) => ({ kind, name, region }));
  });
  const known = new Set(declaredRoutes(template).map(({ key }) => key));
  const unknownRoutes = (routes?.live ?? []).filter(({ key }) => !known.has(key));
  const region = routes?.region ?? "";
  return [...resources, ...unknownRoutes.map((route) => ({ kind: "route" as const, name: routeText(route), region }))];
}
