import { createServer, type Server, type ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { ServiceConfiguration } from "../../../scripts/local/configuration.ts";
import { createInvoker, type Invoker } from "../../../scripts/local/lambda-endpoint.ts";
import { closeServer, LOOPBACK, listen } from "../../../scripts/local/ports.ts";

const configuration: ServiceConfiguration = {
  service: "house",
  provider: { stage: "dev", region: "us-east-1" },
  functions: { one: { name: "one", timeout: 3 }, alone: { name: "alone", reservedConcurrency: 1 } },
  resources: { Resources: {} },
};

/** Stands for serverless-offline: invocations hang until the test answers them. */
let offline: Server;
let hanging: ServerResponse[] = [];
let invoker: Invoker;

beforeEach(async () => {
  hanging = [];
  offline = createServer((request, response) => {
    request.resume();
    hanging.push(response);
  });
  invoker = createInvoker(`http://${LOOPBACK}:${await listen(offline, 0)}`, configuration);
});

afterEach(async () => {
  await invoker.stop();
  await closeServer(offline);
});

async function hangingAre(count: number): Promise<void> {
  for (let i = 0; i < 200 && hanging.length < count; i++) await wait(10);
  await wait(30);
  expect(hanging).toHaveLength(count);
}

const answerAll = (body = "{}") => {
  for (const response of hanging.splice(0)) response.end(body);
};

describe("an invocation", () => {
  it("gives what the function returned, null for nothing", async () => {
    const invocations = [invoker.invoke("one", "{}"), invoker.invoke("alone", "{}")];
    await hangingAre(2);
    hanging[0]?.end('{"a":1}');
    hanging[1]?.end();
    const payloads = (await Promise.all(invocations)).map(({ failed, payload }) => [failed, payload]);
    expect(new Set(payloads.map(String))).toEqual(new Set(['false,{"a":1}', "false,null"]));
  });

  it("says in Lambda's words that a function has taken too long", async () => {
    const invocation = invoker.invoke("one", "{}");
    await hangingAre(1);
    hanging[0]?.setHeader("x-amz-function-error", "Unhandled");
    answerAll('{"errorMessage":"[504] - Lambda timeout.","errorType":"Error"}');
    const { failed, payload } = await invocation;
    expect([failed, JSON.parse(payload)]).toMatchObject([
      true,
      { errorType: "Sandbox.Timedout", errorMessage: expect.stringContaining("Task timed out after 3.00 seconds") },
    ]);
  });
});

it("runs a function no more often at once than its reserved concurrency", async () => {
  const invocations = [1, 2, 3].map(() => invoker.invoke("alone", "{}"));
  for (let i = 0; i < 3; i++) {
    await hangingAre(1);
    answerAll();
  }
  await expect(Promise.all(invocations)).resolves.toHaveLength(3);
});

it("lets nothing begin while it pauses, and waits for what has begun", async () => {
  const first = invoker.invoke("one", "{}");
  await hangingAre(1);
  let paused = false;
  const pause = invoker.pause().then(() => {
    paused = true;
  });
  const second = invoker.invoke("one", "{}");
  await hangingAre(1);
  expect(paused).toBe(false);
  answerAll();
  await Promise.all([first, pause]);
  await hangingAre(0);
  invoker.resume();
  await hangingAre(1);
  answerAll();
  await second;
});

it("resumes when the last of several pauses is over", async () => {
  await Promise.all([invoker.pause(), invoker.pause()]);
  const invocation = invoker.invoke("one", "{}");
  invoker.resume();
  await hangingAre(0);
  invoker.resume();
  await hangingAre(1);
  answerAll();
  await invocation;
});
