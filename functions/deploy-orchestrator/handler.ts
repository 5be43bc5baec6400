import { queueWorker } from "@enceladus/middleware/queue-worker";
import * as z from "zod";
import { orchestrateProject } from "../../domain/deployments/index.ts";

const message = z.object({ project_id: z.string().trim().min(1).max(128), trigger: z.string().max(64).optional() });

/** Looks at each project of a batch once, however many messages name it. */
export const handler = queueWorker("deployments", message, ([{ project_id }]) => orchestrateProject(project_id), {
  groupBy: ({ project_id }) => project_id,
  atOnce: 4,
});
