import { Container, type Invocation } from "./container.ts";
import { fillProject, registerProject, taskId, writtenRow } from "./records.ts";
import type { Part, Row } from "./report.ts";
import { byKey, TITLE, TrackerRequests } from "./requests.ts";
import type { Stage } from "./stage.ts";
import { parts, percentile } from "./statistics.ts";

export interface ConcurrencyOptions {
  creates: number;
  checkouts: number;
}

/** The requests come in at that many containers. */
const CONTAINERS = 4;

interface Burst {
  answers: Invocation[];
  /** From the first request to the last answer. */
  milliseconds: number;
}

/** Sends all events at once, spread over the containers. */
async function burst(containers: readonly Container[], events: readonly unknown[]): Promise<Burst> {
  const shares = parts(events, containers.length);
  const startedAt = performance.now();
  const answers = await Promise.all(
    shares.map((share, index) => containers[index]?.invoke(share, { atOnce: true }) ?? []),
  );
  return { answers: answers.flat(), milliseconds: performance.now() - startedAt };
}

function rowOf(name: string, { answers, milliseconds }: Burst, wrong: number): Row {
  const times = answers.map((answer) => answer.milliseconds);
  return {
    name,
    cells: {
      "per second": { value: (answers.length / milliseconds) * 1000, digits: 0 },
      "p50 ms": { value: percentile(times, 0.5), digits: 0 },
      "p99 ms": { value: percentile(times, 0.99), digits: 0 },
      wrong: { value: wrong, digits: 0, atMost: 0 },
    },
  };
}

function count(answers: readonly Invocation[], status: number): number {
  return answers.filter((answer) => answer.status === status).length;
}

/** So many callers race for one record, and the last one knows after so long that it has lost. */
const RACERS = 100;
const MOST_RACE_MS = 300;

function raceOf(name: string, raced: Burst): Row {
  const { cells } = rowOf(name, raced, wrongClaims(raced.answers));
  return { name, cells: { ...cells, "all ms": { value: raced.milliseconds, digits: 0, atMost: MOST_RACE_MS } } };
}

/** How many of the creates have not got a number of their own without a gap. */
function wrongCreates(answers: readonly Invocation[]): number {
  const expected = new Set(answers.map((_, index) => taskId(index)));
  const got = new Set(answers.map(({ body }) => String(body.record_id)));
  return expected.size - [...expected].filter((id) => got.has(id)).length + (answers.length - count(answers, 201));
}

/** How far the answers are from one that holds the task and all others refused. */
function wrongClaims(answers: readonly Invocation[]): number {
  return Math.abs(count(answers, 200) - 1) + Math.abs(count(answers, 409) - (answers.length - 1));
}

/** What the tracker does with many requests at the same moment. */
export async function measureConcurrency(stage: Stage, { creates, checkouts }: ConcurrencyOptions): Promise<Part> {
  const containers = Array.from(
    { length: CONTAINERS },
    () => new Container(stage.tracker(stage.services.direct.dynamodb)),
  );
  const [first] = containers as [Container];
  try {
    const credentials = byKey(stage.services.internalKey);
    const template = new TrackerRequests("burst-t", credentials);
    await registerProject(stage, "burst-t", 0);
    const row = await writtenRow(stage, first, template);
    await registerProject(stage, "burst-c", 0);
    await fillProject(stage, row, "burst-o", checkouts + 2);
    const creating = new TrackerRequests("burst-c", credentials);
    const claiming = new TrackerRequests("burst-o", credentials);
    for (const container of containers) {
      await container.call(template.get(taskId(0)));
      await container.call(claiming.get(taskId(checkouts)));
      await container.call(claiming.get(taskId(checkouts + 1)));
    }
    const created = await burst(
      containers,
      Array.from({ length: creates }, () => creating.create(TITLE)),
    );
    const contested = await burst(
      containers,
      Array.from({ length: checkouts }, () => claiming.checkout(taskId(checkouts))),
    );
    const raced = await burst(
      containers,
      Array.from({ length: RACERS }, () => claiming.checkout(taskId(checkouts + 1))),
    );
    const separate = await burst(
      containers,
      Array.from({ length: checkouts }, (_, n) => claiming.checkout(taskId(n))),
    );
    return {
      title: `Requests at the same moment, in ${CONTAINERS} containers`,
      rows: [
        rowOf(`${creates} creates: consecutive ids`, created, wrongCreates(created.answers)),
        rowOf(`${checkouts} checkouts of one task: one holder`, contested, wrongClaims(contested.answers)),
        raceOf(`${RACERS} checkouts of one task: one holder`, raced),
        rowOf(`${checkouts} checkouts of as many tasks`, separate, checkouts - count(separate.answers, 200)),
      ],
    };
  } finally {
    await Promise.all(containers.map((container) => container.stop()));
  }
}
