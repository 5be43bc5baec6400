import { invalidInput } from "@enceladus/shared/errors";
import * as z from "zod";
import { jsonObject } from "./config-store.ts";
import { nonUiRule } from "./deployment-type.ts";
import { type DeployRequest, parsedOr } from "./request.ts";
import { textList, withoutBlanks } from "./text-list.ts";

/** What a deployment that no builder carries out is about, complete. */
export interface NonUiConfig {
  service_group: string;
  target_arn: string;
  target_region: string;
  rollback_on_failure: boolean;
  validation_checks: string[];
}

const needed = {
  error: ({ input }: { input?: unknown }) =>
    input === undefined || input === null ? "is required" : "must be a string",
};
const atMost = (most: number) => `must have at most ${most} characters`;

/** As a caller may send it. Unknown fields are dropped. */
export const nonUiConfigInput = z.object({
  service_group: z.string(needed).trim().max(64, atMost(64)),
  target_arn: z.string(needed).trim().max(2_048, atMost(2_048)),
  validation_checks: textList(100, 128).nullish(),
  target_region: z.string("must be a string").trim().max(64, atMost(64)).nullish(),
  rollback_on_failure: z.boolean("must be a boolean").nullish(),
});
export type NonUiConfigInput = z.output<typeof nonUiConfigInput>;

/**
 * The configuration of a deployment that no builder carries out, with all that its type demands.
 * @param type one that `nonUiRule` knows
 * @param region where the target is if it does not say
 * @throws DomainError INVALID_INPUT that says what is missing
 */
export function completeConfig(type: string, sent: NonUiConfigInput | null | undefined, region: string): NonUiConfig {
  const rule = nonUiRule(type);
  if (!rule) throw invalidInput(`deployment_type '${type}' takes no non_ui_config.`);
  if (!sent) throw invalidInput(`non_ui_config is required for deployment_type '${type}'.`);
  if (sent.service_group !== rule.serviceGroup) {
    throw invalidInput(`non_ui_config.service_group must be '${rule.serviceGroup}' for deployment_type '${type}'.`);
  }
  if (!rule.targetPrefixes.some((prefix) => sent.target_arn.startsWith(prefix))) {
    throw invalidInput(`non_ui_config.target_arn must start with ${rule.targetPrefixes.join(" or ")}.`);
  }
  const checks = sent.validation_checks ? withoutBlanks(sent.validation_checks) : rule.requiredChecks;
  const missing = rule.requiredChecks.filter((check) => !checks.includes(check));
  if (missing.length > 0) {
    throw invalidInput(`non_ui_config.validation_checks lacks ${missing.join(", ")}.`, { missing_checks: missing });
  }
  return {
    service_group: sent.service_group,
    target_arn: sent.target_arn,
    target_region: sent.target_region || region,
    rollback_on_failure: sent.rollback_on_failure ?? true,
    validation_checks: [...checks],
  };
}

/** What a pre-deploy hook came to. */
export interface HookResult {
  hook: string;
  success: boolean;
  status_code: number;
  result: unknown;
}

/** A hook that a request asked for without having passed it; undefined if there is none. */
function hookNotPassed({ pre_deploy_hooks = [], pre_deploy_results }: DeployRequest): string | undefined {
  const parsed = parsedOr(pre_deploy_results ?? "[]");
  const results = Array.isArray(parsed) ? (parsed as Partial<HookResult>[]) : [];
  return pre_deploy_hooks.find((hook) => !results.some((result) => result?.hook === hook && result.success === true));
}

/** A stored request whose configuration holds, or why it does not. */
export type Judged = { config: NonUiConfig } | { rejected: string };

/**
 * Judges a stored request again: it may come from another writer, and what a type demands may have changed.
 * @param region where the target is if it does not say
 */
export function judgeNonUiRequest(request: DeployRequest, type: string, region: string): Judged {
  const stored = jsonObject(request.non_ui_config ?? "");
  const parsed = nonUiConfigInput.safeParse(stored);
  if (!parsed.success) return { rejected: "non_ui_config is missing or has the wrong form." };
  const hook = hookNotPassed(request);
  if (hook !== undefined) return { rejected: `The pre-deploy hook ${hook} has no successful result.` };
  try {
    return { config: completeConfig(type, parsed.data, region) };
  } catch (error) {
    return { rejected: (error as Error).message };
  }
}
