import type { References } from "../local/resolve-references.ts";
import type { UsedPermission } from "../local/wire/used-permissions.ts";
import type { ResolvedConfig, Settings } from "../service/resolved-config.ts";

/** One action on one resource that a statement of a role allows. */
export interface Grant {
  /** Key in serverless.yml. */
  function: string;
  action: string;
  /** The resource as the declaration names it: `TrackerTable.Arn`, `${AssetsBucket.Arn}/docs/*`. */
  declared: string;
  /** The resource's ARN, perhaps with wildcards. */
  resource: string;
  condition: Settings;
}

function list(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function settings(value: unknown): Settings {
  return typeof value === "object" && value !== null ? (value as Settings) : {};
}

/** How the declaration puts a resource, in one word. */
export function declaredName(resource: unknown): string {
  if (typeof resource === "string") return resource;
  const { Ref, "Fn::GetAtt": attribute, "Fn::Sub": text } = settings(resource);
  if (typeof Ref === "string") return Ref;
  if (attribute !== undefined) return list(attribute).join(".");
  return typeof text === "string" ? text : JSON.stringify(resource);
}

/**
 * What the functions' roles allow, as they declare it; not what the framework adds for reading streams and queues.
 * @throws Error for a statement that is not understood
 */
export function grantsOf(config: ResolvedConfig, references: References): Grant[] {
  return Object.entries(config.functions).flatMap(([key, { iamRoleStatements }]) =>
    list(iamRoleStatements)
      .map(settings)
      .flatMap(({ Effect, Action, Resource, Condition, ...more }) => {
        const unknown = Object.keys(more).filter((name) => name !== "Sid");
        if (Effect !== "Allow" || unknown.length > 0) {
          throw new Error(
            `a statement of ${key} is not understood: ${unknown.join(", ") || `Effect ${String(Effect)}`}`,
          );
        }
        return list(Action).flatMap((action) =>
          list(Resource).map((resource) => ({
            function: key,
            action: String(action),
            declared: declaredName(resource),
            resource: references.text(resource),
            condition: settings(Condition),
          })),
        );
      }),
  );
}

/** What a function needs because Lambda itself, in its role, sends what has failed to a queue. */
export function neededByLambda(config: ResolvedConfig, references: References): UsedPermission[] {
  return Object.entries(config.functions).flatMap(([key, { destinations, events }]) => {
    const ofStreams = list(events).map((event) => settings(settings(event).stream).destinations);
    const targets = [destinations, ...ofStreams].map((part) => settings(settings(part).onFailure));
    return targets
      .filter(({ type }) => type === "sqs")
      .map(({ arn }) => ({ function: key, action: "sqs:SendMessage", resource: references.text(arn), context: {} }));
  });
}

/** Whether a text has the form of a pattern with `*` for any characters and `?` for one. */
function isLike(pattern: string, value: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[^]*")
    .replaceAll("?", "[^]");
  return new RegExp(`^${source}$`).test(value);
}

/** The operators that the roles use: each says whether one value fits one of those that are allowed. */
const OPERATORS: Readonly<Record<string, (allowed: string, value: string) => boolean>> = {
  StringEquals: (allowed, value) => allowed === value,
  StringLike: isLike,
};

/**
 * Whether a condition holds for every value that was seen. A key that was never there lets `IfExists` and `ForAllValues`
 * hold, and nothing else.
 * @throws Error for an operator that is not understood
 */
function holds(condition: Settings, context: UsedPermission["context"]): boolean {
  return Object.entries(condition).every(([name, keys]) => {
    const mayBeAbsent = name.startsWith("ForAllValues:") || name.endsWith("IfExists");
    const fits = OPERATORS[name.replace(/^ForAllValues:/, "").replace(/IfExists$/, "")];
    if (!fits) throw new Error(`the condition ${name} is not understood`);
    return Object.entries(settings(keys)).every(([key, allowed]) => {
      const values = context[key] ?? [];
      if (values.length === 0) return mayBeAbsent;
      return values.every((value) => list(allowed).some((one) => fits(String(one), value)));
    });
  });
}

/** Whether a grant allows what was done. */
export function covers(grant: Grant, used: UsedPermission): boolean {
  return (
    grant.function === used.function &&
    // IAM does not tell the letter case of actions apart.
    isLike(grant.action.toLowerCase(), used.action.toLowerCase()) &&
    isLike(grant.resource, used.resource) &&
    holds(grant.condition, used.context)
  );
}
