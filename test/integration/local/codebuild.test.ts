import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  ListBuildsForProjectCommand,
  StartBuildCommand,
  type StartBuildCommandInput,
  StopBuildCommand,
} from "@aws-sdk/client-codebuild";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { type CodeBuild, startCodeBuild } from "../../../scripts/local/codebuild/index.ts";
import type { EventContent } from "../../../scripts/local/event-bus.ts";
import { Fault, FaultList } from "../../../scripts/local/wire/faults.ts";
import { eventually } from "../../support/eventually.ts";
import { type Stage, startStage } from "./pump-stage.ts";

const PROJECT = "devops-ui-deploy-builder";
const VARIABLES = [{ name: "DEPLOY_SPEC_ID", value: "SPEC-1", type: "PLAINTEXT" as const }];

let folder: string;
let faults: FaultList;
let told: EventContent[];
let running: { stop(): Promise<void> }[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "codebuild-"));
  faults = new FaultList();
  told = [];
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((part) => part.stop()));
  await rm(folder, { recursive: true });
});

/** The double with a client of its own. Its events go to `told` unless there is a bus. */
async function start(bus?: Stage["eventBus"]) {
  const toList = {
    publish: (event: EventContent, times = 1) => void told.push(...Array.from({ length: times }, () => event)),
  };
  const options = { projects: new Set([PROJECT]), region: "us-east-1", bus: bus ?? toList, faults };
  const double = await startCodeBuild({ ...options, file: join(folder, "builds.json") });
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const config = { endpoint: double.url, region: "us-east-1", credentials, maxAttempts: 1 };
  const client = new CodeBuildClient({ ...config, userAgentAppId: "deployOrchestrator" });
  running.push(double, { stop: async () => client.destroy() });
  return { double, client };
}

async function started(): Promise<{ double: CodeBuild; client: CodeBuildClient }> {
  const parts = await start();
  parts.double.run();
  return parts;
}

const nextBuild = (build: object) => faults.add(Fault.parse({ service: "codebuild", build }));

async function startBuild(client: CodeBuildClient, more: Partial<StartBuildCommandInput> = {}) {
  const input = { projectName: PROJECT, environmentVariablesOverride: VARIABLES, ...more };
  const { build } = await client.send(new StartBuildCommand(input));
  return build?.id ?? "";
}

async function look(client: CodeBuildClient, id: string) {
  const { builds = [] } = await client.send(new BatchGetBuildsCommand({ ids: [id] }));
  return builds[0];
}

const statuses = () => told.map(({ detail }) => (detail as { "build-status": string })["build-status"]);

describe("a build", () => {
  it("runs, ends in success, and the bus hears of both", async () => {
    nextBuild({ afterMs: 150 });
    const { client } = await started();
    const { build } = await client.send(
      new StartBuildCommand({ projectName: PROJECT, environmentVariablesOverride: VARIABLES }),
    );
    expect(build).toMatchObject({
      id: expect.stringMatching(/^devops-ui-deploy-builder:[0-9a-f-]{36}$/),
      arn: `arn:aws:codebuild:us-east-1:000000000000:build/${build?.id}`,
      buildNumber: 1,
      buildStatus: "IN_PROGRESS",
      buildComplete: false,
      currentPhase: "QUEUED",
      initiator: "deployOrchestrator",
      environment: { environmentVariables: VARIABLES },
    });
    const ended = await eventually(
      () => look(client, build?.id ?? ""),
      (seen) => seen?.buildComplete === true,
    );
    expect(ended).toMatchObject({ buildStatus: "SUCCEEDED", currentPhase: "COMPLETED", startTime: build?.startTime });
    expect((ended?.endTime?.getTime() ?? 0) - (ended?.startTime?.getTime() ?? 0)).toBeGreaterThanOrEqual(150);
    await eventually(statuses, (all) => all.length === 2);
    expect(statuses()).toEqual(["IN_PROGRESS", "SUCCEEDED"]);
    expect(told[1]).toMatchObject({ resources: [build?.arn], detail: { "build-id": build?.arn } });
  });

  it.each(["FAILED", "FAULT", "TIMED_OUT", "STOPPED"] as const)(
    "ends %s if it was told to, and says where",
    async (status) => {
      nextBuild({ status, afterMs: 0 });
      const { client } = await started();
      const id = await startBuild(client);
      const ended = await eventually(
        () => look(client, id),
        (seen) => seen?.buildComplete === true,
      );
      expect(ended?.buildStatus).toBe(status);
      expect(ended?.phases?.filter(({ phaseStatus }) => phaseStatus === status)).toHaveLength(1);
      await eventually(statuses, (all) => all.includes(status));
    },
  );

  it("that was not told anything ends after three seconds", async () => {
    const { client } = await start();
    await startBuild(client);
    // What is kept of it says so: nobody need wait for it here.
    const [kept] = JSON.parse(await readFile(join(folder, "builds.json"), "utf8"));
    expect([kept.endsAt - kept.startedAt, kept.outcome]).toEqual([3_000, expect.objectContaining({ event: "once" })]);
  });

  it("can be stopped; stopped again, it stays as it is", async () => {
    nextBuild({ afterMs: 60_000 });
    const { client } = await started();
    const id = await startBuild(client);
    const stop = () => client.send(new StopBuildCommand({ id }));
    const first = (await stop()).build;
    expect(first).toMatchObject({ buildStatus: "STOPPED", buildComplete: true });
    expect((await stop()).build?.endTime).toEqual(first?.endTime);
    await eventually(statuses, (all) => all.includes("STOPPED"));
    expect(statuses().filter((status) => status === "STOPPED")).toHaveLength(1);
  });
});

describe("a request", () => {
  it("with the token of another one gets the same build, at once or later, and takes no outcome from the next", async () => {
    const { client } = await start();
    const both = await Promise.all([1, 2].map(() => startBuild(client, { idempotencyToken: "t" })));
    nextBuild({ status: "FAILED" });
    const third = await startBuild(client, { idempotencyToken: "t" });
    expect(new Set([...both, third]).size).toBe(1);
    expect(faults.pending()).toHaveLength(1);
    const { ids } = await client.send(new ListBuildsForProjectCommand({ projectName: PROJECT }));
    expect(ids).toEqual([third]);
  });

  it("with the token of another one and other parameters is refused", async () => {
    const { client } = await start();
    await startBuild(client, { idempotencyToken: "t" });
    await expect(startBuild(client, { idempotencyToken: "t", environmentVariablesOverride: [] })).rejects.toMatchObject(
      { name: "InvalidInputException" },
    );
  });

  it("for a project or a build that there is not is refused", async () => {
    const { client } = await start();
    const unknown = { name: "ResourceNotFoundException", $metadata: { httpStatusCode: 400 } };
    await expect(startBuild(client, { projectName: "other" })).rejects.toMatchObject(unknown);
    const list = new ListBuildsForProjectCommand({ projectName: "other" });
    await expect(client.send(list)).rejects.toMatchObject(unknown);
    await expect(client.send(new StopBuildCommand({ id: `${PROJECT}:x` }))).rejects.toMatchObject(unknown);
  });

  it("that AWS would not take is refused, and says why", async () => {
    const { client } = await start();
    const type = "PLAIN" as "PLAINTEXT";
    const request = startBuild(client, { environmentVariablesOverride: [{ name: "A", value: "1", type }] });
    await expect(request).rejects.toMatchObject({
      name: "InvalidInputException",
      message: expect.stringContaining("environmentVariablesOverride"),
    });
    const ids = Array.from({ length: 101 }, (_, n) => `${PROJECT}:${n}`);
    await expect(client.send(new BatchGetBuildsCommand({ ids }))).rejects.toMatchObject({
      name: "InvalidInputException",
    });
  });

  it("for builds of which some are unknown names those", async () => {
    const { client } = await start();
    const id = await startBuild(client);
    const answer = await client.send(new BatchGetBuildsCommand({ ids: [id, `${PROJECT}:unknown`] }));
    expect(answer.builds?.map((build) => build.id)).toEqual([id]);
    expect(answer.buildsNotFound).toEqual([`${PROJECT}:unknown`]);
  });
});

describe("over a restart", () => {
  it("builds are kept, and one that was running ends once somebody hears of it", async () => {
    nextBuild({ status: "FAILED", afterMs: 50 });
    const first = await start();
    const id = await startBuild(first.client, { idempotencyToken: "t" });
    await first.double.stop();
    await wait(60);
    const second = await start();
    expect(await look(second.client, id)).toMatchObject({ buildStatus: "IN_PROGRESS" });
    expect(await startBuild(second.client, { idempotencyToken: "t" })).toBe(id);
    second.double.run();
    await eventually(statuses, (all) => all.includes("FAILED"));
    expect(await look(second.client, id)).toMatchObject({ buildStatus: "FAILED" });
    expect(statuses().filter((status) => status === "FAILED")).toHaveLength(1);
    await second.double.stop();
    const third = await start();
    expect(await look(third.client, id)).toMatchObject({ buildStatus: "FAILED" });
    expect((await stat(join(folder, "builds.json"))).mode & 0o777).toBe(0o600);
  });

  it("no build ends while nobody hears of it", async () => {
    nextBuild({ afterMs: 0 });
    const { double, client } = await start();
    await double.run().stop();
    const id = await startBuild(client);
    await wait(50);
    expect(await look(client, id)).toMatchObject({ buildStatus: "IN_PROGRESS" });
  });

  it("a file that cannot be read is said so", async () => {
    await writeFile(join(folder, "builds.json"), "[{");
    await expect(start()).rejects.toThrow("--fresh");
  });
});

describe("the event of an end on its way to a function", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
    stage.lambda.define("finalize", () => null);
    const pattern = {
      source: ["aws.codebuild"],
      "detail-type": ["CodeBuild Build State Change"],
      detail: { "project-name": [PROJECT], "build-status": ["SUCCEEDED", "FAILED"] },
    };
    await stage.pump({ finalize: { events: [{ eventBridge: { pattern } }] } });
  });
  afterAll(() => stage.stop());

  it("comes once, twice as the same event, or not at all, as it was told to", async () => {
    const { double, client } = await start(stage.eventBus);
    double.run();
    nextBuild({ afterMs: 0, event: "lost" });
    nextBuild({ afterMs: 20, event: "twice", status: "FAILED" });
    nextBuild({ afterMs: 100 });
    const ids = [await startBuild(client), await startBuild(client), await startBuild(client)];
    const seen = await eventually(
      () => stage.lambda.invocations("finalize").map(({ event }) => event),
      (events) => events.length === 3,
    );
    // Functions are invoked side by side.
    seen.sort((one, other) => one.detail["build-status"].localeCompare(other.detail["build-status"]));
    const endOf = (event: { detail: Record<string, string>; id: string }) => [
      event.detail["build-id"]?.split("build/")[1],
      event.detail["build-status"],
    ];
    expect(seen.map(endOf)).toEqual([
      [ids[1], "FAILED"],
      [ids[1], "FAILED"],
      [ids[2], "SUCCEEDED"],
    ]);
    expect(seen[0].id).toBe(seen[1].id);
    expect(seen[2].id).not.toBe(seen[1].id);
    expect(seen[2]).toMatchObject({ version: "0", account: "000000000000", region: "us-east-1" });
    expect(await look(client, ids[0] ?? "")).toMatchObject({ buildStatus: "SUCCEEDED" });
  });
});
