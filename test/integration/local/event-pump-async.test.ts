import { setTimeout as wait } from "node:timers/promises";
import { EventBridgeClient, ListRulesCommand, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { CreateTopicCommand, PublishCommand } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { BusEvent } from "../../../scripts/local/event-bus.ts";
import { eventually } from "../../support/eventually.ts";
import { type Stage, startStage } from "./pump-stage.ts";

const QUICK = { asyncRetry: [100, 200], streamRetry: [50, 100], scheduleMinute: 300 } as const;

let stage: Stage;
let events: EventBridgeClient;

beforeAll(async () => {
  stage = await startStage();
  events = new EventBridgeClient({ ...stage.client, endpoint: stage.eventBus.url, maxAttempts: 1 });
});
afterAll(async () => {
  events.destroy();
  await stage.stop();
});

const put = (detailType: string, detail: object, bus = "test-bus") =>
  events.send(
    new PutEventsCommand({
      Entries: [
        { Source: "enceladus.test", DetailType: detailType, Detail: JSON.stringify(detail), EventBusName: bus },
      ],
    }),
  );
const invocationsOf = (name: string, count: number) =>
  eventually(
    () => stage.lambda.invocations(name),
    (all) => all.length >= count,
  );

describe("the event bus over the wire", () => {
  it("answers the SDK entry by entry, and passes the accepted ones on after the answer", async () => {
    const seen: BusEvent[] = [];
    stage.eventBus.onEvent(async (event) => void seen.push(event));
    const answer = await events.send(
      new PutEventsCommand({
        Entries: [
          { Source: "a", DetailType: "wire", Detail: '{"n":1}', Time: new Date("2026-01-02T03:04:05.678Z") },
          { Source: "a", DetailType: "wire", Detail: "[]" },
        ],
      }),
    );
    expect(answer).toMatchObject({
      FailedEntryCount: 1,
      Entries: [{ EventId: expect.any(String) }, { ErrorCode: "MalformedDetail" }],
    });
    await eventually(
      () => seen,
      (all) => all.length > 0,
    );
    expect(seen).toEqual([
      {
        bus: "default",
        envelope: expect.objectContaining({ id: answer.Entries?.[0]?.EventId, time: "2026-01-02T03:04:05Z" }),
      },
    ]);
  });

  it("refuses what is no valid request, with the errors of the SDK", async () => {
    await expect(events.send(new PutEventsCommand({ Entries: [] }))).rejects.toMatchObject({
      name: "ValidationException",
    });
    await expect(events.send(new ListRulesCommand({}))).rejects.toMatchObject({ name: "UnknownOperationException" });
    const garbled = await fetch(stage.eventBus.url, {
      method: "POST",
      headers: { "x-amz-target": "AWSEvents.PutEvents" },
      body: "{",
    });
    expect([garbled.status, await garbled.json()]).toMatchObject([400, { __type: "SerializationException" }]);
  });

  it("lets only the services' own doubles speak as AWS", async () => {
    const answer = await events.send(
      new PutEventsCommand({ Entries: [{ Source: "aws.codebuild", DetailType: "x", Detail: "{}" }] }),
    );
    expect(answer.Entries).toMatchObject([{ ErrorCode: "NotAuthorizedForSourceException" }]);
    stage.lambda.define("built", () => null);
    await stage.pump({ built: { events: [{ eventBridge: { pattern: { source: ["aws.codebuild"] } } }] } });
    stage.eventBus.publish({ source: "aws.codebuild", detailType: "CodeBuild Build State Change", detail: { a: 1 } });
    const [invocation] = await invocationsOf("built", 1);
    expect(invocation?.event).toMatchObject({ source: "aws.codebuild", detail: { a: 1 } });
  });
});

describe("a rule and its function", () => {
  it("brings the events of its bus that match, and no others", async () => {
    stage.lambda.define("ruled", () => null);
    const pattern = { source: ["enceladus.test"], detail: { status: [{ prefix: "clo" }] } };
    const off = { eventBridge: { eventBus: "test-bus", pattern, enabled: false } };
    await stage.pump({ ruled: { events: [{ eventBridge: { eventBus: "test-bus", pattern } }, off] } });
    await put("rule", { status: "open" });
    await put("rule", { status: "closed" }, "default");
    await put("rule", { status: "closed", n: 1 });
    const [invocation] = await invocationsOf("ruled", 1);
    await wait(100);
    expect(stage.lambda.invocations("ruled")).toHaveLength(1);
    expect(invocation?.event).toMatchObject({
      version: "0",
      account: "000000000000",
      region: "us-east-1",
      "detail-type": "rule",
      detail: { status: "closed", n: 1 },
    });
  });

  it("hands its own input over where it has one", async () => {
    stage.lambda.define("input", () => null);
    const eventBridge = { eventBus: "test-bus", pattern: { "detail-type": ["input"] }, input: { job: "sweep" } };
    await stage.pump({ input: { events: [{ eventBridge }] } });
    await put("input", {});
    expect((await invocationsOf("input", 1))[0]?.event).toEqual({ job: "sweep" });
  });

  it("tries a failing function twice more, then lays the event into the function's dead-letter queue", async () => {
    const dead = await stage.queue("async-dlq");
    const failed = await stage.queue("async-failed");
    stage.lambda.define("fails", () => {
      throw new Error("boom");
    });
    const eventBridge = { eventBus: "test-bus", pattern: { "detail-type": ["fails"] } };
    await stage.pump(
      { fails: { onError: dead.arn, destinations: { onFailure: failed.arn }, events: [{ eventBridge }] } },
      { timing: QUICK },
    );
    await put("fails", { n: 1 });
    await eventually(failed.count, ([ready]) => ready === 1);
    const [first, second, third, ...more] = stage.lambda.invocations("fails");
    expect(more).toEqual([]);
    expect((second?.startedAt ?? 0) - (first?.startedAt ?? 0)).toBeGreaterThanOrEqual(95);
    expect((third?.startedAt ?? 0) - (second?.startedAt ?? 0)).toBeGreaterThanOrEqual(195);
    expect(third?.event.id).toBe(first?.event.id);
    const [letter] = await dead.take();
    expect(JSON.parse(letter?.Body ?? "")).toEqual(first?.event);
    expect(letter?.MessageAttributes).toMatchObject({ ErrorMessage: { StringValue: "boom" } });
    expect(JSON.parse((await failed.take())[0]?.Body ?? "")).toMatchObject({
      requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 3 },
      requestPayload: { id: first?.event.id },
    });
  });

  it("stops trying when the function succeeds", async () => {
    stage.lambda.define("recovers", (_, call) => {
      if (call === 1) throw new Error("once");
    });
    const eventBridge = { eventBus: "test-bus", pattern: { "detail-type": ["recovers"] } };
    await stage.pump({ recovers: { events: [{ eventBridge }] } }, { timing: QUICK });
    await put("recovers", {});
    await invocationsOf("recovers", 2);
    await wait(400);
    expect(stage.lambda.invocations("recovers")).toHaveLength(2);
  });

  it("lays an event that it cannot hand over into the rule's own dead-letter queue", async () => {
    const dead = await stage.queue("rule-dlq");
    const eventBridge = {
      eventBus: "test-bus",
      pattern: { "detail-type": ["nobody"] },
      name: "the-rule",
      deadLetterQueueArn: dead.arn,
    };
    await stage.pump({ nobody: { events: [{ eventBridge }] } });
    await put("nobody", { n: 1 });
    const [letter] = await eventually(dead.take, (all) => all.length === 1);
    expect(JSON.parse(letter?.Body ?? "")).toMatchObject({ "detail-type": "nobody", detail: { n: 1 } });
    expect(letter?.MessageAttributes).toMatchObject({
      RULE_ARN: { StringValue: "arn:aws:events:us-east-1:000000000000:rule/test-bus/the-rule" },
      TARGET_ARN: { StringValue: "arn:aws:lambda:us-east-1:000000000000:function:nobody" },
      ERROR_CODE: { StringValue: "NO_RESOURCE" },
    });
  });

  it.each([
    ["a wrong pattern", { pattern: { source: "x" } }, "pattern.source"],
    ["an input path", { pattern: { source: ["x"] }, inputPath: "$.detail" }, "inputPath is not imitated"],
    ["a wrong schedule", { schedule: "rate(5 minute)" }, "rate(5 minute)"],
  ])("is refused at the start for %s", async (_, eventBridge, message) => {
    await expect(stage.pump({ refused: { events: [{ eventBridge }] } })).rejects.toThrow(message);
  });
});

describe("a schedule and its function", () => {
  it("fires again and again with the usual event or its input, and not when it is off", async () => {
    for (const name of ["clock", "sweeper", "sleeper"]) stage.lambda.define(name, () => null);
    const pump = await stage.pump(
      {
        clock: { events: [{ schedule: "rate(1 minute)" }] },
        sweeper: { events: [{ schedule: { rate: ["rate(1 minute)"], input: { job: "sweep" } } }] },
        sleeper: { events: [{ schedule: { rate: ["rate(1 minute)"], enabled: false } }] },
      },
      { timing: QUICK },
    );
    const [first, second] = await invocationsOf("clock", 2);
    expect((second?.startedAt ?? 0) - (first?.startedAt ?? 0)).toBeGreaterThan(200);
    expect(first?.event).toMatchObject({
      "detail-type": "Scheduled Event",
      source: "aws.events",
      resources: ["arn:aws:events:us-east-1:000000000000:rule/clock-rule-1"],
      detail: {},
    });
    expect((await invocationsOf("sweeper", 1))[0]?.event).toEqual({ job: "sweep" });
    expect(stage.lambda.invocations("sleeper")).toEqual([]);
    await pump.stop();
    const fired = stage.lambda.invocations("clock").length;
    await wait(500);
    expect(stage.lambda.invocations("clock")).toHaveLength(fired);
  });
});

describe("a topic and its function", () => {
  it("brings each notification that passes the filter policy, as Lambda does", async () => {
    const { TopicArn = "" } = await stage.sns.send(new CreateTopicCommand({ Name: "alerts" }));
    stage.lambda.define("alerted", () => null);
    const sns = { arn: TopicArn, filterPolicy: { level: ["high"] } };
    await stage.pump({ alerted: { events: [{ sns }] } });
    const publish = (level: string) =>
      stage.sns.send(
        new PublishCommand({
          TopicArn,
          Subject: "look",
          Message: `a ${level} one`,
          MessageAttributes: { level: { DataType: "String", StringValue: level } },
        }),
      );
    await publish("low");
    await publish("high");
    const [invocation] = await invocationsOf("alerted", 1);
    expect(invocation?.event.Records).toEqual([
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: expect.stringMatching(`^${TopicArn}:`),
        Sns: expect.objectContaining({
          Type: "Notification",
          TopicArn,
          Subject: "look",
          Message: "a high one",
          Timestamp: expect.any(String),
          MessageAttributes: { level: { Type: "String", Value: "high" } },
        }),
      },
    ]);
  });
});

describe("a pump without work", () => {
  it("starts nothing for functions without such events, and stops at once", async () => {
    const lines = stage.lines.length;
    const pump = await stage.pump({ api: { events: [{ httpApi: "GET /" }] }, bare: {} });
    const before = Date.now();
    await pump.stop();
    expect(Date.now() - before).toBeLessThan(100);
    expect(stage.lines).toHaveLength(lines);
  });
});
