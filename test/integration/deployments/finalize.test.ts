import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, it } from "@jest/globals";
import { finalizeBuild, orchestrateProject, sweepBuilds } from "../../../domain/deployments/index.ts";
import type { UiSpec } from "../../../domain/deployments/spec.ts";
import { configOf, putConfig, putDeployRow } from "../../support/deploy-rows.ts";
import {
  buildEndDetail,
  buildsOf,
  checkDeployments,
  deployableProject,
  makePending,
} from "../../support/deployments.ts";
import { eventually } from "../../support/eventually.ts";
import { makeProject } from "../../support/projects.ts";
import { actAs, callsDuring, clearFaults, injectFault, realName, services } from "../../support/services.ts";
import { call, create, pathOf } from "../../support/tracker-api.ts";

actAs("deployFinalize");

afterEach(clearFaults);

const sqs = new SQSClient({
  endpoint: services.direct.sqs,
  region: services.region,
  credentials: services.credentials,
  useQueueUrlAsEndpoint: false,
});

/** The messages that wait for a project; taking them removes none. */
async function triggersFor(project: string): Promise<Record<string, unknown>[]> {
  const calls = {
    QueueUrl: realName("queues", "devops-deploy-queue.fifo"),
    MaxNumberOfMessages: 10,
    VisibilityTimeout: 0,
  };
  const found = new Map<string, Record<string, unknown>>();
  for (let look = 0; look < 30; look += 1) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ ...calls, WaitTimeSeconds: 0 }));
    for (const { MessageId = "", Body = "{}" } of Messages) found.set(MessageId, JSON.parse(Body));
    if ([...found.values()].some(({ project_id }) => project_id === project)) break;
  }
  return [...found.values()].filter(({ project_id }) => project_id === project);
}

async function building(fields = {}, count = 2, project = ""): Promise<{ project: string; spec: UiSpec }> {
  const projectId = await deployableProject(project ? { projectId: project } : {});
  await makePending(projectId, count, fields);
  await orchestrateProject(projectId);
  const spec = (await checkDeployments(projectId)).uiSpecs.find(({ status }) => status === "building");
  if (!spec) throw new Error("no build was started");
  return { project: projectId, spec };
}

describe("the end of a build that succeeded", () => {
  it("deploys: spec, deployment, requests, version and the project's free build are one fact", async () => {
    const { project, spec } = await building({ change_type: "major" });
    const detail = buildEndDetail(spec);
    expect(await finalizeBuild(detail)).toEqual({ outcome: "deployed", project_id: project, spec_id: spec.spec_id });
    const { uiSpecs, deployments, requests, state } = await checkDeployments(project);
    const [deployment] = deployments;
    expect(uiSpecs[0]).toMatchObject({
      status: "deployed",
      completed_at: expect.any(String),
      deploy_id: deployment?.deploy_id,
    });
    expect(uiSpecs[0]).not.toHaveProperty("open_spec");
    expect(deployment).toEqual({
      project_id: project,
      record_id: `deploy#${deployment?.deploy_id}`,
      record_type: "deploy",
      deploy_id: expect.stringMatching(/^DEP-\d{8}T\d{6}Z$/),
      spec_id: spec.spec_id,
      version: "1.0.0",
      previous_version: "0.0.0",
      change_type: "major",
      release_summary: spec.aggregated_release_summary,
      changes: spec.aggregated_changes,
      included_request_ids: spec.included_request_ids,
      related_record_ids: [],
      codebuild_build_id: detail["build-id"],
      deployed_at: uiSpecs[0]?.completed_at,
      duration_seconds: expect.any(Number),
    });
    expect(deployment?.duration_seconds).toBeGreaterThan(200_000_000);
    for (const request of requests) {
      expect(request).toMatchObject({
        status: "included",
        deploy_id: deployment?.deploy_id,
        completed_at: expect.any(String),
      });
    }
    expect(state).not.toHaveProperty("active_spec_id");
    expect(await configOf(project, "current-version.json")).toEqual({
      version: "1.0.0",
      deployed_at: deployment?.deployed_at,
      spec_id: spec.spec_id,
    });
  });

  it("has its effect once, told three times at once and again", async () => {
    const { project, spec } = await building();
    const detail = buildEndDetail(spec);
    await Promise.all([finalizeBuild(detail), finalizeBuild(detail), finalizeBuild(detail)]);
    expect(await finalizeBuild(detail)).toMatchObject({ outcome: "ignored" });
    expect(await finalizeBuild(buildEndDetail(spec, "FAILED"))).toMatchObject({ outcome: "ignored" });
    const { deployments, uiSpecs } = await checkDeployments(project);
    expect(deployments).toHaveLength(1);
    expect(uiSpecs[0]?.status).toBe("deployed");
  });

  it("counts before the build's id is noted on the spec", async () => {
    const { project, spec } = await building();
    const { codebuild_build_id: _, ...unnoted } = spec;
    await putDeployRow({ ...unnoted });
    expect(await finalizeBuild(buildEndDetail(spec))).toMatchObject({ outcome: "deployed" });
    expect((await checkDeployments(project)).deployments).toHaveLength(1);
  });

  it("does not take a version back that is published already", async () => {
    const { project, spec } = await building();
    await putConfig(project, "current-version.json", { version: "7.0.0", deployed_at: "x", spec_id: "y" });
    await finalizeBuild(buildEndDetail(spec));
    expect(await configOf(project, "current-version.json")).toMatchObject({ version: "7.0.0" });
  });

  it("gives the next build the next version, even while the published one is behind", async () => {
    const { project, spec } = await building();
    await injectFault({ service: "s3", operation: "PutObject", match: project, error: "AccessDenied", times: 9 });
    await expect(finalizeBuild(buildEndDetail(spec))).rejects.toThrow();
    await clearFaults();
    expect(await configOf(project, "current-version.json")).toBeUndefined();
    await makePending(project, 1);
    await orchestrateProject(project);
    const { uiSpecs } = await checkDeployments(project);
    expect(uiSpecs.map(({ resolved_version }) => resolved_version).sort()).toEqual(["0.0.1", "0.0.2"]);
    // What was left undone is found by the schedule.
    await sweepBuilds({ only: project });
    expect(await configOf(project, "current-version.json")).toMatchObject({ version: "0.0.1" });
  });

  it("says so if others wait, and does not if nobody does", async () => {
    const quiet = await building();
    await finalizeBuild(buildEndDetail(quiet.spec));
    const busy = await building();
    await makePending(busy.project, 1);
    await finalizeBuild(buildEndDetail(busy.spec));
    expect(await triggersFor(busy.project)).toEqual([{ project_id: busy.project, trigger: "build_finalized" }]);
    expect(await triggersFor(quiet.project)).toEqual([]);
  });
});

describe("the worklog of a deployment", () => {
  it("stands on each record once, whoever holds it, in its chain, and cut", async () => {
    const { project_id: project, prefix } = await makeProject();
    const [one, two] = [await create(project, "task"), await create(project, "issue")];
    await call("POST", `${pathOf(project, one)}/checkout`, { session_id: "an agent" });
    actAs("deployFinalize");
    const related_record_ids = [one, two, `${prefix}-TSK-999`, "ZZZ-TSK-001", "no id at all"];
    const { spec } = await building({ related_record_ids, summary: "s".repeat(300) }, 2, project);
    const detail = buildEndDetail(spec);
    await Promise.all([finalizeBuild(detail), finalizeBuild(detail)]);
    await finalizeBuild(detail);
    for (const id of [one, two]) {
      const { record } = (await call("GET", pathOf(project, id))).body;
      const logs = record.history.filter(({ description }) => description.startsWith("[DEPLOYMENT]"));
      expect(logs).toHaveLength(1);
      expect(logs[0]?.description).toMatch(/^\[DEPLOYMENT\] v0\.0\.1 deployed — s+; s+\.\.\.$/);
      expect([...(logs[0]?.description ?? "")]).toHaveLength(500);
      expect(record.last_update_note).toBe(logs[0]?.description.slice(0, 200));
      expect(record.write_source).toMatchObject({ channel: "deploy_finalize", provider: "deploy_finalize" });
    }
    const audit = await call("GET", `/${project}/audit/verify`);
    expect(audit.body.verified).toBe(true);
  });

  it("is not written to records that the submitter may not see", async () => {
    const { project_id: project } = await makeProject();
    const [own, foreign] = [await create(project, "task"), await create(project, "task")];
    actAs("deployFinalize");
    const { spec } = await building({ related_record_ids: [own, foreign], foreign_record_ids: [foreign] }, 1, project);
    expect(spec.all_related_record_ids).toEqual([own, foreign]);
    await finalizeBuild(buildEndDetail(spec));
    const logsOf = async (id: string) =>
      (await call("GET", pathOf(project, id))).body.record.history.filter(({ description }) =>
        description.startsWith("[DEPLOYMENT]"),
      );
    expect([await logsOf(own), await logsOf(foreign)]).toEqual([[expect.anything()], []]);
  });
});

describe("the end of a build that failed", () => {
  it.each(["FAILED", "FAULT", "TIMED_OUT", "STOPPED"])(
    "sets its requests back after %s, and says why",
    async (status) => {
      const { project, spec } = await building();
      const phases = [
        { "phase-type": "INSTALL", "phase-status": "SUCCEEDED", "phase-context": [] },
        { "phase-type": "BUILD", "phase-status": "FAILED", "phase-context": [`exit status 1 ${"x".repeat(300)}`] },
      ];
      await finalizeBuild(buildEndDetail(spec, status, { phases }));
      const { uiSpecs, requests, state, deployments } = await checkDeployments(project);
      expect(uiSpecs[0]).toMatchObject({ status: "failed", completed_at: expect.any(String) });
      expect(uiSpecs[0]?.error_message).toBe(`CodeBuild ${status} in BUILD: exit status 1 ${"x".repeat(186)}`);
      for (const request of requests) {
        expect(request).toMatchObject({ status: "pending", last_spec_id: spec.spec_id, attempt_count: 1 });
      }
      expect(state).not.toHaveProperty("active_spec_id");
      expect(deployments).toEqual([]);
      expect(await configOf(project, "current-version.json")).toBeUndefined();
    },
  );

  it("gives requests up after their last attempt", async () => {
    const { project, spec } = await building({ attempt_count: 2 }, 1);
    await finalizeBuild(buildEndDetail(spec, "FAILED"));
    expect((await checkDeployments(project)).requests[0]).toMatchObject({ status: "failed", attempt_count: 3 });
  });

  it("is no reason to try the same requests again by itself, but others get their turn", async () => {
    const alone = await building();
    await finalizeBuild(buildEndDetail(alone.spec, "FAILED"));
    const accompanied = await building();
    await makePending(accompanied.project, 1);
    await finalizeBuild(buildEndDetail(accompanied.spec, "FAILED"));
    expect(await triggersFor(accompanied.project)).toHaveLength(1);
    expect(await triggersFor(alone.project)).toEqual([]);
  });
});

describe("events that tell nothing", () => {
  it("are passed over, and write nothing", async () => {
    const { project, spec } = await building();
    const detail = buildEndDetail(spec);
    const before = await checkDeployments(project);
    const other = { ...detail, "build-id": `${detail["build-id"]}0` };
    const unknown = buildEndDetail({ ...spec, spec_id: "SPEC-OTHER" });
    for (const event of [
      { ...detail, "project-name": "another" },
      { ...detail, "build-status": "IN_PROGRESS" },
      { ...detail, "additional-information": { environment: { "environment-variables": [] } } },
      other,
      unknown,
      {},
      undefined,
      "text",
    ]) {
      expect(await finalizeBuild(event)).toMatchObject({ outcome: "ignored" });
    }
    expect(await checkDeployments(project)).toEqual(before);
  });
});

describe("a build whose end was not told", () => {
  it("is asked for once it is old enough", async () => {
    await injectFault({ service: "codebuild", build: { status: "SUCCEEDED", afterMs: 0, event: "lost" } });
    const { project, spec } = await building();
    await eventually(
      () => buildsOf(project),
      ([build]) => build?.buildComplete === true,
    );
    await sweepBuilds({ only: project });
    expect((await checkDeployments(project)).uiSpecs[0]?.status).toBe("building");
    await putDeployRow({ ...spec, created_at: new Date(Date.now() - 700_000).toISOString() });
    await sweepBuilds({ only: project });
    const { uiSpecs, deployments } = await checkDeployments(project);
    expect(uiSpecs[0]?.status).toBe("deployed");
    expect(deployments[0]?.codebuild_build_id).toContain(spec.codebuild_build_id);
  });

  it("is left alone while it runs, and fails where the builder knows nothing of it", async () => {
    await injectFault({ service: "codebuild", build: { status: "SUCCEEDED", afterMs: 600_000 } });
    const { project, spec } = await building();
    await sweepBuilds({ only: project, afterSeconds: 0 });
    expect((await checkDeployments(project)).uiSpecs[0]?.status).toBe("building");
    await putDeployRow({
      ...spec,
      codebuild_build_id: `${process.env.CODEBUILD_PROJECT}:00000000-0000-0000-0000-000000000000`,
    });
    await sweepBuilds({ only: project, afterSeconds: 0 });
    expect((await checkDeployments(project)).uiSpecs[0]).toMatchObject({ status: "failed" });
  });

  it("costs few calls", async () => {
    const { spec } = await building({}, 90);
    const calls = await callsDuring(() => finalizeBuild(buildEndDetail(spec)));
    const made = calls.map(({ service, operation }) => `${service}:${operation}`);
    // The spec, the row and the requests; the end; the version twice; what else waits, by two queries; the event; settled.
    expect(made.length).toBeLessThanOrEqual(11);
  });
});
