import type { ArtifactCode } from "../artifact-guard/finding.ts";
import type { LoadFinding } from "../packages/load-finding.ts";
import type { FindingCode } from "./finding.ts";

/** What the guards report, each by its codes. */
export type Rule = FindingCode | ArtifactCode | LoadFinding["code"];

/** An exception to a rule, with the reason for it. */
export interface Exception {
  rule: Rule;
  /** The function it holds for; null for all. */
  function_name: string | null;
  /** What is allowed: an action, a package, the path of an entry, or null where the rule has but one thing to say of a function. */
  value: string | null;
  reason: string;
}

/** resources/guard-allow-list.json. */
export class AllowList {
  readonly #exceptions: readonly Exception[];

  /** @throws Error when an exception has no reason */
  constructor(exceptions: readonly Exception[]) {
    const unreasoned = exceptions.find(({ reason }) => typeof reason !== "string" || reason.trim() === "");
    if (unreasoned) throw new Error(`the exception to ${unreasoned.rule} has no reason`);
    this.#exceptions = exceptions;
  }

  allows(rule: Rule, functionName: unknown, value: string | null = null): boolean {
    return this.#exceptions.some(
      (exception) =>
        exception.rule === rule &&
        (exception.function_name === null || exception.function_name === functionName) &&
        exception.value === value,
    );
  }
}
