import { randomBytes } from "node:crypto";
import {
  BatchGetBuildsCommand,
  type Build,
  CodeBuildClient,
  ListBuildsForProjectCommand,
} from "@aws-sdk/client-codebuild";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "@jest/globals";
import { type DeployRequest, pendingKey } from "../../domain/deployments/request.ts";
import { setState } from "../../domain/deployments/set-state.ts";
import type { DeployRecord, NonUiSpec, UiSpec } from "../../domain/deployments/spec.ts";
import type { StateRow } from "../../domain/deployments/state-store.ts";
import { deployRows, putConfig, putDeployRows } from "./deploy-rows.ts";
import { anyName } from "./projects.ts";
import { directS3, realName, services } from "./services.ts";

const codebuild = new CodeBuildClient({
  endpoint: services.direct.codebuild,
  region: services.region,
  credentials: services.credentials,
});

/** The builder that the functions use. */
export const BUILDER = services.environments.deployOrchestrator?.CODEBUILD_PROJECT ?? "";

/** Uploads an archive of sources. @returns its key */
export async function putSource(projectId: string, name: string, content: Uint8Array = new Uint8Array(4)) {
  const Key = `deploy-sources/${projectId}/${name}`;
  await directS3.send(new PutObjectCommand({ Bucket: realName("buckets", "assets"), Key, Body: content }));
  return Key;
}

/** A project that can be deployed: with a configuration and a source. */
export async function deployableProject({ projectId = anyName(), config = {} as unknown } = {}): Promise<string> {
  if (config !== undefined) await putConfig(projectId, "deploy.json", config);
  await putSource(projectId, "20260101T000000Z-1-abcdefabcdef.zip");
  return projectId;
}

let made = 0;

/** A pending request as intake writes it; each is a second younger than the one before. */
export function pendingRequest(projectId: string, fields: Partial<DeployRequest> = {}): DeployRequest {
  made += 1;
  const at = `${new Date(Date.now() - 3_600_000 + made * 1_000).toISOString().slice(0, 19)}Z`;
  const request_id = `REQ-${at.replaceAll(/[-:]/g, "")}-${randomBytes(3).toString("hex")}`;
  const request: DeployRequest = {
    project_id: projectId,
    record_id: `request#${request_id}`,
    record_type: "request",
    request_id,
    status: "pending",
    submitted_at: at,
    submitted_by: "test",
    change_type: "patch",
    deployment_type: "github_public_static",
    summary: `Change ${made}`,
    changes: [`change ${made}`],
    related_record_ids: [],
    ...fields,
  };
  return { ...request, pending_key: pendingKey(request) };
}

/** Makes pending requests of a project. */
export async function makePending(
  projectId: string,
  count: number,
  fields: Partial<DeployRequest> = {},
): Promise<DeployRequest[]> {
  const requests = Array.from({ length: count }, () => pendingRequest(projectId, fields));
  await putDeployRows(requests);
  return requests;
}

/** Everything that is stored of a project's deployments. */
export interface StoredDeployments {
  requests: DeployRequest[];
  uiSpecs: UiSpec[];
  nonUiSpecs: NonUiSpec[];
  deployments: DeployRecord[];
  state: StateRow | undefined;
}

export async function storedDeployments(projectId: string): Promise<StoredDeployments> {
  const rows = await deployRows(projectId);
  const ofKind = <Stored>(kind: string) => rows.filter(({ record_type }) => record_type === kind) as Stored[];
  const specs = ofKind<UiSpec | NonUiSpec>("spec");
  const [state] = ofKind<StateRow>("state");
  return {
    requests: ofKind("request"),
    uiSpecs: specs.filter((spec) => spec.deployment_category === "ui"),
    nonUiSpecs: specs.filter((spec) => spec.deployment_category === "non_ui"),
    deployments: ofKind("deploy"),
    state,
  };
}

/** Pauses a project, or lets it go on. */
export async function setDeployState(projectId: string, state: "ACTIVE" | "PAUSED"): Promise<void> {
  await setState(projectId, { state, reason: null }, { label: "test", tagOf: () => "" });
}

/** What must hold of the deployments of a project at any moment, whatever was done to them. */
export async function checkDeployments(projectId: string): Promise<StoredDeployments> {
  const stored = await storedDeployments(projectId);
  const { requests, uiSpecs, nonUiSpecs, deployments, state } = stored;
  for (const { request_id, status, pending_key, spec_id } of requests) {
    expect([request_id, status, pending_key !== undefined]).toEqual([request_id, status, status === "pending"]);
    expect([request_id, status, spec_id !== undefined]).toEqual([request_id, status, status === "included"]);
  }
  // A request is in one spec that has not failed, and that one includes it.
  const living = [...uiSpecs.filter(({ status }) => status !== "failed"), ...nonUiSpecs];
  const included = living.flatMap(({ spec_id, included_request_ids }) =>
    included_request_ids.map((id) => [id, spec_id]),
  );
  const claimed = requests
    .filter(({ status }) => status === "included")
    .map(({ request_id, spec_id }) => [request_id, spec_id]);
  expect(included.sort()).toEqual(claimed.sort());
  // One build at a time, and the row says which.
  const building = uiSpecs.filter(({ status }) => status === "building").map(({ spec_id }) => spec_id);
  expect(building).toEqual(state?.active_spec_id === undefined ? [] : [state.active_spec_id]);
  // A version is deployed once.
  const versions = deployments.map(({ version }) => version);
  expect([...new Set(versions)]).toHaveLength(versions.length);
  const deployed = uiSpecs.filter(({ status }) => status === "deployed").map(({ spec_id }) => spec_id);
  expect(deployments.map(({ spec_id }) => spec_id).sort()).toEqual(deployed.sort());
  return stored;
}

/** The builds that were started for a project, as the builder knows them. */
export async function buildsOf(projectId: string): Promise<Build[]> {
  const own: Build[] = [];
  let nextToken: string | undefined;
  do {
    const page = await codebuild.send(new ListBuildsForProjectCommand({ projectName: BUILDER, nextToken }));
    const ids = page.ids ?? [];
    const { builds = [] } = ids.length > 0 ? await codebuild.send(new BatchGetBuildsCommand({ ids })) : {};
    own.push(
      ...builds.filter((build) =>
        build.environment?.environmentVariables?.some(
          ({ name, value }) => name === "DEPLOY_PROJECT_ID" && value === projectId,
        ),
      ),
    );
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return own;
}

/** The `detail` of the event that a spec's build is over. */
export function buildEndDetail(
  { project_id, spec_id, codebuild_build_id }: Pick<UiSpec, "project_id" | "spec_id" | "codebuild_build_id">,
  status = "SUCCEEDED",
  more: Readonly<Record<string, unknown>> = {},
) {
  return {
    "build-status": status,
    "project-name": BUILDER,
    "build-id": `arn:aws:codebuild:us-east-1:000000000000:build/${codebuild_build_id ?? `${BUILDER}:unknown`}`,
    "additional-information": {
      "build-start-time": "Sep 1, 2017 4:12:29 PM",
      environment: {
        "environment-variables": [
          { name: "DEPLOY_SPEC_ID", value: spec_id, type: "PLAINTEXT" },
          { name: "DEPLOY_PROJECT_ID", value: project_id, type: "PLAINTEXT" },
        ],
      },
      ...more,
    },
  };
}
