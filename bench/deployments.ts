import { Container, type Invocation } from "./container.ts";
import { successOf, triggersOf } from "./deployments/events.ts";
import { type BuildingSpec, configureProjects, fillPending, specsOf } from "./deployments/rows.ts";
import type { Figure, Part, Row } from "./report.ts";
import type { Stage } from "./stage.ts";
import { median, parts, percentile } from "./statistics.ts";

export interface DeploymentOptions {
  /** How many projects deploy something at the same time. */
  projects: number;
  /** How many requests wait in the one project that has many. */
  pending: number;
}

/** Lambda hands that many messages of a queue to a function at once. */
const BATCH = 10;

/**
 * AWS calls for one deployment. Orchestration: the project's row and its published copy, what is pending by index and by
 * table, configuration, sources, version; the spec, the build, its note. End: the spec, the row, the requests; the end; the
 * version read and written, what else is pending by index and by table, the event, the spec settled.
 */
const MOST_CALLS = { orchestrate: 10, finalize: 10 };

interface Work {
  name: string;
  container: Container;
  events: readonly unknown[];
  /** How many messages stand in the events. */
  messages: number;
}

interface Done {
  answers: Invocation[];
  seconds: number;
  calls: number;
}

async function perform({ container, events }: Work, { services }: Stage): Promise<Done> {
  services.wire.calls.clear();
  const startedAt = performance.now();
  const answers = await container.invoke(events);
  const seconds = (performance.now() - startedAt) / 1000;
  return { answers, seconds, calls: services.wire.calls.list().length };
}

function failuresIn(answers: readonly Invocation[]): number {
  return answers.reduce((sum, { body }) => {
    const { batchItemFailures: failures } = body;
    return sum + (Array.isArray(failures) ? failures.length : 0);
  }, 0);
}

function rowOf({ name, messages }: Work, { answers, seconds, calls }: Done, mostCalls: number | undefined): Row {
  const times = answers.map(({ milliseconds }) => milliseconds);
  const perMessage: Figure = { value: calls / messages, digits: 1 };
  return {
    name,
    cells: {
      "per second": { value: messages / seconds, digits: 0 },
      "p50 ms": { value: median(times), digits: 1 },
      "p95 ms": { value: percentile(times, 0.95), digits: 1 },
      "AWS calls each": mostCalls === undefined ? perMessage : { ...perMessage, atMost: mostCalls },
      wrong: { value: failuresIn(answers), digits: 0, atMost: 0 },
    },
  };
}

async function buildingSpecs(stage: Stage, projectIds: readonly string[]): Promise<BuildingSpec[]> {
  const specs = await Promise.all(projectIds.map((id) => specsOf(stage, id)));
  return specs.flat().filter(({ status }) => status === "building");
}

/** Many projects, each with one request. */
async function measureMany(stage: Stage, containers: Containers, projects: number): Promise<Row[]> {
  const ids = Array.from({ length: projects }, (_, index) => `deployed-${index}`);
  await configureProjects(stage, ids);
  for (const id of ids) await fillPending(stage, id, 1);
  const events = parts(ids, Math.ceil(ids.length / BATCH)).map(triggersOf);
  const orchestration = {
    name: `orchestrate, batches of ${BATCH} projects`,
    container: containers.orchestrator,
    events,
    messages: ids.length,
  };
  const orchestrated = await perform(orchestration, stage);
  const specs = await buildingSpecs(stage, ids);
  const end = {
    name: "finalize, one build after the other",
    container: containers.finalizer,
    events: specs.map((spec) => successOf(spec, containers.builder)),
    messages: specs.length,
  };
  const ended = await perform(end, stage);
  const missing = ids.length - specs.length;
  const calls = orchestrated.calls / ids.length + ended.calls / specs.length;
  return [
    rowOf(orchestration, orchestrated, MOST_CALLS.orchestrate),
    rowOf(end, ended, MOST_CALLS.finalize),
    {
      name: "a deployment, from its message to its end",
      cells: {
        "AWS calls each": { value: calls, digits: 1, atMost: MOST_CALLS.orchestrate + MOST_CALLS.finalize },
        wrong: { value: missing, digits: 0, atMost: 0 },
      },
    },
  ];
}

/** One project in which many requests wait: as many builds as it takes, one after the other. */
async function measureOne(stage: Stage, containers: Containers, pending: number): Promise<Row[]> {
  const projectId = "deployed-much";
  await configureProjects(stage, [projectId]);
  await fillPending(stage, projectId, pending);
  const orchestrations: Invocation[] = [];
  const ends: Invocation[] = [];
  const included = new Set<string>();
  const startedAt = performance.now();
  stage.services.wire.calls.clear();
  for (;;) {
    orchestrations.push(...(await containers.orchestrator.invoke([triggersOf([projectId])])));
    const [spec] = await buildingSpecs(stage, [projectId]);
    if (!spec) break;
    for (const id of spec.included_request_ids) included.add(id);
    ends.push(...(await containers.finalizer.invoke([successOf(spec, containers.builder)])));
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const calls = stage.services.wire.calls.list().length;
  const times = (answers: readonly Invocation[]) => answers.map(({ milliseconds }) => milliseconds);
  const build = (name: string, answers: readonly Invocation[]): Row => ({
    name,
    cells: {
      "p50 ms": { value: median(times(answers)), digits: 1 },
      "p95 ms": { value: percentile(times(answers), 0.95), digits: 1 },
      wrong: { value: failuresIn(answers), digits: 0, atMost: 0 },
    },
  });
  return [
    build(`orchestrate, ${pending} pending at first`, orchestrations),
    build("finalize, 90 requests each", ends),
    {
      name: `${pending} requests of one project, ${ends.length} builds`,
      cells: {
        "per second": { value: pending / seconds, digits: 0 },
        "AWS calls each": { value: calls / pending, digits: 2, atMost: 1 },
        wrong: { value: pending - included.size, digits: 0, atMost: 0 },
      },
    },
  ];
}

interface Containers {
  orchestrator: Container;
  finalizer: Container;
  builder: string;
}

/** What deployments cost: the way from a message to a build, and from its end to the next. */
export async function measureDeployments(stage: Stage, { projects, pending }: DeploymentOptions): Promise<Part> {
  const containers = {
    orchestrator: new Container(stage.deployments("deployOrchestrator")),
    finalizer: new Container(stage.deployments("deployFinalize")),
    builder: stage.services.environmentFor("deployFinalize").CODEBUILD_PROJECT ?? "",
  };
  try {
    // The first event of a container pays for what it loads.
    await configureProjects(stage, ["deployed-first"]);
    await fillPending(stage, "deployed-first", 1);
    await containers.orchestrator.invoke([triggersOf(["deployed-first"])]);
    const [first] = await buildingSpecs(stage, ["deployed-first"]);
    if (!first) throw new Error("the first deployment of the bench was not started");
    await containers.finalizer.invoke([successOf(first, containers.builder)]);
    const many = await measureMany(stage, containers, projects);
    const one = await measureOne(stage, containers, pending);
    return { title: `Deployments (${projects} projects; one with ${pending} requests)`, rows: [...many, ...one] };
  } finally {
    await containers.orchestrator.stop();
    await containers.finalizer.stop();
  }
}
