import type { IncomingMessage } from "node:http";
import type { EventBus } from "../event-bus.ts";
import { type AwsFailure, startJsonDouble } from "../json-double.ts";
import { BuildOutcome, type FaultList } from "../wire/faults.ts";
import { callingFunction } from "../wire/identify.ts";
import { type Build, codeBuildArn, type EndStatus } from "./build.ts";
import { BuildList } from "./build-list.ts";
import { describeBuild } from "./describe.ts";
import { keepBuilds, readBuilds } from "./kept-builds.ts";
import { BatchGetBuildsRequest, ListBuildsForProjectRequest, StartBuildRequest, StopBuildRequest } from "./requests.ts";
import { stateChange } from "./state-change.ts";

const DELIVERIES = { once: 1, lost: 0, twice: 2 } as const;

export interface CodeBuildOptions {
  projects: ReadonlySet<string>;
  region: string;
  bus: Pick<EventBus, "publish">;
  /** Where it was said how the next builds go. */
  faults: Pick<FaultList, "takeBuild">;
  /** Keeps builds over restarts; absent: in memory. */
  file: string | undefined;
}

export interface CodeBuild {
  url: string;
  /**
   * Lets builds end from now on, until it is stopped; those whose time has come meanwhile end at once. Called when there
   * is somebody to hear of it: an end is told once.
   */
  run(): { stop(): Promise<void> };
  stop(): Promise<void>;
}

const notFound = (message: string): AwsFailure => ({ code: "ResourceNotFoundException", message });

/** A double of CodeBuild that builds nothing: builds take their time, end as they were told to, and the bus hears of it. */
export async function startCodeBuild({ projects, region, bus, faults, file }: CodeBuildOptions): Promise<CodeBuild> {
  const builds = new BuildList(await readBuilds(file));
  const { save, settled } = keepBuilds(file, () => builds.all());
  const timers = new Map<string, NodeJS.Timeout>();
  let running = false;

  const describe = (build: Build) => describeBuild(build, region, Date.now());

  async function end(build: Build, status: EndStatus): Promise<void> {
    clearTimeout(timers.get(build.id));
    timers.delete(build.id);
    if (build.end) return;
    build.end = { at: Date.now(), status };
    await save();
    bus.publish(stateChange(build, region), DELIVERIES[build.outcome.event]);
  }

  function endInTime(build: Build): void {
    if (!running || build.end || timers.has(build.id)) return;
    const due = () => {
      end(build, build.outcome.status).catch((error: unknown) => console.error(`build ${build.id}: ${String(error)}`));
    };
    timers.set(build.id, setTimeout(due, Math.max(0, build.endsAt - Date.now())));
  }

  function requireProject(name: string): void {
    if (projects.has(name)) return;
    throw notFound(`Project cannot be found: ${codeBuildArn(region, `project/${name}`)}`);
  }

  async function startBuild(body: unknown, incoming: IncomingMessage) {
    const request = StartBuildRequest.parse(body);
    requireProject(request.projectName);
    const known = builds.startedWith(request, Date.now());
    if (known) {
      // The first request may still be about to write it down.
      await save();
      return { build: describe(known) };
    }
    const caller = callingFunction(incoming);
    const call = { service: "codebuild", operation: "StartBuild", function: caller, invocation: "" } as const;
    const outcome = faults.takeBuild({ ...call, request: () => body }) ?? BuildOutcome.parse({});
    const build = builds.add(request, outcome, caller ?? "local", Date.now());
    const answer = { build: describeBuild(build, region, build.startedAt) };
    const begun = stateChange(build, region);
    await save();
    // After the answer is on its way: nobody may come to rely on a build having gone on when StartBuild returns.
    setImmediate(() => {
      bus.publish(begun);
      endInTime(build);
    });
    return answer;
  }

  function batchGetBuilds(body: unknown) {
    const ids = [...new Set(BatchGetBuildsRequest.parse(body).ids)];
    return {
      builds: ids.flatMap((id) => builds.find(id) ?? []).map(describe),
      buildsNotFound: ids.filter((id) => !builds.find(id)),
    };
  }

  function listBuildsForProject(body: unknown) {
    const { projectName, sortOrder, nextToken } = ListBuildsForProjectRequest.parse(body);
    requireProject(projectName);
    return builds.page(projectName, sortOrder, nextToken);
  }

  async function stopBuild(body: unknown) {
    const { id } = StopBuildRequest.parse(body);
    const build = builds.find(id);
    if (!build) throw notFound(`Build cannot be found: ${id}`);
    await end(build, "STOPPED");
    return { build: describe(build) };
  }

  const operations = {
    StartBuild: startBuild,
    BatchGetBuilds: batchGetBuilds,
    ListBuildsForProject: listBuildsForProject,
    StopBuild: stopBuild,
  };
  const double = await startJsonDouble("codebuild", operations, "InvalidInputException");

  function pause(): void {
    running = false;
    for (const timer of timers.values()) clearTimeout(timer);
    timers.clear();
  }

  return {
    url: double.url,
    run: () => {
      running = true;
      for (const build of builds.all()) endInTime(build);
      return { stop: async () => pause() };
    },
    stop: async () => {
      pause();
      await double.stop();
      await settled();
    },
  };
}
