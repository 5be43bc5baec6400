import { afterEach, describe, expect, it } from "@jest/globals";
import { orchestrateProject } from "../../../domain/deployments/index.ts";
import { putDeployRow } from "../../support/deploy-rows.ts";
import { buildsOf, checkDeployments, deployableProject, makePending } from "../../support/deployments.ts";
import { actAs, clearFaults, injectFault } from "../../support/services.ts";

actAs("deployOrchestrator");

afterEach(clearFaults);

describe("starting a build", () => {
  it("goes on after a refusal that passes, with the same build", async () => {
    const project = await deployableProject();
    await makePending(project, 1);
    await injectFault({ service: "codebuild", operation: "StartBuild", error: "ThrottlingException", times: 9 });
    await expect(orchestrateProject(project)).rejects.toThrow();
    const before = await checkDeployments(project);
    expect(before.uiSpecs[0]).toMatchObject({ status: "building" });
    await clearFaults();
    await orchestrateProject(project);
    const after = await checkDeployments(project);
    expect(after.uiSpecs.map(({ spec_id }) => spec_id)).toEqual(before.uiSpecs.map(({ spec_id }) => spec_id));
    expect(await buildsOf(project)).toHaveLength(1);
  });

  it("finds the build whose answer was lost, and starts no second", async () => {
    const project = await deployableProject();
    await makePending(project, 1);
    await injectFault({ service: "codebuild", operation: "StartBuild", dropAnswer: true, times: 9 });
    await expect(orchestrateProject(project)).rejects.toThrow();
    await clearFaults();
    await orchestrateProject(project);
    const builds = await buildsOf(project);
    const { uiSpecs } = await checkDeployments(project);
    expect(builds.map(({ id }) => id)).toEqual([uiSpecs[0]?.codebuild_build_id]);
  });

  it("looks for the build once the builder has forgotten the token", async () => {
    const project = await deployableProject();
    await makePending(project, 1);
    await orchestrateProject(project);
    const [spec] = (await checkDeployments(project)).uiSpecs;
    const { codebuild_build_id: lost, ...row } = spec ?? {};
    await putDeployRow({ ...row, created_at: new Date(Date.now() - 400_000).toISOString() });
    await orchestrateProject(project);
    expect((await checkDeployments(project)).uiSpecs[0]?.codebuild_build_id).toBe(lost);
    expect(await buildsOf(project)).toHaveLength(1);
  });

  it("sets requests back where the builder says no for good", async () => {
    const project = await deployableProject();
    await makePending(project, 2);
    await injectFault({ service: "codebuild", operation: "StartBuild", error: "ResourceNotFoundException" });
    expect((await orchestrateProject(project)).groups.github_public_static).toMatchObject({
      kind: "build",
      started: false,
    });
    const { uiSpecs, requests, state } = await checkDeployments(project);
    expect(uiSpecs[0]).toMatchObject({ status: "failed", error_message: expect.stringContaining("ResourceNotFound") });
    expect(requests.map(({ status }) => status)).toEqual(["pending", "pending"]);
    expect(state?.active_spec_id).toBeUndefined();
  });
});
