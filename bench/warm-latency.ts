import { Container, messageFrom, startInside } from "./container.ts";
import { fillProject, type Row as RecordRow, registerProject, writtenRow } from "./records.ts";
import type { Part, Row } from "./report.ts";
import { byCookie, byKey, type Credentials, TrackerRequests } from "./requests.ts";
import type { Stage } from "./stage.ts";
import { median, parts, percentile } from "./statistics.ts";
import type { Principal } from "./warm/bare-tracker.ts";
import { READY_TASKS, TASKS } from "./warm/pairs.ts";
import type { Samples, WarmOrder } from "./warm/protocol.ts";

/** The bar for what serving adds to the calls that it makes. */
const MOST_RATIO = 1.3;
/** The bar for a claim over a bare conditional update. */
const MOST_CLAIM_RATIO = 2;
/** The ratio is taken in so many stretches of the run, to see how steady it is. */
const STRETCHES = 10;

export interface WarmOptions {
  repetitions: number;
  warmUp: number;
}

interface Caller {
  name: string;
  credentials: Credentials;
  principal: Principal;
}

function callersOf({ services, person }: Stage): Caller[] {
  const subject = "11111111-2222-4333-8444-555555555555";
  return [
    {
      name: "internal key",
      credentials: byKey(services.internalKey),
      principal: { mode: "internal-key", subject: "internal-key" },
    },
    { name: "cookie", credentials: byCookie(person.cookie), principal: { mode: "cognito", subject } },
  ];
}

function ratios(samples: Samples): number[] {
  const bare = parts(samples.bare, STRETCHES).map(median);
  return parts(samples.served, STRETCHES).map((stretch, index) => median(stretch) / (bare[index] ?? Number.NaN));
}

function rowOf(caller: string, samples: Samples, mostRatio: number): Row {
  const { served, bare } = samples;
  const milliseconds = (value: number) => ({ value, digits: 2 });
  const steadiness = ratios(samples);
  return {
    name: `${samples.name}, by ${caller}`,
    cells: {
      "p50 ms": milliseconds(median(served)),
      "bare p50 ms": milliseconds(median(bare)),
      "adds ms": milliseconds(median(served) - median(bare)),
      ratio: {
        value: median(served) / median(bare),
        digits: 3,
        atMost: mostRatio,
      },
      "in stretches": `${Math.min(...steadiness).toFixed(2)}-${Math.max(...steadiness).toFixed(2)}`,
      "p95 ms": milliseconds(percentile(served, 0.95)),
      "bare p95 ms": milliseconds(percentile(bare, 0.95)),
      "p95 ratio": { value: percentile(served, 0.95) / percentile(bare, 0.95), digits: 2 },
    },
    details: { ratios: steadiness },
  };
}

async function measureCaller(stage: Stage, row: RecordRow, caller: Caller, options: WarmOptions): Promise<Row[]> {
  const { mode } = caller.principal;
  const [servedProject, bareProject] = [`warm-served-${mode}`, `warm-calls0-${mode}`];
  for (const project of [servedProject, bareProject]) await fillProject(stage, row, project, TASKS);
  const child = startInside("warm/pairs-process.ts", stage.tracker(stage.services.direct.dynamodb));
  const { credentials, principal } = caller;
  child.send({
    servedProject,
    bareProject,
    tables: stage.tables,
    credentials,
    principal,
    compares: "calls",
    ...options,
  } satisfies WarmOrder);
  const samples = await messageFrom<Samples[]>(child);
  return samples.map((found) => rowOf(caller.name, found, MOST_RATIO));
}

/** The written row that all projects of the bench are filled with. */
async function templateRow(stage: Stage, project: string): Promise<RecordRow> {
  const container = new Container(stage.tracker(stage.services.direct.dynamodb));
  await registerProject(stage, project, 0);
  const row = await writtenRow(stage, container, new TrackerRequests(project, byKey(stage.services.internalKey)));
  await container.stop();
  return row;
}

/** What a claim costs over the least that one can be: a conditional update of one record, without a history. */
export async function measureClaims(stage: Stage, options: WarmOptions): Promise<Part> {
  const row = await templateRow(stage, "claims-template");
  const [servedProject, bareProject] = ["claims-served", "claims-calls0"];
  for (const project of [servedProject, bareProject]) await fillProject(stage, row, project, READY_TASKS);
  const child = startInside("warm/pairs-process.ts", stage.tracker(stage.services.direct.dynamodb));
  const [caller] = callersOf(stage) as [Caller];
  const { credentials, principal } = caller;
  const order = { servedProject, bareProject, tables: stage.tables, credentials, principal, ...options };
  child.send({ compares: "claims", ...order } satisfies WarmOrder);
  const [oneByOne, afterCreate] = await messageFrom<[Samples, Samples]>(child);
  return {
    title: `A claim with its history over one bare conditional update (${options.repetitions} pairs)`,
    rows: [rowOf(caller.name, oneByOne, MOST_CLAIM_RATIO), rowOf(caller.name, afterCreate, MOST_CLAIM_RATIO)],
  };
}

/** What serving a request costs over the bare calls of DynamoDB that it makes, in one process and one run. */
export async function measureWarmLatency(stage: Stage, options: WarmOptions): Promise<Part> {
  const row = await templateRow(stage, "warm-template");
  const rows: Row[] = [];
  for (const caller of callersOf(stage)) rows.push(...(await measureCaller(stage, row, caller, options)));
  return { title: `Warm latency of the packaged tracker over its bare SDK calls (${options.repetitions} pairs)`, rows };
}
