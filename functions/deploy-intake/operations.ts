import type { Operation } from "@enceladus/middleware/operation";
import { getDeploySpec, listDeployHistory } from "./deployment-operations.ts";
import {
  cancelDeployRequest,
  getDeployRequest,
  listPendingRequests,
  submitDeployRequest,
} from "./request-operations.ts";
import { getDeployState, setDeployState, triggerDeployment } from "./state-operations.ts";

/** What the intake of deployments serves. */
export const operations: readonly Operation[] = [
  submitDeployRequest,
  getDeployState,
  setDeployState,
  triggerDeployment,
  getDeploySpec,
  listDeployHistory,
  listPendingRequests,
  getDeployRequest,
  cancelDeployRequest,
];
