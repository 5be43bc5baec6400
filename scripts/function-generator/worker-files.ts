import { type Change, created } from "./change.ts";
import type { Choice, HttpChoice, QueueChoice, RuleChoice, ScheduleChoice, StreamChoice } from "./choice.ts";
import { namesOf } from "./names.ts";

type WorkerChoice = Exclude<Choice, HttpChoice>;

const quoted = (text: string) => JSON.stringify(text);

/** What is written for a worker: its wiring, its work, and the test of both. */
interface WorkerTexts {
  /** What the file of the work is called. */
  file: string;
  handler: string;
  work: string;
  test: string;
}

function stream({ name, about }: StreamChoice, folder: string): WorkerTexts {
  return {
    file: "follow-change",
    handler: `import { streamWorker } from "@enceladus/middleware/stream-worker";
import { followChange, type Row } from "./follow-change.ts";

export const handler = streamWorker<Row>(${quoted(name)}, followChange);
`,
    work: `import type { RowChange } from "@enceladus/middleware/stream-worker";

/** A row, as far as it is looked at. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * ${about}. A change may come more than once, and after a newer one.
 * @returns what was done, for the log
 */
export async function followChange({ before, after }: RowChange<Row>): Promise<{ change: string }> {
  if (after === undefined) return { change: "deleted" };
  return { change: before === undefined ? "created" : "changed" };
}
`,
    test: `import { describe, expect, it } from "@jest/globals";
import type { Context, DynamoDBRecord } from "aws-lambda";
import { followChange } from "../../../${folder}/follow-change.ts";
import { handler } from "../../../${folder}/handler.ts";

process.env.POWERTOOLS_LOG_LEVEL = "SILENT";

const change = (number: number): DynamoDBRecord => ({
  eventID: \`event-\${number}\`,
  dynamodb: { SequenceNumber: String(number), NewImage: { id: { S: \`row-\${number}\` } } },
});

describe(${quoted(name)}, () => {
  it("takes every change, however often and in whatever order they come", async () => {
    const Records = [1, 2, 3].map(change);
    for (const records of [Records, Records.toReversed(), [...Records, ...Records]]) {
      expect(await handler({ Records: records }, {} as Context)).toEqual({ batchItemFailures: [] });
    }
  });

  it("tells what has become of a row", async () => {
    const row = { id: "row-1" };
    const changes = [
      { eventId: "1", before: undefined, after: row },
      { eventId: "2", before: row, after: row },
      { eventId: "3", before: row, after: undefined },
    ];
    const seen = await Promise.all(changes.map(followChange));
    expect(seen.map(({ change }) => change)).toEqual(["created", "changed", "deleted"]);
  });
});
`,
  };
}

function queue({ name, about }: QueueChoice, folder: string): WorkerTexts {
  return {
    file: "work-off",
    handler: `import { queueWorker } from "@enceladus/middleware/queue-worker";
import { message, workOff } from "./work-off.ts";

export const handler = queueWorker(${quoted(name)}, message, ([first]) => workOff(first));
`,
    work: `import * as z from "zod";

export const message = z.object({ project_id: z.string().trim().min(1).max(128) });

/**
 * ${about}. A message may come more than once.
 * @returns what was done, for the log
 */
export async function workOff({ project_id }: z.output<typeof message>): Promise<{ project_id: string }> {
  return { project_id };
}
`,
    test: `import { describe, expect, it } from "@jest/globals";
import type { Context } from "aws-lambda";
import { handler } from "../../../${folder}/handler.ts";
import { workOff } from "../../../${folder}/work-off.ts";
import { queueRecord } from "../../support/queue-event.ts";

process.env.POWERTOOLS_LOG_LEVEL = "SILENT";

describe(${quoted(name)}, () => {
  it("takes every message, however often it comes", async () => {
    const records = ["alpha", "beta"].map((project_id) => queueRecord(project_id, { project_id }));
    const Records = [...records, ...records, ...records];
    expect(await handler({ Records }, {} as Context)).toEqual({ batchItemFailures: [] });
  });

  it("takes messages from the queue that can never be understood", async () => {
    const Records = ["no json", {}, { project_id: 7 }].map((body, index) => queueRecord(String(index), body));
    expect(await handler({ Records }, {} as Context)).toEqual({ batchItemFailures: [] });
  });

  it("tells what was done", async () => {
    expect(await workOff({ project_id: "alpha" })).toEqual({ project_id: "alpha" });
  });
});
`,
  };
}

const EVENT_OF = (source: string, detailType: string) => `const event: BusEvent = {
  version: "0",
  id: "event-1",
  "detail-type": ${quoted(detailType)},
  source: ${quoted(source)},
  account: "000000000000",
  time: "2026-01-01T00:00:00Z",
  region: "us-east-1",
  resources: [],
  detail: {},
};
`;

function rule({ name, about, source, detailType }: RuleChoice, folder: string): WorkerTexts {
  return {
    file: "react",
    handler: `import { eventWorker } from "@enceladus/middleware/event-worker";
import { react } from "./react.ts";

export const handler = eventWorker(react);
`,
    work: `import type { BusEvent } from "@enceladus/middleware/event-worker";

const SOURCE = ${quoted(source)};

/**
 * ${about}. An event may come more than once, and after a newer one.
 * @returns what was done, for the log
 * @throws Error for an event that this function is not made for
 */
export async function react({ source, time }: BusEvent): Promise<{ happened_at: string }> {
  if (source !== SOURCE) throw new Error(\`no work for events of \${source}\`);
  return { happened_at: time };
}
`,
    test: `import type { BusEvent } from "@enceladus/middleware/event-worker";
import { describe, expect, it } from "@jest/globals";
import { handler } from "../../../${folder}/handler.ts";
import { react } from "../../../${folder}/react.ts";

process.env.POWERTOOLS_LOG_LEVEL = "SILENT";

${EVENT_OF(source, detailType)}
describe(${quoted(name)}, () => {
  it("takes an event, however often it comes", async () => {
    for (const _ of [1, 2, 3]) await expect(handler(event, {})).resolves.toBeUndefined();
    expect(await react(event)).toEqual({ happened_at: event.time });
  });

  it("fails for an event that it is not made for, so that it is put aside", async () => {
    await expect(handler({ ...event, source: "somebody.else" }, {})).rejects.toThrow("no work for events of somebody.else");
  });
});
`,
  };
}

function schedule({ name, about }: ScheduleChoice, folder: string): WorkerTexts {
  return {
    file: "run",
    handler: `import { eventWorker } from "@enceladus/middleware/event-worker";
import { run } from "./run.ts";

export const handler = eventWorker(run);
`,
    work: `import type { BusEvent } from "@enceladus/middleware/event-worker";

/**
 * ${about}. The same run may come more than once.
 * @returns what was done, for the log
 */
export async function run({ time }: BusEvent): Promise<{ due_at: string }> {
  return { due_at: time };
}
`,
    test: `import type { BusEvent } from "@enceladus/middleware/event-worker";
import { describe, expect, it } from "@jest/globals";
import { handler } from "../../../${folder}/handler.ts";
import { run } from "../../../${folder}/run.ts";

process.env.POWERTOOLS_LOG_LEVEL = "SILENT";

${EVENT_OF("aws.events", "Scheduled Event")}
describe(${quoted(name)}, () => {
  it("runs when it is due, however often it is told", async () => {
    for (const _ of [1, 2, 3]) await expect(handler(event, {})).resolves.toBeUndefined();
    expect(await run(event)).toEqual({ due_at: event.time });
  });
});
`,
  };
}

function textsOf(choice: WorkerChoice, folder: string): WorkerTexts {
  switch (choice.trigger) {
    case "stream":
      return stream(choice, folder);
    case "queue":
      return queue(choice, folder);
    case "rule":
      return rule(choice, folder);
    case "schedule":
      return schedule(choice, folder);
  }
}

/** The sources and the test of a function that nobody calls. */
export function workerFiles(choice: WorkerChoice): Change[] {
  const { folder, name } = namesOf(choice.name);
  const { file, handler, work, test } = textsOf(choice, folder);
  return [
    created(`${folder}/handler.ts`, handler),
    created(`${folder}/${file}.ts`, work),
    created(`test/unit/functions/${name}.test.ts`, test),
  ];
}
