import type { VisibleProjects } from "@enceladus/shared/auth-context";
import type { TransactItem } from "@enceladus/shared/dynamodb";
import { invalidInput } from "@enceladus/shared/errors";
import { currentStatus } from "./lifecycle.ts";
import { edgesTo } from "./link-store.ts";
import { projectsOfIds } from "./projects-of-ids.ts";
import { type RecordAddress, type TrackerRecord, textList, typeNamedBy } from "./record.ts";
import { keyOf, readRecords } from "./record-store.ts";
import { tables } from "./tables.ts";

const SHIPPED = ["deployed", "closed"];
/** A transaction takes 100 items; two are the record and its history entry. */
const MAX_CHECKS = 98;

interface TaskState {
  id: string;
  status: string;
}

function rootsOf(feature: TrackerRecord): string[] {
  const ids = [feature.primary_task ?? "", ...textList(feature.related_task_ids)];
  return [...new Set(ids.map((id) => id.trim().toUpperCase()).filter((id) => id !== ""))];
}

/** The children that there are for the caller; one in a project that it may not see is none. */
async function childrenOf(ids: readonly string[], visible: VisibleProjects): Promise<string[]> {
  const edges = await Promise.all(ids.map((id) => edgesTo(id, "parent")));
  const children = [...new Set(edges.flat().map(({ from }) => from))].filter((id) => typeNamedBy(id) === "task");
  if (visible === "all") return children;
  const projectOf = await projectsOfIds(children, visible);
  return children.filter((id) => projectOf(id) !== undefined);
}

/** Every task below the roots, breadth first; a visited set makes cycles harmless. */
async function withDescendants(roots: readonly string[], visible: VisibleProjects): Promise<string[]> {
  const visited = new Set(roots);
  let level = [...roots];
  while (level.length > 0) {
    level = (await childrenOf(level, visible)).filter((id) => !visited.has(id));
    for (const id of level) visited.add(id);
  }
  return [...visited];
}

async function taskAddresses(
  ids: readonly string[],
  ownProject: string,
  visible: VisibleProjects,
): Promise<RecordAddress[]> {
  const projectOf = await projectsOfIds(ids, visible);
  return ids.map((itemId) => ({ projectId: projectOf(itemId)?.project_id ?? ownProject, type: "task", itemId }));
}

/** The tasks as they were judged must still be so when the feature's status is written. */
function stillShipped(address: RecordAddress, status: string): TransactItem {
  const statusAsJudged = "#status = :status";
  return {
    ConditionCheck: {
      TableName: tables.records(),
      Key: keyOf(address),
      ConditionExpression: statusAsJudged,
      ExpressionAttributeNames: { "#status": "status" },
      ExpressionAttributeValues: { ":status": status },
    },
  };
}

/**
 * A feature goes to production when every task of it is deployed or closed: its primary task, its related tasks, and
 * all their descendants by `parent`, in whatever project they are.
 * @param visible the projects that there are for the caller: a task elsewhere that the feature names is not found, one
 *   below its tasks is none of them
 * @returns condition checks for the transaction that writes the status (none when there are more tasks than fit)
 * @throws DomainError INVALID_INPUT that lists the tasks that are not ready, INTERNAL_ERROR
 */
export async function checkChildTasks(feature: TrackerRecord, visible: VisibleProjects): Promise<TransactItem[]> {
  const roots = rootsOf(feature);
  if (roots.length === 0) throw invalidInput("The feature has no child tasks.");
  const ids = await withDescendants(roots, visible);
  const addresses = await taskAddresses(ids, feature.project_id, visible);
  const found = new Map((await readRecords(addresses)).map((task) => [task.item_id, task]));
  const states: TaskState[] = ids.map((id) => ({ id, status: String(found.get(id)?.status ?? "not_found") }));
  const notReady = states
    .filter(({ status }) => !SHIPPED.includes(currentStatus("task", status)))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  if (notReady.length > 0) {
    const lines = notReady.slice(0, 20).map(({ id, status }) => `${id} (${status})`);
    throw invalidInput(`${notReady.length} child tasks are not deployed or closed:\n${lines.join("\n")}`, {
      not_ready: notReady,
      next_action: "Bring these tasks to deployed or closed first.",
    });
  }
  if (addresses.length > MAX_CHECKS) return [];
  return addresses.map((address) => stillShipped(address, String(found.get(address.itemId)?.status)));
}
