/** How much a change is, in the words of semantic versioning. */
export const CHANGE_TYPES = ["patch", "minor", "major"] as const;
export type ChangeType = (typeof CHANGE_TYPES)[number];

/** What is built and published by the builder. */
export const UI_TYPES = [
  "github_public_static",
  "github_private_sst",
  "github_public_workers",
  "github_private_workers",
] as const;

export const DEFAULT_TYPE: UiType = "github_public_static";
export type UiType = (typeof UI_TYPES)[number];

/** What a deployment has to name and to have checked where no builder carries it out. */
export interface NonUiRule {
  serviceGroup: string;
  /** The ARN of the target begins with one of these. */
  targetPrefixes: readonly string[];
  /** In alphabetical order. */
  requiredChecks: readonly string[];
}

const LAMBDA: NonUiRule = {
  serviceGroup: "lambda",
  targetPrefixes: ["arn:aws:lambda:"],
  requiredChecks: ["cold_start_regression_check", "runtime_compatibility_check"],
};

const GLUE: NonUiRule = {
  serviceGroup: "glue",
  targetPrefixes: ["arn:aws:glue:"],
  requiredChecks: ["timeout_config_check", "worker_type_check"],
};

/** Every type that is recorded here and carried out elsewhere. The one copy of this table. */
export const NON_UI_RULES = {
  lambda_update: LAMBDA,
  lambda_layer: LAMBDA,
  container_template: {
    serviceGroup: "container",
    targetPrefixes: ["arn:aws:ecs:", "arn:aws:ecr:", "arn:aws:codebuild:"],
    requiredChecks: ["image_architecture_check", "resource_limits_check"],
  },
  glue_crawler_update: GLUE,
  glue_job_update: GLUE,
  eventbridge_rule: {
    serviceGroup: "eventbridge",
    targetPrefixes: ["arn:aws:events:"],
    requiredChecks: ["schedule_safety_check"],
  },
  s3_asset_sync: {
    serviceGroup: "s3",
    targetPrefixes: ["arn:aws:s3:::"],
    requiredChecks: ["bucket_policy_check"],
  },
  cloudfront_config: {
    serviceGroup: "cloudfront",
    targetPrefixes: ["arn:aws:cloudfront::"],
    requiredChecks: ["cache_behavior_check"],
  },
  step_function_update: {
    serviceGroup: "step_function",
    targetPrefixes: ["arn:aws:states:"],
    requiredChecks: ["state_machine_validation_check"],
  },
} as const satisfies Record<string, NonUiRule>;

export type NonUiType = keyof typeof NON_UI_RULES;
export type DeploymentType = UiType | NonUiType;

/** Every deployment type, those of the builder first. */
export const DEPLOYMENT_TYPES: readonly DeploymentType[] = [...UI_TYPES, ...(Object.keys(NON_UI_RULES) as NonUiType[])];

export function isUiType(type: string): type is UiType {
  return UI_TYPES.some((known) => known === type);
}

/** The rule of a type that no builder carries out; undefined for any other text. */
export function nonUiRule(type: string): NonUiRule | undefined {
  return Object.hasOwn(NON_UI_RULES, type) ? NON_UI_RULES[type as NonUiType] : undefined;
}

/** What can be run before a request is taken. */
export const PRE_DEPLOY_HOOKS = ["doc_prep"] as const;
export type PreDeployHook = (typeof PRE_DEPLOY_HOOKS)[number];
