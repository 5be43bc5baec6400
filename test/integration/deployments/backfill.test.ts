import { expect, it } from "@jest/globals";
import { backfillPendingKeys } from "../../../scripts/backfill-pending-key.ts";
import { putDeployRow } from "../../support/deploy-rows.ts";
import { makePending, pendingRequest, storedDeployments } from "../../support/deployments.ts";
import { anyName } from "../../support/projects.ts";
import { directDynamodb, realName } from "../../support/services.ts";

it("requests of older writers get their place in the index, once, and nothing else does", async () => {
  const project = anyName();
  const TableName = realName("tables", "devops-deployment-manager");
  const { pending_key: key, ...older } = pendingRequest(project);
  await putDeployRow({ ...older });
  const { pending_key: _, ...over } = pendingRequest(project, { status: "cancelled" });
  await putDeployRow({ ...over });
  await makePending(project, 1);
  const pages: number[] = [];
  const first = await backfillPendingKeys(directDynamodb, TableName, ({ looked }) => pages.push(looked));
  expect(first.written).toBeGreaterThanOrEqual(1);
  expect(pages.at(-1)).toBe(first.looked);
  const { requests } = await storedDeployments(project);
  const keyOf = (id: string) => requests.find(({ request_id }) => request_id === id)?.pending_key;
  expect([keyOf(older.request_id), keyOf(over.request_id)]).toEqual([key, undefined]);
});
