import { describe, expect, it } from "@jest/globals";
import type { AsyncConfig } from "../../../scripts/local/pump/async/destinations.ts";
import { DEFAULT_DELIVERY, type DeliveryPolicy, invokeAsync } from "../../../scripts/local/pump/async/invoke.ts";
import { runSchedule } from "../../../scripts/local/pump/async/schedules.ts";
import type { Outcome } from "../../../scripts/local/pump/invocation.ts";
import { fakeClock } from "./fake-clock.ts";

const timing = {
  asyncRetry: [60_000, 120_000],
  streamRetry: [100, 1000],
  streamPoll: 1,
  shardDiscovery: 1,
  scheduleMinute: 60_000,
  stopGrace: 1,
} as const;
const success: Outcome = { kind: "success", payload: { ok: true } };
const failure: Outcome = { kind: "function-error", error: "boom", payload: { errorMessage: "boom" } };
const unreached = (permanent: boolean): Outcome => ({ kind: "undeliverable", error: "gone", permanent });

async function run(
  answer: (call: number) => Outcome,
  config: Partial<AsyncConfig> = {},
  delivery: DeliveryPolicy = DEFAULT_DELIVERY,
) {
  const clock = fakeClock();
  const sent: { arn: string; body: unknown; attributes?: Record<string, string> }[] = [];
  let calls = 0;
  await invokeAsync(
    { hello: 1 },
    {
      functionArn: "arn:fn",
      place: "fn",
      config: { maximumRetries: 2, maximumAgeMs: 21_600_000, ...config },
      invoke: async () => answer(++calls),
      outbox: {
        send: async (arn, body, attributes) => void sent.push({ arn, body, ...(attributes && { attributes }) }),
      },
    },
    delivery,
    { clock, timing, signal: new AbortController().signal, log: () => undefined },
  );
  return { calls, sent, slept: clock.slept };
}

describe("an asynchronous invocation", () => {
  it("is made once if it succeeds, and the success destination hears of it", async () => {
    const { calls, sent } = await run(() => success, { onSuccess: "arn:ok" });
    expect(calls).toBe(1);
    expect(sent).toMatchObject([
      { arn: "arn:ok", body: { requestContext: { condition: "Success" }, responsePayload: { ok: true } } },
    ]);
  });

  it("is tried twice more, after one and two minutes", async () => {
    const { calls, sent, slept } = await run((call) => (call < 3 ? failure : success), { deadLetter: "arn:dlq" });
    expect(calls).toBe(3);
    expect(slept).toEqual([60_000, 120_000]);
    expect(sent).toEqual([]);
  });

  it("then goes to the dead-letter queue as it came, and to the failure destination with what happened", async () => {
    const { calls, sent } = await run(() => failure, { deadLetter: "arn:dlq", onFailure: "arn:failed" });
    expect(calls).toBe(3);
    expect(sent).toMatchObject([
      { arn: "arn:dlq", body: { hello: 1 }, attributes: { ErrorCode: "200", ErrorMessage: "boom" } },
      {
        arn: "arn:failed",
        body: {
          requestContext: { functionArn: "arn:fn:$LATEST", condition: "RetriesExhausted", approximateInvokeCount: 3 },
          requestPayload: { hello: 1 },
          responseContext: { functionError: "Unhandled" },
          responsePayload: { errorMessage: "boom" },
        },
      },
    ]);
  });

  it("has as many retries as the function says", async () => {
    expect((await run(() => failure, { maximumRetries: 0 })).calls).toBe(1);
  });

  it("ends when the event is too old", async () => {
    const { calls, sent } = await run(() => failure, { maximumAgeMs: 50_000, onFailure: "arn:failed" });
    expect(calls).toBe(2);
    expect(sent).toMatchObject([{ body: { requestContext: { condition: "EventAgeExceeded" } } }]);
  });

  it("waits for a function that cannot be reached, by the rule's own policy, not the function's", async () => {
    const heard: unknown[][] = [];
    const policy = {
      maximumRetries: 4,
      maximumAgeMs: 1e9,
      undelivered: async (...all: unknown[]) => void heard.push(all),
    };
    const back = await run((call) => (call < 4 ? unreached(false) : success), { maximumRetries: 0 }, policy);
    expect(back.calls).toBe(4);
    expect(heard).toEqual([]);
    const gone = await run(() => unreached(false), {}, policy);
    expect(gone.calls).toBe(5);
    expect(heard).toEqual([["gone", 5, "MaximumRetryAttempts"]]);
  });

  it("gives up at once on a function that does not exist", async () => {
    const heard: unknown[][] = [];
    const policy = { ...DEFAULT_DELIVERY, undelivered: async (...all: unknown[]) => void heard.push(all) };
    expect((await run(() => unreached(true), {}, policy)).calls).toBe(1);
    expect(heard).toEqual([["gone", 1, "NonRetriableError"]]);
  });
});

describe("a schedule", () => {
  const fireThrice = async (input?: unknown, sleepOver = 0): Promise<{ at: number; payload: unknown }[]> => {
    const clock = fakeClock(0);
    const stopping = new AbortController();
    const fired: { at: number; payload: unknown }[] = [];
    const { done } = runSchedule(
      {
        expression: "rate(1 minute)",
        schedule: { next: (from) => from + 60_000 },
        source: "aws.events",
        ...(input !== undefined && { input }),
      },
      "arn:rule",
      (payload) => {
        fired.push({ at: clock.now(), payload });
        if (fired.length === 1) clock.advance(sleepOver);
        if (fired.length === 3) stopping.abort();
      },
      { clock, timing, signal: stopping.signal, region: "us-east-1", account: "000000000000" },
    );
    await done;
    return fired;
  };

  it("fires at each of its times with the usual event", async () => {
    const fired = await fireThrice();
    expect(fired.map(({ at }) => at)).toEqual([60_000, 120_000, 180_000]);
    expect(fired[0]?.payload).toMatchObject({
      "detail-type": "Scheduled Event",
      source: "aws.events",
      time: "1970-01-01T00:01:00Z",
      resources: ["arn:rule"],
      detail: {},
    });
  });

  it("fires with its own input instead", async () => {
    expect((await fireThrice({ job: "sweep" }))[0]?.payload).toEqual({ job: "sweep" });
  });

  it("does not make up for what passed while the machine slept", async () => {
    const fired = await fireThrice(undefined, 600_000);
    expect(fired.map(({ at }) => at)).toEqual([60_000, 720_000, 780_000]);
  });
});
