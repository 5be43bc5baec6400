import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { makeProject } from "../../support/projects.ts";
import { realName, services } from "../../support/services.ts";
import { create, patch } from "../../support/tracker-api.ts";
import { stored } from "../../support/tracker-rows.ts";

/** What the bus of this test does with an event. */
type Mood = "takes it" | "refuses the entry" | "fails";

let moods: Mood[] = [];
let received: { Entries: { Detail: string }[] }[] = [];

const bus = createServer(async (request, response) => {
  const body = (await buffer(request)).toString();
  if (body.includes(silent.project)) return;
  received.push(JSON.parse(body));
  const mood = moods.shift() ?? "takes it";
  response.setHeader("Content-Type", "application/x-amz-json-1.1");
  if (mood === "fails") response.writeHead(500).end(JSON.stringify({ __type: "InternalException" }));
  else if (mood === "takes it") response.end(JSON.stringify({ FailedEntryCount: 0, Entries: [{ EventId: "1" }] }));
  else response.end(JSON.stringify({ FailedEntryCount: 1, Entries: [{ ErrorCode: "ThrottlingException" }] }));
});

const queue = new SQSClient({
  endpoint: services.direct.sqs,
  region: services.region,
  credentials: services.credentials,
  useQueueUrlAsEndpoint: false,
});
const QueueUrl = realName("queues", "enceladus-events-dlq");

/** The messages of this test in the queue, taken out of it. */
async function kept(projectId: string): Promise<unknown[]> {
  const { Messages = [] } = await queue.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 1 }),
  );
  const mine = Messages.filter(({ Body = "" }) => Body.includes(projectId));
  for (const { ReceiptHandle } of mine) await queue.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  return mine.map(({ Body = "" }) => JSON.parse(Body));
}

let project: string;
/** A project of whose events the bus says nothing at all; it is waited for while the other tests run. */
const silent = { project: "not yet", startedAt: 0, reopened: Promise.resolve("") };

beforeAll(async () => {
  bus.listen(0, "127.0.0.1");
  await once(bus, "listening");
  process.env.AWS_ENDPOINT_URL_EVENTBRIDGE = `http://127.0.0.1:${(bus.address() as AddressInfo).port}`;
  project = (await makeProject()).project_id;
  silent.project = (await makeProject()).project_id;
  received = [];
  silent.startedAt = Date.now();
  silent.reopened = reopen(silent.project);
});

afterEach(() => {
  moods = [];
  received = [];
});

afterAll(() => {
  bus.closeAllConnections();
  bus.close();
  queue.destroy();
});

async function reopen(of = project): Promise<string> {
  const id = await create(of, "task");
  await patch(of, id, { action: "close" });
  const answer = await patch(of, id, { action: "reopen" });
  expect(answer).toMatchObject({ status: 200, body: { updated_status: "open" } });
  return id;
}

describe("the event of a reopened record", () => {
  it("is put on the bus once", async () => {
    await reopen();
    expect(received).toHaveLength(1);
    expect(await kept(project)).toEqual([]);
  });

  it.each<[what: string, moods: Mood[]]>([
    ["fails", ["fails", "fails"]],
    ["takes the call but not the entry", ["refuses the entry", "refuses the entry"]],
  ])("is put again, up to two more times, where the bus %s", async (_what, tries) => {
    moods = [...tries];
    await reopen();
    expect(received).toHaveLength(3);
    expect(new Set(received.map(({ Entries }) => Entries[0]?.Detail)).size).toBe(1);
    expect(await kept(project)).toEqual([]);
  });

  it.each<Mood>(["fails", "refuses the entry"])(
    "is kept for a replay where the bus %s for good; the record is open all the same",
    async (mood) => {
      moods = [mood, mood, mood];
      const id = await reopen();
      expect(received).toHaveLength(3);
      const { updated_at } = await stored(project, id);
      expect(await kept(project)).toEqual([
        {
          source: "enceladus.tracker",
          detailType: "record.status.reopened",
          detail: {
            project_id: project,
            record_type: "task",
            record_id: id,
            previous_status: "closed",
            new_status: "open",
            reopened_at: updated_at,
          },
        },
      ]);
    },
  );

  it("does not keep the caller waiting longer than a function may run where the bus is silent", async () => {
    await silent.reopened;
    expect(Date.now() - silent.startedAt).toBeLessThan(9_000);
    expect(await kept(silent.project)).toHaveLength(1);
  }, 15_000);
});
