import { setTimeout as wait } from "node:timers/promises";
import type { Messages } from "@enceladus/middleware/queue-plan";
import { type QueueOptions, queueWorker } from "@enceladus/middleware/queue-worker";
import { describe, expect, it } from "@jest/globals";
import type { Context, SQSRecord } from "aws-lambda";
import * as z from "zod";
import { logDuring } from "../../support/captured-log.ts";
import { queueRecord } from "../../support/queue-event.ts";

process.env.POWERTOOLS_LOG_LEVEL = "SILENT";

const Thing = z.object({ project_id: z.string(), n: z.number().optional() });
type Thing = z.output<typeof Thing>;
const byProject: QueueOptions<Thing> = { groupBy: ({ project_id }) => project_id };

/** Calls a worker; the answer names the messages that come again. */
async function run(
  records: SQSRecord[],
  work: (things: Messages<Thing>) => Promise<unknown>,
  options?: QueueOptions<Thing>,
): Promise<string[]> {
  const worker = queueWorker("things", Thing, work, options);
  const { batchItemFailures } = await worker({ Records: records }, {} as Context);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

const things = (...projects: string[]): SQSRecord[] =>
  projects.map((project_id, index) => queueRecord(`m${index + 1}`, { project_id, n: index + 1 }));

describe("a function behind a queue", () => {
  it("works on one message after the other, and reports the one that failed", async () => {
    const seen: unknown[] = [];
    const failed = await run(things("a", "b", "c"), async (messages) => {
      seen.push(messages);
      if (messages[0].project_id === "b") throw new Error("not now");
    });
    expect(failed).toStrictEqual(["m2"]);
    expect(seen).toStrictEqual([[{ project_id: "a", n: 1 }], [{ project_id: "b", n: 2 }], [{ project_id: "c", n: 3 }]]);
  });

  it("works once on messages that belong together, and reports all of them when it fails", async () => {
    const seen: number[][] = [];
    const failed = await run(
      things("a", "b", "a", "c", "a"),
      async (messages) => {
        seen.push(messages.map(({ n }) => n ?? 0));
        if (messages[0].project_id === "a") throw new Error("not now");
      },
      byProject,
    );
    expect(seen).toStrictEqual([[1, 3, 5], [2], [4]]);
    expect(failed.toSorted()).toStrictEqual(["m1", "m3", "m5"]);
  });

  it("reports a batch of which nothing works, and begins the next one afresh", async () => {
    const failing = async () => {
      throw new Error("never");
    };
    expect(await run(things("a", "b"), failing)).toStrictEqual(["m1", "m2"]);
    expect(await run(things("a", "b"), async () => undefined)).toStrictEqual([]);
  });

  it.each([1, 3])("has at most %i works under way, where so many are asked for", async (atOnce) => {
    const underWay = { now: 0, most: 0 };
    await run(
      things("a", "b", "c", "d", "e"),
      async () => {
        underWay.most = Math.max(underWay.most, ++underWay.now);
        await wait(5);
        underWay.now -= 1;
      },
      { atOnce },
    );
    expect(underWay).toStrictEqual({ now: 0, most: atOnce });
  });

  it("does not mind one message twice in a batch, of which the second works", async () => {
    let calls = 0;
    const twice = [...things("a"), ...things("a")];
    const failed = await run(twice, async () => {
      calls += 1;
      if (calls === 1) throw new Error("not now");
    });
    expect(failed).toStrictEqual(["m1"]);
  });
});

describe("a message that cannot be read", () => {
  const poisoned = () => [
    queueRecord("garbled", "{project"),
    queueRecord("nameless", { project: "secret-of-alpha" }),
    ...things("a"),
  ];

  it("is acknowledged by default, and its loss logged without what it says, and counted", async () => {
    const seen: unknown[] = [];
    let failed: string[] = [];
    const { lines, text } = await logDuring(async () => {
      failed = await run(poisoned(), async (messages) => seen.push(messages));
    });
    expect([failed, seen]).toStrictEqual([[], [[{ project_id: "a", n: 1 }]]]);
    expect(lines.filter(({ message }) => message === "message_dropped")).toMatchObject([
      { level: "ERROR", event_id: "garbled", queue: "things", reason: "8 characters that are no JSON" },
      { level: "ERROR", event_id: "nameless", queue: "things", reason: "project_id: invalid_type" },
    ]);
    expect(lines.filter(({ event_failed }) => event_failed === 1)).toHaveLength(2);
    expect(text).not.toContain("secret-of-alpha");
  });

  it("fails where it is to end among the dead letters", async () => {
    expect(await run(poisoned(), async () => undefined, { poison: "dead-letter" })).toStrictEqual([
      "garbled",
      "nameless",
    ]);
  });
});

describe("a FIFO queue", () => {
  const queued = (id: string, project: string, group: string) => queueRecord(id, { project_id: project }, group);
  const failOn = (project: string) => {
    const done: string[] = [];
    const work = async ([{ project_id }]: Messages<Thing>) => {
      if (project_id === project) throw new Error("not now");
      done.push(project_id);
    };
    return { done, work };
  };

  it.each([1, 4])("lets nothing overtake a failed message of its group, with %i at once", async (atOnce) => {
    const { done, work } = failOn("a2");
    const records = [
      queued("1", "a1", "A"),
      queued("2", "a2", "A"),
      queued("3", "b1", "B"),
      queued("4", "a3", "A"),
      queued("5", "b2", "B"),
      queued("6", "a4", "A"),
    ];
    expect(await run(records, work, { atOnce })).toStrictEqual(["2", "4", "6"]);
    expect(done).toStrictEqual(["a1", "b1", "b2"]);
  });

  it("does the messages of a group one after the other, however many may be under way", async () => {
    const ended: string[] = [];
    const work = async ([{ project_id }]: Messages<Thing>) => {
      await wait(project_id === "first" ? 20 : 1);
      ended.push(project_id);
    };
    await run([queued("1", "first", "A"), queued("2", "second", "A"), queued("3", "third", "A")], work, { atOnce: 3 });
    expect(ended).toStrictEqual(["first", "second", "third"]);
  });

  it("goes on past a message that cannot be read: the messages behind it must not be put aside with it", async () => {
    const { done, work } = failOn("none");
    const records = [queueRecord("1", "?", "A"), queued("2", "a", "A"), queued("3", "b", "B")];
    expect(await run(records, work, { poison: "dead-letter" })).toStrictEqual(["1"]);
    expect(await run(records, work)).toStrictEqual([]);
    expect(done).toStrictEqual(["a", "b", "a", "b"]);
  });

  it("does not work on messages of two groups together", async () => {
    const { done, work } = failOn("none");
    await run([queued("1", "a", "A"), queued("2", "a", "B"), queued("3", "a", "A")], work, byProject);
    expect(done).toStrictEqual(["a", "a"]);
  });
});

describe("the log of a queue", () => {
  it("says of each work which messages it was about, how often they came, how old they are, and what came of it", async () => {
    const { lines } = await logDuring(() =>
      run(
        things("a", "b", "a"),
        async ([{ project_id }]) => {
          if (project_id === "b") throw new Error("not now");
          return { specs: 1 };
        },
        byProject,
      ),
    );
    const trace = { source: "things", queue: "things", receive_count: 2, age_seconds: 65 };
    expect(lines.filter(({ message }) => String(message).startsWith("event"))).toMatchObject([
      { ...trace, level: "INFO", event_id: "m1", message_ids: ["m1", "m3"], outcome: "done", result: { specs: 1 } },
      { ...trace, level: "ERROR", event_id: "m2", message_ids: ["m2"], error: { message: "not now" } },
    ]);
    expect(lines).toContainEqual(expect.objectContaining({ event_failed: 1, source: "things" }));
  });
});
