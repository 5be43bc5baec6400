import { afterEach, describe, expect, it } from "@jest/globals";
import { finalizeBuild, orchestrateProject } from "../../../domain/deployments/index.ts";
import {
  buildEndDetail,
  buildsOf,
  checkDeployments,
  deployableProject,
  makePending,
  setDeployState,
} from "../../support/deployments.ts";
import { actAs, clearFaults, faultsMet, injectFault } from "../../support/services.ts";

actAs("deployFinalize");

afterEach(clearFaults);

/** Lets something happen while the first call of an operation is on its way. */
async function during(
  operation: string,
  work: () => Promise<unknown>,
  meanwhile: () => Promise<unknown>,
): Promise<void> {
  await injectFault({ operation, delayMs: 700 });
  const working = work();
  await faultsMet();
  await meanwhile();
  await working;
}

async function buildingSpec(project: string) {
  const { uiSpecs } = await checkDeployments(project);
  const spec = uiSpecs.find(({ status }) => status === "building");
  if (!spec) throw new Error("nothing is being built");
  return spec;
}

describe("a pause", () => {
  it("that comes while a spec is being planned holds it back", async () => {
    const project = await deployableProject();
    await makePending(project, 1);
    await during(
      "ListObjectsV2",
      () => orchestrateProject(project),
      () => setDeployState(project, "PAUSED"),
    );
    const { uiSpecs, requests, state } = await checkDeployments(project);
    expect([uiSpecs, requests.map(({ status }) => status), state?.state]).toEqual([[], ["pending"], "PAUSED"]);
    expect(await buildsOf(project)).toEqual([]);
  });

  it("that comes between spec and build lets that build go on to its end, and no other begin", async () => {
    const project = await deployableProject();
    await makePending(project, 1);
    await during(
      "StartBuild",
      () => orchestrateProject(project),
      () => setDeployState(project, "PAUSED"),
    );
    const spec = await buildingSpec(project);
    await makePending(project, 1);
    await finalizeBuild(buildEndDetail(spec));
    expect(await orchestrateProject(project)).toMatchObject({ state: "PAUSED", groups: {} });
    const { deployments, requests, state } = await checkDeployments(project);
    expect(deployments).toHaveLength(1);
    expect(requests.map(({ status }) => status)).toEqual(["included", "pending"]);
    expect(state?.state).toBe("PAUSED");
  });

  it("that comes with the end of a build does not get lost, nor does the end", async () => {
    const project = await deployableProject();
    await makePending(project, 1);
    await orchestrateProject(project);
    const spec = await buildingSpec(project);
    await during(
      "BatchGetItem",
      () => finalizeBuild(buildEndDetail(spec)),
      () => setDeployState(project, "PAUSED"),
    );
    const { deployments, state } = await checkDeployments(project);
    expect([deployments.length, state?.state, state?.active_spec_id]).toEqual([1, "PAUSED", undefined]);
  });
});

describe("two builds of a project", () => {
  it("follow each other however many requests come meanwhile", async () => {
    const project = await deployableProject();
    await makePending(project, 1);
    await orchestrateProject(project);
    const first = await buildingSpec(project);
    await makePending(project, 2);
    await Promise.all([orchestrateProject(project), orchestrateProject(project), makePending(project, 1)]);
    expect(await buildingSpec(project)).toEqual(first);
    await Promise.all([finalizeBuild(buildEndDetail(first)), orchestrateProject(project), orchestrateProject(project)]);
    await orchestrateProject(project);
    const second = await buildingSpec(project);
    expect(second).toMatchObject({ previous_version: first.resolved_version, included_request_ids: { length: 3 } });
  });

  it("never get one version, even where the first is over while the second is still being planned", async () => {
    const project = await deployableProject();
    await makePending(project, 1);
    // It has read that nothing is built and which version there is, and is held up behind a whole build of another.
    await during(
      "ListObjectsV2",
      () => orchestrateProject(project),
      async () => {
        await orchestrateProject(project);
        await finalizeBuild(buildEndDetail(await buildingSpec(project)));
        await makePending(project, 1);
      },
    );
    await orchestrateProject(project);
    const { uiSpecs } = await checkDeployments(project);
    expect(uiSpecs.map(({ resolved_version }) => resolved_version).sort()).toEqual(["0.0.1", "0.0.2"]);
  });
});
