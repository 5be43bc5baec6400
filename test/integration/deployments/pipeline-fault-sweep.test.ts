import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { finalizeBuild, orchestrateProject, sweepBuilds } from "../../../domain/deployments/index.ts";
import type { UiSpec } from "../../../domain/deployments/spec.ts";
import { configOf, putDeployRows } from "../../support/deploy-rows.ts";
import {
  buildEndDetail,
  buildsOf,
  checkDeployments,
  deployableProject,
  makePending,
  pendingRequest,
} from "../../support/deployments.ts";
import { eventually } from "../../support/eventually.ts";
import { sweepFaults } from "../../support/fault-sweep.ts";
import { makeProject } from "../../support/projects.ts";
import { actAs, clearFaults, injectFault } from "../../support/services.ts";
import { call, create, pathOf } from "../../support/tracker-api.ts";

actAs("deployFinalize");

afterEach(clearFaults);

const queuedConfig = JSON.stringify({
  service_group: "s3",
  target_arn: "arn:aws:s3:::bucket",
  validation_checks: ["bucket_policy_check"],
});

async function buildingSpec(project: string): Promise<UiSpec> {
  const spec = (await checkDeployments(project)).uiSpecs.find(({ status }) => status === "building");
  if (!spec) throw new Error("nothing is being built");
  return spec;
}

let tracked: string;
let record: string;

beforeAll(async () => {
  tracked = (await makeProject()).project_id;
  record = await create(tracked, "task");
  actAs("deployFinalize");
});

/** A build that was started, and is about the record. */
async function startedBuild(): Promise<{ project: string; spec: UiSpec }> {
  const project = await deployableProject();
  await makePending(project, 2, { related_record_ids: [record] });
  await orchestrateProject(project);
  const spec = await buildingSpec(project);
  await makePending(project, 1);
  return { project, spec };
}

describe("whichever of its AWS calls fails", () => {
  it("orchestration loses no request, starts no second build, and converges", async () => {
    const swept = await sweepFaults({
      arrange: async () => {
        const project = await deployableProject();
        await putDeployRows([
          pendingRequest(project),
          pendingRequest(project, { deployment_type: "s3_asset_sync", non_ui_config: queuedConfig }),
          pendingRequest(project, { deployment_type: "s3_asset_sync" }),
        ]);
        return project;
      },
      act: orchestrateProject,
      invariants: async (project) => {
        await checkDeployments(project);
      },
      retry: async (project) => {
        await orchestrateProject(project);
        const { requests, nonUiSpecs, uiSpecs } = await checkDeployments(project);
        expect(requests.map(({ status }) => status).sort()).toEqual(["included", "included", "rejected"]);
        expect([uiSpecs.length, nonUiSpecs.length]).toEqual([1, 1]);
        const builds = await buildsOf(project);
        expect(builds.map(({ id }) => id)).toEqual([uiSpecs[0]?.codebuild_build_id]);
      },
    });
    for (const calls of Object.values(swept)) expect(calls).toBeGreaterThan(10);
  }, 180_000);

  it("the end of a build has its whole effect once", async () => {
    const swept = await sweepFaults({
      faults: ["refused", "answer lost"],
      arrange: startedBuild,
      act: ({ spec }) => finalizeBuild(buildEndDetail(spec)),
      invariants: async ({ project }) => {
        await checkDeployments(project);
      },
      retry: async ({ project, spec }) => {
        await finalizeBuild(buildEndDetail(spec));
        const { deployments, uiSpecs, requests } = await checkDeployments(project);
        expect(deployments).toHaveLength(1);
        expect(uiSpecs[0]).not.toHaveProperty("open_spec");
        expect(requests.map(({ status }) => status).sort()).toEqual(["included", "included", "pending"]);
        expect(await configOf(project, "current-version.json")).toMatchObject({
          version: "0.0.1",
          spec_id: spec.spec_id,
        });
        const { history } = (await call("GET", pathOf(tracked, record))).body.record;
        // Specs of two projects may have one id; the summaries of their requests differ.
        const told = history.filter(({ description }) => description.includes(spec.aggregated_release_summary));
        expect(told).toHaveLength(1);
        await orchestrateProject(project);
        expect((await buildingSpec(project)).resolved_version).toBe("0.0.2");
      },
    });
    for (const calls of Object.values(swept)) expect(calls).toBeGreaterThan(10);
  }, 180_000);

  it("the end of a build that failed sets its requests back once", async () => {
    await sweepFaults({
      faults: ["refused", "answer lost"],
      arrange: async () => {
        const project = await deployableProject();
        await makePending(project, 2);
        await orchestrateProject(project);
        return { project, spec: await buildingSpec(project) };
      },
      act: ({ spec }) => finalizeBuild(buildEndDetail(spec, "FAILED")),
      invariants: async ({ project }) => {
        await checkDeployments(project);
      },
      retry: async ({ project, spec }) => {
        await finalizeBuild(buildEndDetail(spec, "FAILED"));
        const { requests, uiSpecs } = await checkDeployments(project);
        expect(uiSpecs.map(({ status, open_spec }) => [status, open_spec])).toEqual([["failed", undefined]]);
        expect(requests.map(({ status, attempt_count }) => [status, attempt_count])).toEqual([
          ["pending", 1],
          ["pending", 1],
        ]);
      },
    });
  }, 180_000);

  it("the look for lost ends finds them at the next look", async () => {
    await sweepFaults({
      faults: ["refused", "answer lost"],
      arrange: async () => {
        await injectFault({ service: "codebuild", build: { status: "SUCCEEDED", afterMs: 0, event: "lost" } });
        const { project, spec } = await startedBuild();
        await eventually(
          () => buildsOf(project),
          ([build]) => build?.buildComplete === true,
        );
        return { project, spec };
      },
      act: ({ project }) => sweepBuilds({ only: project, afterSeconds: 0 }),
      invariants: async ({ project }) => {
        await checkDeployments(project);
      },
      retry: async ({ project, spec }) => {
        // Its event comes after all, too.
        await Promise.all([sweepBuilds({ only: project, afterSeconds: 0 }), finalizeBuild(buildEndDetail(spec))]);
        const { deployments, requests } = await checkDeployments(project);
        expect(deployments).toHaveLength(1);
        expect(requests.map(({ status }) => status).sort()).toEqual(["included", "included", "pending"]);
      },
    });
  }, 180_000);
});
