import { afterEach, describe, expect, it } from "@jest/globals";
import { strToU8, zipSync } from "fflate";
import { orchestrateProject } from "../../../domain/deployments/index.ts";
import { putConfig, putDeployRow, putDeployRows } from "../../support/deploy-rows.ts";
import {
  buildsOf,
  checkDeployments,
  deployableProject,
  makePending,
  pendingRequest,
  putSource,
  setDeployState,
} from "../../support/deployments.ts";
import { anyName } from "../../support/projects.ts";
import { actAs, callsDuring, clearFaults, injectFault } from "../../support/services.ts";

actAs("deployOrchestrator");

afterEach(clearFaults);

const LAMBDA_CONFIG = {
  service_group: "lambda",
  target_arn: "arn:aws:lambda:us-east-1:000000000000:function:one",
  validation_checks: ["cold_start_regression_check", "runtime_compatibility_check"],
};

function lambdaRequest(projectId: string, fields = {}) {
  const non_ui_config = JSON.stringify(LAMBDA_CONFIG);
  return pendingRequest(projectId, { deployment_type: "lambda_update", non_ui_config, ...fields });
}

describe("orchestrating a project", () => {
  it("makes one spec and one build of all that is pending", async () => {
    const project = await deployableProject();
    await putConfig(project, "current-version.json", { version: "1.4.9" });
    const requests = [
      pendingRequest(project, { related_record_ids: ["ENC-TSK-002", "ENC-TSK-001"], summary: " First " }),
      pendingRequest(project, { change_type: "minor", related_record_ids: ["ENC-TSK-001"], summary: "" }),
    ];
    await putDeployRows(requests);

    const outcome = await orchestrateProject(project);

    const { uiSpecs, state, requests: stored } = await checkDeployments(project);
    expect(uiSpecs).toEqual([
      expect.objectContaining({
        status: "building",
        deployment_category: "ui",
        previous_version: "1.4.9",
        resolved_version: "1.5.0",
        resolved_change_type: "minor",
        included_request_ids: requests.map(({ request_id }) => request_id),
        aggregated_changes: requests.flatMap(({ changes }) => changes),
        aggregated_release_summary: "First",
        all_related_record_ids: ["ENC-TSK-001", "ENC-TSK-002"],
        source_key: expect.stringMatching(/-assets.*\/deploy-sources\/.*\.zip$/),
      }),
    ]);
    const [spec] = uiSpecs;
    expect(outcome.groups).toEqual({ github_public_static: { kind: "build", specId: spec?.spec_id, started: true } });
    expect(JSON.parse(spec?.integration_analysis ?? "")).toEqual({
      status: "warning",
      file_overlaps: [],
      warnings: ["Record ENC-TSK-001 is named by 2 requests."],
    });
    expect(stored.map(({ attempt_count }) => attempt_count)).toEqual([1, 1]);
    expect(state?.active_spec_id).toBe(spec?.spec_id);
    const builds = await buildsOf(project);
    expect(builds.map(({ id }) => id)).toEqual([spec?.codebuild_build_id]);
    const variables = Object.fromEntries(
      (builds[0]?.environment?.environmentVariables ?? []).map(({ name, value }) => [name, value]),
    );
    expect(variables).toEqual({
      DEPLOY_SPEC_ID: spec?.spec_id,
      DEPLOY_PROJECT_ID: project,
      DEPLOY_TABLE: process.env.DEPLOY_TABLE,
      DEPLOY_CONFIG_BUCKET: process.env.CONFIG_BUCKET,
      DEPLOY_CONFIG_PREFIX: "deploy-config",
      DEPLOY_SOURCE_KEY: spec?.source_key,
    });
  });

  it("does the same work once however often, and by however many, it is asked", async () => {
    const project = await deployableProject();
    await makePending(project, 5);
    await Promise.all(Array.from({ length: 6 }, () => orchestrateProject(project)));
    await orchestrateProject(project);
    const { uiSpecs } = await checkDeployments(project);
    expect(uiSpecs).toHaveLength(1);
    expect(await buildsOf(project)).toHaveLength(1);
  });

  it("has one build at a time: what is submitted meanwhile waits", async () => {
    const project = await deployableProject();
    await makePending(project, 1);
    await orchestrateProject(project);
    const [late] = await makePending(project, 1);
    expect((await orchestrateProject(project)).groups).toEqual({ github_public_static: { kind: "locked" } });
    const { requests } = await checkDeployments(project);
    expect(requests.find(({ request_id }) => request_id === late?.request_id)?.status).toBe("pending");
  });

  it("does nothing for a project that is paused, by its row or by the published copy", async () => {
    const byRow = await deployableProject();
    await setDeployState(byRow, "PAUSED");
    const byCopy = await deployableProject();
    await putConfig(byCopy, "state.json", { state: " paused " });
    for (const project of [byRow, byCopy]) {
      await makePending(project, 1);
      expect(await orchestrateProject(project)).toMatchObject({ state: "PAUSED", groups: {} });
      expect((await checkDeployments(project)).uiSpecs).toEqual([]);
    }
  });

  it("takes a state that cannot be read for no state at all, and fails", async () => {
    const project = await deployableProject();
    await makePending(project, 1);
    await injectFault({ service: "s3", operation: "GetObject", match: "state.json", error: "AccessDenied", times: 9 });
    await expect(orchestrateProject(project)).rejects.toMatchObject({ code: "INTERNAL_ERROR", retryable: true });
    expect((await checkDeployments(project)).uiSpecs).toEqual([]);
  });

  it("holds back requests that change the file of the version, and says so on them alone", async () => {
    const project = await deployableProject({ config: { build: { version_file: "app/v.json" } } });
    const clash = [
      pendingRequest(project, { files_changed: ["app/v.json"] }),
      pendingRequest(project, { files_changed: ["app/v.json", "a.ts"] }),
    ];
    const bystander = pendingRequest(project, { files_changed: ["a.ts"] });
    await putDeployRows([...clash, bystander]);
    expect((await orchestrateProject(project)).groups.github_public_static).toMatchObject({ kind: "blocked" });
    const { requests, uiSpecs } = await checkDeployments(project);
    expect(uiSpecs).toEqual([]);
    const blocked = requests.filter(({ blocked_reason }) => blocked_reason).map(({ request_id }) => request_id);
    expect(blocked.sort()).toEqual(clash.map(({ request_id }) => request_id).sort());
    expect(requests.every(({ status }) => status === "pending")).toBe(true);
  });

  it.each([
    ["is missing", undefined],
    ["is no JSON", "{"],
    ["has the wrong form", { source: { source_s3_prefix: 7 } }],
  ])("leaves requests pending where deploy.json %s", async (_, config) => {
    const project = anyName();
    if (config !== undefined) await putConfig(project, "deploy.json", config);
    await makePending(project, 1);
    await orchestrateProject(project);
    const { requests, uiSpecs } = await checkDeployments(project);
    expect(uiSpecs).toEqual([]);
    expect(requests[0]?.blocked_reason).toContain(`deploy-config/${project}/deploy.json`);
    await putConfig(project, "deploy.json", {});
    await putSource(project, "1.zip");
    await orchestrateProject(project);
    expect((await checkDeployments(project)).requests[0]).not.toHaveProperty("blocked_reason");
  });

  it("fails a spec for which there is no source, and gives a request up after its last attempt", async () => {
    const project = anyName();
    await putConfig(project, "deploy.json", {});
    await makePending(project, 1);
    for (const [attempt, status] of [
      [1, "pending"],
      [2, "pending"],
      [3, "failed"],
    ] as const) {
      await orchestrateProject(project);
      const { requests, uiSpecs, state } = await checkDeployments(project);
      expect(requests[0]).toMatchObject({ status, attempt_count: attempt, last_spec_id: expect.any(String) });
      expect(uiSpecs).toHaveLength(attempt);
      expect(uiSpecs.every((spec) => spec.status === "failed" && /source archive/.test(spec.error_message ?? ""))).toBe(
        true,
      );
      expect(state?.active_spec_id).toBeUndefined();
    }
    expect(await buildsOf(project)).toEqual([]);
  });

  it("builds the source that the latest request brings along, else the latest of all uploads", async () => {
    const pinned = await deployableProject();
    const key = await putSource(pinned, "20250101T000000Z-1-000000000000.zip");
    await putDeployRows([
      pendingRequest(pinned, { source_key: "deploy-sources/elsewhere.zip" }),
      pendingRequest(pinned, { source_key: key }),
      pendingRequest(pinned),
    ]);
    await orchestrateProject(pinned);
    expect((await checkDeployments(pinned)).uiSpecs[0]?.source_key).toBe(`${process.env.CONFIG_BUCKET}/${key}`);

    const uploaded = await deployableProject();
    await putSource(uploaded, "readme.md");
    const newest = await putSource(uploaded, "20270101T000000Z-1-000000000000.zip");
    await makePending(uploaded, 1);
    await orchestrateProject(uploaded);
    expect((await checkDeployments(uploaded)).uiSpecs[0]?.source_key).toBe(`${process.env.CONFIG_BUCKET}/${newest}`);
  });

  it("begins with the version that the source says where none is known", async () => {
    const project = anyName();
    await putConfig(project, "deploy.json", { build: { version_file: "src/version.ts" } });
    const file = strToU8("// the version\nexport const APP_VERSION = '2.3.4';\n");
    await putSource(project, "1.zip", zipSync({ "src/version.ts": file, "src/other.ts": strToU8("x") }));
    await makePending(project, 1);
    await orchestrateProject(project);
    expect((await checkDeployments(project)).uiSpecs[0]).toMatchObject({
      previous_version: "2.3.4",
      resolved_version: "2.3.5",
    });
  });

  it("never falls back to the first version because one cannot be read", async () => {
    const project = await deployableProject();
    await makePending(project, 1);
    await injectFault({ service: "s3", operation: "GetObject", match: "current-version", error: "SlowDown", times: 9 });
    await expect(orchestrateProject(project)).rejects.toMatchObject({ code: "INTERNAL_ERROR" });
    expect((await checkDeployments(project)).uiSpecs).toEqual([]);
  });

  it("hands over what no builder carries out, and rejects what is not valid", async () => {
    const project = anyName();
    const good = [lambdaRequest(project), lambdaRequest(project)];
    const hooked = lambdaRequest(project, { pre_deploy_hooks: ["doc_prep"] });
    const passed = lambdaRequest(project, {
      pre_deploy_hooks: ["doc_prep"],
      pre_deploy_results: JSON.stringify([{ hook: "doc_prep", success: true, status_code: 200, result: {} }]),
    });
    const wrongArn = lambdaRequest(project, {
      non_ui_config: JSON.stringify({ ...LAMBDA_CONFIG, target_arn: "arn:aws:s3:::bucket" }),
    });
    const unknown = pendingRequest(project, { deployment_type: "carrier_pigeon" });
    await putDeployRows([
      ...good,
      hooked,
      passed,
      wrongArn,
      unknown,
      lambdaRequest(project, { non_ui_config: undefined }),
    ]);

    await orchestrateProject(project);

    const { nonUiSpecs, requests, state } = await checkDeployments(project);
    expect(nonUiSpecs).toHaveLength(1);
    expect(nonUiSpecs[0]).toMatchObject({
      status: "queued_non_ui",
      non_ui_service_group: "lambda",
      non_ui_target_arns: [LAMBDA_CONFIG.target_arn],
      included_request_ids: [...good, passed].map(({ request_id }) => request_id),
    });
    expect(JSON.parse(nonUiSpecs[0]?.non_ui_targets ?? "")).toEqual({
      targets: [...good, passed].map(({ request_id }) => ({
        ...LAMBDA_CONFIG,
        request_id,
        target_region: "us-east-1",
        rollback_on_failure: true,
      })),
    });
    const reasons = new Map(requests.map(({ request_id, rejection_reason }) => [request_id, rejection_reason]));
    expect(reasons.get(hooked.request_id)).toContain("doc_prep");
    expect(reasons.get(wrongArn.request_id)).toContain("arn:aws:lambda:");
    expect(reasons.get(unknown.request_id)).toContain("carrier_pigeon");
    expect(requests.filter(({ status }) => status === "rejected")).toHaveLength(4);
    expect(state).toBeUndefined();
  });

  it("gives two specs of one second two ids", async () => {
    const project = await deployableProject();
    await putDeployRows([
      lambdaRequest(project),
      pendingRequest(project, {
        deployment_type: "s3_asset_sync",
        non_ui_config: JSON.stringify({
          service_group: "s3",
          target_arn: "arn:aws:s3:::bucket",
          validation_checks: ["bucket_policy_check"],
        }),
      }),
      pendingRequest(project),
    ]);
    await orchestrateProject(project);
    const { nonUiSpecs, uiSpecs } = await checkDeployments(project);
    const ids = [...nonUiSpecs, ...uiSpecs].map(({ spec_id }) => spec_id);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^SPEC-\d{8}T\d{6}Z(-[23])?$/);
  });

  it("finds requests of other writers, which have no key in the index", async () => {
    const project = await deployableProject();
    const now = new Date(Date.now() - 1_000).toISOString().slice(0, 19);
    const { pending_key: _, ...row } = pendingRequest(project, {
      submitted_at: `${now}Z`,
      request_id: `REQ-${now.replaceAll(/[-:]/g, "")}Z-00000a`,
    });
    await putDeployRow({ ...row, record_id: `request#${row.request_id}` });
    await orchestrateProject(project);
    expect((await checkDeployments(project)).uiSpecs[0]?.included_request_ids).toEqual([row.request_id]);
  });

  it("takes as many requests as a spec holds, and leaves the rest to the next", async () => {
    const project = await deployableProject();
    const requests = await makePending(project, 130);
    const calls = await callsDuring(() => orchestrateProject(project));
    const { uiSpecs } = await checkDeployments(project);
    expect(uiSpecs[0]?.included_request_ids).toEqual(requests.slice(0, 90).map(({ request_id }) => request_id));
    // However many there are: two reads of what is pending, one transaction, one note of the build.
    expect(calls.filter(({ service }) => service === "dynamodb").length).toBeLessThanOrEqual(9);
  });

  it("hands over many at once, as often as it takes", async () => {
    const project = anyName();
    await putDeployRows(Array.from({ length: 200 }, () => lambdaRequest(project)));
    await orchestrateProject(project);
    const { nonUiSpecs } = await checkDeployments(project);
    expect(nonUiSpecs.map(({ included_request_ids }) => included_request_ids.length).sort()).toEqual([20, 90, 90]);
  });

  it("frees a build that is kept for a spec which is not being built", async () => {
    const project = await deployableProject();
    await putDeployRow({ project_id: project, record_id: "STATE", record_type: "state", active_spec_id: "SPEC-NONE" });
    await makePending(project, 1);
    await orchestrateProject(project);
    expect((await checkDeployments(project)).uiSpecs).toHaveLength(1);
  });
});
