import { queueWorker } from "@enceladus/middleware/queue-worker";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Context } from "aws-lambda";
import * as z from "zod";
import { eventually } from "../../support/eventually.ts";
import { type Stage, startStage } from "../local/pump-stage.ts";

process.env.POWERTOOLS_LOG_LEVEL = "SILENT";

const Thing = z.object({ project_id: z.string(), n: z.number() });

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.stop());

/** A FIFO queue whose messages are put aside when they have come twice. */
async function fifoQueue(name: string) {
  const settings = { VisibilityTimeout: "1", FifoQueue: "true", ContentBasedDeduplication: "true" };
  const dead = await stage.queue(`${name}-dlq.fifo`, settings);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 });
  return { dead, queue: await stage.queue(`${name}.fifo`, { ...settings, RedrivePolicy }) };
}

const pumpTo = (name: string, arn: string) =>
  stage.pump({ [name]: { timeout: 1, events: [{ sqs: { arn, functionResponseType: "ReportBatchItemFailures" } }] } });

describe("a function behind a real FIFO queue", () => {
  it("keeps the order of a group over a failure that passes, and does the other groups meanwhile", async () => {
    const { queue, dead } = await fifoQueue("passing");
    const done: string[] = [];
    let trouble = true;
    const worker = queueWorker("things", Thing, async ([{ project_id, n }]) => {
      if (project_id === "alpha" && n === 2 && trouble) {
        trouble = false;
        throw new Error("throttled");
      }
      done.push(`${project_id}-${n}`);
    });
    stage.lambda.define("passing", (event) => worker(event, {} as Context));
    for (const n of [1, 2, 3]) {
      for (const project_id of ["alpha", "beta"]) await queue.send({ project_id, n }, { MessageGroupId: project_id });
    }
    await pumpTo("passing", queue.arn);
    await eventually(queue.count, (count) => done.length >= 6 && count.every((left) => left === 0));
    const of = (project: string) => done.filter((entry) => entry.startsWith(project));
    expect(of("alpha")).toStrictEqual(["alpha-1", "alpha-2", "alpha-3"]);
    expect(of("beta")).toStrictEqual(["beta-1", "beta-2", "beta-3"]);
    expect(await dead.count()).toStrictEqual([0, 0, 0]);
  });

  it("puts a poison message aside where that was asked for, and goes on with its group", async () => {
    const { queue, dead } = await fifoQueue("poisoned");
    const done: number[] = [];
    const worker = queueWorker("things", Thing, async ([{ n }]) => done.push(n), { poison: "dead-letter" });
    stage.lambda.define("poisoned", (event) => worker(event, {} as Context));
    await queue.send("no JSON", { MessageGroupId: "alpha" });
    await queue.send({ project_id: "alpha", n: 1 }, { MessageGroupId: "alpha" });
    await pumpTo("poisoned", queue.arn);
    await eventually(dead.count, ([ready]) => ready === 1);
    const [letter] = await dead.take();
    expect(letter?.Body).toBe("no JSON");
    await eventually(queue.count, (count) => count.every((left) => left === 0));
    expect(done).toStrictEqual([1]);
  });
});
