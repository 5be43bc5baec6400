import { afterEach, describe, expect, it } from "@jest/globals";
import { finalizeBuild, orchestrateProject, sweepBuilds } from "../../../domain/deployments/index.ts";
import { cancelPending } from "../../../domain/deployments/request-store.ts";
import { transact } from "../../../domain/deployments/transaction.ts";
import { configOf } from "../../support/deploy-rows.ts";
import {
  buildEndDetail,
  checkDeployments,
  deployableProject,
  makePending,
  setDeployState,
  storedDeployments,
} from "../../support/deployments.ts";
import { actAs, clearFaults, type FaultRequest, injectFault } from "../../support/services.ts";

actAs("deployFinalize");

afterEach(clearFaults);

/** More runs: `DEPLOYMENT_RUNS=100 npm run test:integration -- deployments/trouble`; `DEPLOYMENT_SEED` repeats them. */
const RUNS = Number(process.env.DEPLOYMENT_RUNS ?? 4);
const SEED = Number(process.env.DEPLOYMENT_SEED ?? Date.now() % 1_000_000);
const STEPS = 14;

/** Mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const FAULTS: readonly FaultRequest[] = [
  { service: "dynamodb", operation: "TransactWriteItems", error: "InternalServerError", times: 9 },
  { service: "dynamodb", operation: "TransactWriteItems", dropAnswer: true, times: 9 },
  { service: "dynamodb", operation: "UpdateItem", error: "InternalServerError", times: 9 },
  { service: "dynamodb", operation: "Query", error: "InternalServerError", times: 9 },
  { service: "codebuild", operation: "StartBuild", error: "ThrottlingException", times: 9 },
  { service: "codebuild", operation: "StartBuild", dropAnswer: true, times: 9 },
  { service: "s3", operation: "PutObject", error: "AccessDenied" },
  { service: "sqs", operation: "SendMessage", dropAnswer: true, times: 9 },
];

async function endOf(project: string, status: string): Promise<void> {
  const spec = (await storedDeployments(project)).uiSpecs.find(({ status }) => status === "building");
  if (spec?.codebuild_build_id) await finalizeBuild(buildEndDetail(spec, status));
}

async function randomCancel(project: string, random: () => number): Promise<void> {
  const { requests } = await storedDeployments(project);
  const request = requests[Math.floor(random() * requests.length)];
  // Where it is not pending any more, nothing happens.
  if (request) await transact([cancelPending(request, { by: "test", now: "2026-01-01T00:00:00Z" })]);
}

/** What may happen to a project, each with its weight. */
function happenings(project: string, random: () => number): [number, () => Promise<unknown>][] {
  const change_type = (["patch", "minor", "major"] as const)[Math.floor(random() * 3)] ?? "patch";
  return [
    [4, () => makePending(project, 1 + Math.floor(random() * 3), { change_type })],
    [5, () => orchestrateProject(project)],
    [3, () => endOf(project, "SUCCEEDED")],
    [2, () => endOf(project, "FAILED")],
    [1, () => sweepBuilds({ only: project, afterSeconds: 600 })],
    [1, () => randomCancel(project, random)],
    [1, () => setDeployState(project, "PAUSED")],
    [2, () => setDeployState(project, "ACTIVE")],
  ];
}

function pick<T>(weighted: readonly [number, T][], random: () => number): T {
  let point = random() * weighted.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, value] of weighted) {
    point -= weight;
    if (point < 0) return value;
  }
  throw new Error("nothing to pick from");
}

async function run(seed: number): Promise<void> {
  const random = randomOf(seed);
  const project = await deployableProject();
  for (let step = 0; step < STEPS; step += 1) {
    if (random() < 0.4)
      await injectFault({
        ...pick(
          FAULTS.map((fault) => [1, fault]),
          random,
        ),
        skip: Math.floor(random() * 2),
      });
    const atOnce = 1 + Math.floor(random() * 3);
    // What fails here is tried again below, as queues and schedules do it.
    await Promise.allSettled(Array.from({ length: atOnce }, () => pick(happenings(project, random), random)()));
    await clearFaults();
    await checkDeployments(project);
  }
  await setDeployState(project, "ACTIVE");
  for (let round = 0; round < 10; round += 1) {
    await orchestrateProject(project);
    await endOf(project, "SUCCEEDED");
    await sweepBuilds({ only: project, afterSeconds: 600 });
  }
  const { requests, deployments, uiSpecs, state } = await checkDeployments(project);
  expect(requests.filter(({ status }) => status === "pending")).toEqual([]);
  for (const { status, deploy_id } of requests) {
    expect([status, deploy_id !== undefined]).toEqual([status, status === "included"]);
  }
  expect(uiSpecs.filter(({ open_spec }) => open_spec !== undefined)).toEqual([]);
  const versions = deployments.map(({ version }) => version);
  const last = state?.current_version;
  if (versions.length > 0) expect(await configOf(project, "current-version.json")).toMatchObject({ version: last });
  // Each version follows from the one before it.
  const previous = deployments.map(({ previous_version }) => previous_version);
  expect(new Set(previous).size).toBe(previous.length);
}

describe("a project in trouble", () => {
  it.each(Array.from({ length: RUNS }, (_, index) => SEED + index))(
    "loses no request, deploys no version twice and comes to rest (seed %i)",
    (seed) => run(seed),
    60_000,
  );
});
