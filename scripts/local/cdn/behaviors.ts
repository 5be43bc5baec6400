import type { CloudFrontEvent, FunctionDefinition, ServiceConfiguration } from "../configuration.ts";
import { LocalError } from "../errors.ts";
import { normalizedPath, patternMatcher } from "./path-pattern.ts";

/** One cache behaviour of the distribution: which requests it is for, and what happens to them. */
export interface Behavior {
  pathPattern: string;
  /** The viewer-request function, by its deployed name. */
  functionName: string;
  allowedMethods: readonly string[];
  /** Logical id of the response headers policy, where the behaviour names one. */
  responseHeadersPolicy: string | undefined;
}

/** What CloudFront allows where nothing else is said. */
const DEFAULT_METHODS = ["GET", "HEAD"];

function cloudFrontEvents({ events = [] }: FunctionDefinition): CloudFrontEvent[] {
  return events.flatMap(({ cloudFront }) => (cloudFront === undefined ? [] : [cloudFront]));
}

function behaviorOf(event: CloudFrontEvent, functionName: string): Behavior {
  const { pathPattern, eventType, behavior = {} } = event;
  if (eventType !== "viewer-request" || pathPattern === undefined) {
    const declared = `${eventType} of ${pathPattern ?? "every path"}`;
    throw new LocalError(
      `The local CDN knows viewer-request with a pathPattern, but ${functionName} is for ${declared}.`,
    );
  }
  const { AllowedMethods: allowedMethods = DEFAULT_METHODS, ResponseHeadersPolicyId: policy } = behavior;
  const responseHeadersPolicy = typeof policy === "object" && "Ref" in policy ? policy.Ref : undefined;
  return { pathPattern, functionName, allowedMethods, responseHeadersPolicy };
}

/**
 * The behaviours that the `cloudFront` events of the functions make, in the order in which CloudFront tries them.
 * @throws LocalError for an event that the local CDN does not know
 */
export function behaviorsOf({ functions }: Pick<ServiceConfiguration, "functions">): Behavior[] {
  return Object.values(functions).flatMap((definition) =>
    cloudFrontEvents(definition).map((event) => behaviorOf(event, definition.name)),
  );
}

/** @returns what finds the behaviour for a raw path; undefined where there is none */
export function behaviorFinder(behaviors: readonly Behavior[]): (rawPath: string) => Behavior | undefined {
  const matchers = behaviors.map((behavior) => ({ behavior, matches: patternMatcher(behavior.pathPattern) }));
  return (rawPath) => {
    // The target of a request can be other things than a path.
    if (!rawPath.startsWith("/")) return undefined;
    const path = normalizedPath(rawPath);
    return matchers.find(({ matches }) => matches(path))?.behavior;
  };
}
