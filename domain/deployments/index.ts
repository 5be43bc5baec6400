export { cancelRequest } from "./cancel-request.ts";
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
export { getRequest } from "./get-request.ts";
export { getSpec } from "./get-spec.ts";
export { listDeployments } from "./list-deployments.ts";
export { listPending } from "./list-pending.ts";
export { newRequest } from "./new-request.ts";
export { type Orchestration, orchestrateProject } from "./orchestrate/orchestrate-project.ts";
export { isRegistered, notRegistered } from "./project-check.ts";
export { type PublishedState, shownState } from "./project-state.ts";
export { setState, stateChange } from "./set-state.ts";
export { submitRequest } from "./submit-request.ts";
export { triggerProject } from "./trigger.ts";
