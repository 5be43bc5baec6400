import { afterEach, describe, expect, it } from "@jest/globals";
import type { Context, SQSEvent } from "aws-lambda";
import { handler as finalizeHandler } from "../../../functions/deploy-finalize/handler.ts";
import { handler } from "../../../functions/deploy-orchestrator/handler.ts";
import {
  buildEndDetail,
  buildsOf,
  checkDeployments,
  deployableProject,
  makePending,
} from "../../support/deployments.ts";
import { anyName } from "../../support/projects.ts";
import { actAs, callsDuring, clearFaults, injectFault } from "../../support/services.ts";

actAs("deployOrchestrator");

afterEach(clearFaults);

let sent = 0;

function message(body: unknown, group: string): SQSEvent["Records"][number] {
  sent += 1;
  return {
    messageId: `message-${sent}`,
    receiptHandle: "handle",
    body: typeof body === "string" ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: "1",
      SentTimestamp: String(Date.now()),
      SenderId: "test",
      ApproximateFirstReceiveTimestamp: String(Date.now()),
      MessageGroupId: group,
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:devops-deploy-queue.fifo",
    awsRegion: "us-east-1",
  };
}

const trigger = (project_id: string) => message({ project_id, trigger: "deploy_request" }, project_id);

const CONTEXT = { getRemainingTimeInMillis: () => 60_000 } as Context;

async function failures(...Records: SQSEvent["Records"]): Promise<string[]> {
  const { batchItemFailures } = await handler({ Records }, CONTEXT);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort();
}

describe("messages of the deploy queue", () => {
  it("of one project are one look at it", async () => {
    const project = await deployableProject();
    await makePending(project, 1);
    const calls = await callsDuring(() => failures(trigger(project), trigger(project), trigger(project)));
    expect(calls.filter(({ operation }) => operation === "StartBuild")).toHaveLength(1);
    expect(await failures(trigger(project))).toEqual([]);
    expect(await buildsOf(project)).toHaveLength(1);
  });

  it("come again, all of a project, where its work may succeed later, and no others do", async () => {
    const [bad, good] = [await deployableProject(), await deployableProject()];
    await makePending(bad, 1);
    await makePending(good, 1);
    await injectFault({ service: "s3", match: `deploy-config/${bad}/state.json`, error: "AccessDenied", times: 9 });
    const [one, other, two] = [trigger(bad), trigger(good), trigger(bad)];
    expect(await failures(one, other, two)).toEqual([one.messageId, two.messageId].sort());
    expect((await checkDeployments(good)).uiSpecs).toHaveLength(1);
    await clearFaults();
    expect(await failures(one, two)).toEqual([]);
    expect((await checkDeployments(bad)).uiSpecs).toHaveLength(1);
  });

  it("are taken from the queue where they can never be understood, or there is nothing to do", async () => {
    const project = anyName();
    expect(
      await failures(
        message("no json", "a"),
        message([], "b"),
        message({ project_id: 7 }, "c"),
        message({ trigger: "x" }, "d"),
        trigger(project),
      ),
    ).toEqual([]);
  });

  it("may come three times, in any order, with the ends of builds among them", async () => {
    const project = await deployableProject();
    await makePending(project, 3);
    await failures(trigger(project));
    const [spec] = (await checkDeployments(project)).uiSpecs;
    if (!spec) throw new Error("no spec");
    const event = { id: "1", source: "aws.codebuild", detail: buildEndDetail(spec) };
    const end = () => finalizeHandler(event as never, CONTEXT);
    await Promise.all([end(), failures(trigger(project)), end()]);
    await Promise.all([failures(trigger(project)), end(), failures(trigger(project))]);
    const { uiSpecs, deployments, requests } = await checkDeployments(project);
    expect([uiSpecs.length, deployments.length, requests.length]).toEqual([1, 1, 3]);
    expect(await buildsOf(project)).toHaveLength(1);
  });

  it("of a project whose builds are looked for by hand need nobody to wait", async () => {
    const project = await deployableProject();
    await makePending(project, 1);
    await failures(trigger(project));
    const answer = await finalizeHandler({ reconcile: { project_id: project } }, CONTEXT);
    expect(answer).toMatchObject({ success: true, project_id: project, open: 1 });
    await expect(finalizeHandler({ reconcile: {} as never }, CONTEXT)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });
});
