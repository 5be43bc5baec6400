import type { BuildingSpec } from "./rows.ts";

/** Messages of the deploy queue, one for each project. */
export function triggersOf(projectIds: readonly string[]) {
  const sentAt = String(Date.now());
  return {
    Records: projectIds.map((project_id, index) => ({
      messageId: `message-${index}-${project_id}`,
      receiptHandle: "handle",
      body: JSON.stringify({ project_id, trigger: "deploy_request" }),
      attributes: { ApproximateReceiveCount: "1", SentTimestamp: sentAt, MessageGroupId: project_id },
      messageAttributes: {},
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:devops-deploy-queue.fifo",
      awsRegion: "us-east-1",
    })),
  };
}

/** The event that the build of a spec has succeeded. */
export function successOf({ project_id, spec_id, codebuild_build_id }: BuildingSpec, builder: string) {
  const variable = (name: string, value: string) => ({ name, value, type: "PLAINTEXT" });
  return {
    id: `event-${project_id}-${spec_id}`,
    source: "aws.codebuild",
    "detail-type": "CodeBuild Build State Change",
    detail: {
      "build-status": "SUCCEEDED",
      "project-name": builder,
      "build-id": `arn:aws:codebuild:us-east-1:000000000000:build/${codebuild_build_id}`,
      "additional-information": {
        "build-start-time": "Jan 1, 2026 12:00:00 PM",
        environment: {
          "environment-variables": [variable("DEPLOY_SPEC_ID", spec_id), variable("DEPLOY_PROJECT_ID", project_id)],
        },
      },
    },
  };
}
