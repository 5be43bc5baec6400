export {
  CHANGE_TYPES,
  DEFAULT_TYPE,
  DEPLOYMENT_TYPES,
  type DeploymentType,
  isUiType,
  NON_UI_RULES,
  nonUiRule,
  PRE_DEPLOY_HOOKS,
} from "./deployment-type.ts";
export { type Finalized, finalizeBuild, type Sweep, sweepBuilds } from "./finalize/finalize-build.ts";
export { type Orchestration, orchestrateProject } from "./orchestrate/orchestrate-project.ts";
