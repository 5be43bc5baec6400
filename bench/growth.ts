import { setTimeout as wait } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { type CapacityMeter, type Cost, startCapacityMeter } from "./capacity-meter.ts";
import { Container } from "./container.ts";
import { fillProject, registerProject, taskId, writtenRow } from "./records.ts";
import type { Figure, Part, Row } from "./report.ts";
import { byKey, TITLE, TrackerRequests } from "./requests.ts";
import type { Stage } from "./stage.ts";
import { median } from "./statistics.ts";

export interface GrowthOptions {
  /** How many records the projects have. */
  sizes: readonly number[];
}

/** What one request has cost. */
interface Spent extends Cost {
  calls: number;
}

/** Makes one request and says what it cost; `get` and `list` may be needed first and are not counted. */
type Probe = (project: Project) => Promise<Spent>;

interface Project {
  requests: TrackerRequests;
  /** A task that no other probe has touched. */
  fresh(): string;
  /** Makes a request that is not counted. */
  call(event: unknown): Promise<Readonly<Record<string, unknown>>>;
  /** Makes a request and counts. */
  spend(event: unknown): Promise<Spent>;
}

/** Times have whole seconds: a row changed twice in one stands still in the indexes that are ordered by time. */
function nextSecond(): Promise<void> {
  return wait(1_000 - (Date.now() % 1_000) + 5);
}

/** Makes what comes before the last event, and counts that. */
function last(events: (requests: TrackerRequests, id: string) => readonly unknown[]): Probe {
  return async ({ requests, fresh, call, spend }) => {
    const all = events(requests, fresh());
    for (const event of all.slice(0, -1)) await call(event);
    if (all.length > 1) await nextSecond();
    return spend(all.at(-1));
  };
}

const PAGE = 50;

/** Begins where a short page has ended, so that the smallest project has a whole page behind it. */
async function laterPage({ requests, call, spend }: Project): Promise<Spent> {
  const { next_cursor } = await call(requests.list({ limit: 20 }));
  return spend(requests.list({ limit: PAGE, cursor: String(next_cursor) }));
}

/** A lease that was granted, and a sign of life for it. */
async function heartbeatOfGrant({ requests, fresh, call, spend }: Project): Promise<Spent> {
  const id = fresh();
  const { lease } = await call(requests.checkout(id));
  return spend(requests.heartbeat(id, (lease as { lease_id: string }).lease_id));
}

/** Two claims right after each other: the second one tries what the first one has seen. */
async function secondClaim({ requests, call, spend }: Project): Promise<Spent> {
  await call(requests.claimNext());
  return spend(requests.claimNext());
}

/** Something new came in by the same container. */
async function claimAfterCreate({ requests, call, spend }: Project): Promise<Spent> {
  await call(requests.create(TITLE));
  return spend(requests.claimNext());
}

/** Closes the last blocker of a task. */
async function closeBlocker({ requests, fresh, call, spend }: Project): Promise<Spent> {
  const [blocker, waiting] = [fresh(), fresh()];
  await call(requests.block(waiting, blocker));
  await nextSecond();
  return spend(requests.close(blocker));
}

async function block({ requests, fresh, spend }: Project): Promise<Spent> {
  const [blocker, waiting] = [fresh(), fresh()];
  await nextSecond();
  return spend(requests.block(waiting, blocker));
}

const PROBES: readonly { name: string; mostCalls: number; probe: Probe }[] = [
  { name: "get", mostCalls: 1, probe: last((to, id) => [to.get(id)]) },
  { name: "patch", mostCalls: 2, probe: last((to, id) => [to.patch(id, "grace")]) },
  { name: "create", mostCalls: 2, probe: last((to) => [to.create(TITLE)]) },
  { name: "log", mostCalls: 2, probe: last((to, id) => [to.log(id)]) },
  { name: "checkout after a get", mostCalls: 1, probe: last((to, id) => [to.get(id), to.checkout(id)]) },
  { name: "checkout, cold", mostCalls: 2, probe: last((to, id) => [to.checkout(id)]) },
  { name: "release", mostCalls: 2, probe: last((to, id) => [to.checkout(id), to.release(id)]) },
  { name: "first page of 50", mostCalls: 1, probe: last((to) => [to.list({ limit: PAGE })]) },
  { name: "later page of 50", mostCalls: 1, probe: laterPage },
  { name: "heartbeat", mostCalls: 1, probe: heartbeatOfGrant },
  { name: "history", mostCalls: 1, probe: last((to, id) => [to.patch(id, "ada"), to.history(id)]) },
  { name: "explain", mostCalls: 1, probe: last((to, id) => [to.explain(id)]) },
  { name: "ready, page of 50", mostCalls: 2, probe: last((to) => [to.ready(PAGE), to.ready(PAGE)]) },
  { name: "claims/next", mostCalls: 3, probe: claimAfterCreate },
  { name: "claims/next, right after another", mostCalls: 2, probe: secondClaim },
  { name: "dependency, new", mostCalls: 4, probe: block },
  { name: "close of a last blocker", mostCalls: 4, probe: closeBlocker },
];

interface Place {
  projectId: string;
  prefix: string;
  size: number;
}

function projectOf(
  stage: Stage,
  meter: CapacityMeter,
  container: Container,
  { projectId, prefix, size }: Place,
): Project {
  const { calls } = stage.services.wire;
  let used = 0;
  const call = async (event: unknown) => (await container.call(event)).body;
  return {
    requests: new TrackerRequests(projectId, byKey(stage.services.internalKey)),
    // From the end: claims take from the beginning.
    fresh: () => taskId(size - 1 - used++, prefix),
    call,
    spend: async (event) => {
      calls.clear();
      meter.take();
      await call(event);
      return { calls: calls.list().length, ...meter.take() };
    },
  };
}

function capacityText({ read, write }: Spent): string {
  return `${read.toFixed(1)} r ${write.toFixed(1)} w`;
}

function rowOf(name: string, mostCalls: number, spent: ReadonlyMap<number, Spent>): Row {
  const costs = [...spent.values()];
  const first = costs[0];
  const different: Figure = {
    value: costs.filter((cost) => !isDeepStrictEqual(cost, first)).length,
    digits: 0,
    atMost: 0,
  };
  const calls: Figure = { value: Math.max(...costs.map((cost) => cost.calls)), digits: 0, atMost: mostCalls };
  const capacity = [...spent].map(
    ([size, cost]) => [`units at ${size.toLocaleString("en")}`, capacityText(cost)] as const,
  );
  return {
    name,
    cells: { calls, ...Object.fromEntries(capacity), "sizes that differ": different },
    details: Object.fromEntries(spent),
  };
}

const TIMED = 50;
/** What the fastest tracker of this kind that tells a figure needs for its ready list, with 5,000 to 10,000 issues. */
const MOST_READY_MS = 342;

/** How long a page of what is ready takes. */
async function readyTimes(container: Container, projects: ReadonlyMap<number, Project>): Promise<Row> {
  const cells: Record<string, Figure> = {};
  for (const [size, { requests }] of projects) {
    const answers = await container.invoke(Array.from({ length: TIMED }, () => requests.ready(PAGE)));
    const value = median(answers.map(({ milliseconds }) => milliseconds));
    cells[`p50 ms at ${size.toLocaleString("en")}`] = { value, digits: 1, atMost: MOST_READY_MS };
  }
  return { name: "ready, page of 50", cells };
}

/** What each request of a warm container costs in projects of different sizes. */
export async function measureGrowth(stage: Stage, { sizes }: GrowthOptions): Promise<Part[]> {
  const meter = await startCapacityMeter(stage.services.wire.origins.dynamodb);
  const container = new Container(stage.tracker(meter.url));
  try {
    await registerProject(stage, "growth-t", 0);
    const template = new TrackerRequests("growth-t", byKey(stage.services.internalKey));
    const row = await writtenRow(stage, container, template);
    const projects = new Map<number, Project>();
    for (const [index, size] of sizes.entries()) {
      const projectId = `growth-${index}`;
      // Ids are unique over all projects, or edges would lead into another one.
      const prefix = `BG${String.fromCharCode(65 + index)}`;
      await fillProject(stage, row, projectId, size, prefix);
      const project = projectOf(stage, meter, container, { projectId, prefix, size });
      // A container that has not met the project before reads it once.
      await project.call(project.requests.get(project.fresh()));
      projects.set(size, project);
    }
    const rows: Row[] = [];
    for (const { name, mostCalls, probe } of PROBES) {
      const spent = new Map<number, Spent>();
      for (const [size, project] of projects) spent.set(size, await probe(project));
      rows.push(rowOf(name, mostCalls, spent));
    }
    return [
      { title: "AWS calls and consumed capacity of a request, by the number of records in the project", rows },
      {
        title: "Latency of a request, by the number of records in the project",
        rows: [await readyTimes(container, projects)],
      },
    ];
  } finally {
    await container.stop();
    await meter.stop();
  }
}
