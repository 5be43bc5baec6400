import { randomUUID } from "node:crypto";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { moveClock } from "../../support/clock.ts";
import { sweepFaults } from "../../support/fault-sweep.ts";
import { clearFaults, directDynamodb, injectFault } from "../../support/services.ts";
import { type Audit, audit, auditRecords, newAudit, type ReceivedAlert } from "../../support/write-audit.ts";

const [SINGLE, FLOOD, DIGEST] = ["", "_FLOOD", "_DIGEST"].map((kind) => `GOVERNANCE_WRITE_ANOMALY${kind}`);
const MINUTE = 60_000;
const DAY = 86_400_000;

let current: Audit;

beforeEach(async () => {
  current = await newAudit();
  // A client waits a random time before it repeats a call; the shortest is long enough here.
  jest.spyOn(Math, "random").mockReturnValue(0);
});

afterEach(async () => {
  jest.restoreAllMocks();
  await clearFaults();
});

function foreign(number: number) {
  const channel = number % 2 === 0 ? { write_source: { M: { channel: { S: "console" } } } } : {};
  return {
    eventID: randomUUID(),
    eventName: "INSERT",
    eventSource: "aws:dynamodb",
    dynamodb: {
      NewImage: {
        project_id: { S: number < 15 ? "moon" : "mars" },
        record_type: { S: "task" },
        item_id: { S: `MON-TSK-${number}` },
        ...channel,
      },
      SequenceNumber: `${number}`,
    },
  };
}

const foreigns = (count: number, from = 0) => Array.from({ length: count }, (_, index) => foreign(from + index));
const kinds = (alerts: readonly ReceivedAlert[]) => alerts.map(({ type }) => type);

/** Calls for the digest of the moment that is so far ahead, when everything up to now is old enough to be told. */
const callDigest = (ahead = 11 * MINUTE, remainingMs = 30_000) => {
  const time = new Date(Date.now() + ahead).toISOString();
  return audit({ id: "call", source: "aws.events", "detail-type": "Scheduled Event", time, detail: {} }, remainingMs);
};

/** Puts a state that containers agree on, as others have left it. */
const putState = (name: "flood" | "digest", state: object) =>
  directDynamodb.send(
    new PutCommand({
      TableName: process.env.AGENT_COMPLIANCE_TABLE,
      Item: { violation_id: `alerts#${name}`, version: 7, state },
    }),
  );

describe("more than twenty anomalies in five minutes", () => {
  it("are twenty alerts and one for the flood, however they are delivered", async () => {
    const batch = foreigns(26);
    await auditRecords(batch.slice(0, 15));
    await auditRecords(batch.slice(10, 23));
    await Promise.all([auditRecords(batch.slice(22)), auditRecords(batch.slice(20))]);
    await auditRecords(batch);
    const alerts = await current.alerts();
    expect(kinds(alerts)).toStrictEqual([...Array(20).fill(SINGLE), FLOOD]);
    expect(alerts[20]).toMatchObject({
      subject: "[SECURITY] Governance bypass: more than 20 anomalies in 5 minutes",
      body: {
        alert_type: FLOOD,
        count: 21,
        by_type: { UNKNOWN_CHANNEL: 11, MISSING_WRITE_SOURCE: 10 },
        by_project: { moon: 15, mars: 6 },
        by_channel: { console: 11, "(none)": 10 },
      },
    });
    const [first] = (alerts[20]?.body.first_records ?? []) as object[];
    expect(first).toMatchObject({
      record_id: "MON-TSK-0",
      project_id: "moon",
      link: expect.stringContaining("/api/v1/tracker/moon/task/MON-TSK-0"),
    });
    const rows = await current.rows();
    expect(rows.filter(({ alerted_at }) => alerted_at !== undefined)).toHaveLength(20);
    expect(rows.filter(({ held_at }) => held_at !== undefined)).toHaveLength(6);
  });

  it("are one flood as long as they come so fast, and single alerts again when they come slowly", async () => {
    await auditRecords(foreigns(21));
    moveClock(2 * MINUTE);
    await auditRecords(foreigns(21, 25));
    moveClock(6 * MINUTE);
    await auditRecords(foreigns(2, 50));
    await current.alerts();
    moveClock(12 * MINUTE);
    await auditRecords(foreigns(21, 60));
    // A window has passed without one that was held back: this is another flood.
    expect(kinds(await current.alerts())).toStrictEqual([...Array(20).fill(SINGLE), FLOOD]);
  });

  it("are told of as a flood by the next delivery, where the message could not be published", async () => {
    const batch = foreigns(22);
    await auditRecords(batch.slice(0, 20));
    await injectFault({ service: "sns", operation: "Publish", error: "AuthorizationError", times: 2 });
    expect(await auditRecords(batch)).toMatchObject({
      anomalies: 22,
      batchItemFailures: [{ itemIdentifier: "20" }, { itemIdentifier: "21" }],
    });
    expect(await auditRecords(batch)).toMatchObject({ batchItemFailures: [] });
    expect(kinds(await current.alerts())).toStrictEqual([...Array(20).fill(SINGLE), FLOOD]);
  });

  it("are told of whatever befalls the calls, and twice only where the topic's answer is lost or the mark fails", async () => {
    let floods = 0;
    const counts: number[] = [];
    const swept = await sweepFaults({
      arrange: async () => {
        const recent = Array.from({ length: 20 }, (_, index) => ({ id: `GOV-${index}`, at: Date.now() }));
        await putState("flood", { recent });
        await current.alerts();
        floods = 0;
        return foreign(0);
      },
      act: (odd) => auditRecords([odd]),
      invariants: async (_odd, outcome) => {
        if (outcome.status === "rejected") throw outcome.reason;
        floods += (await current.alerts()).length;
        if (floods === 0) expect(outcome.value.batchItemFailures).toHaveLength(1);
      },
      retry: async (odd) => {
        expect(await auditRecords([odd])).toMatchObject({ batchItemFailures: [] });
        const more = await current.alerts();
        expect(kinds(more).every((kind) => kind === FLOOD)).toBe(true);
        counts.push(floods + more.length);
      },
    });
    expect(swept).toStrictEqual({ refused: 10, "answer lost": 10, "answer lost once": 10 });
    expect(Math.min(...counts)).toBe(1);
    // The topic's answer lost, once or for all attempts; the mark refused in its read or its write, or its read lost.
    expect(counts.filter((count) => count > 1)).toHaveLength(5);
  }, 120_000);
});

describe("the daily digest", () => {
  it("tells what no alert of its own has told of, once, and says nothing where there is nothing", async () => {
    await callDigest(-DAY);
    expect(await current.alerts()).toStrictEqual([]);
    await auditRecords(foreigns(30));
    await current.alerts();
    await callDigest();
    await callDigest();
    const [digest, ...others] = await current.alerts();
    expect(others).toStrictEqual([]);
    expect(digest).toMatchObject({
      subject: "[SECURITY] Governance bypass: daily digest, 10 anomalies without an alert of their own",
      type: DIGEST,
      body: {
        count: 10,
        by_type: { MISSING_WRITE_SOURCE: 5, UNKNOWN_CHANNEL: 5 },
        by_project: { mars: 10 },
        since: expect.stringMatching(/Z$/),
      },
    });
    await callDigest(DAY);
    expect(await current.alerts()).toStrictEqual([]);
  });

  it("tells of those too whose alert could not be published", async () => {
    await injectFault({ service: "sns", operation: "Publish", error: "AuthorizationError" });
    await auditRecords([foreign(1)]);
    await callDigest();
    expect(await current.alerts()).toMatchObject([{ type: DIGEST, body: { count: 1 } }]);
  });

  it("begins where the last one that was sent has ended", async () => {
    await putState("digest", { until: Math.floor(Date.now() / 1_000) - 30 * 86_400 });
    moveClock(-20 * DAY);
    await auditRecords(foreigns(21));
    jest.restoreAllMocks();
    await current.alerts();
    await callDigest();
    expect(await current.alerts()).toMatchObject([{ type: DIGEST, body: { count: 1 } }]);
  });

  it("says that there are more, where they are too many to be counted in time", async () => {
    await auditRecords([foreign(1)]);
    const [row] = await current.rows();
    const details = { ...(row?.details as object), filling: "x".repeat(300_000) };
    for (let number = 0; number < 5; number += 1) {
      const { alerted_at: _, ...rest } = { ...row, violation_id: `GOV-${number}`, details } as Record<string, unknown>;
      await directDynamodb.send(new PutCommand({ TableName: process.env.AGENT_COMPLIANCE_TABLE, Item: rest }));
    }
    await current.alerts();
    await callDigest(11 * MINUTE, 5_000);
    const [digest] = await current.alerts();
    expect(digest?.subject).toContain("at least 4 anomalies");
    expect(digest?.body).toMatchObject({ count: 4, count_is_lower_bound: true });
  });

  it("comes whatever befalls the calls, and twice only where the topic's answer is lost or the mark fails", async () => {
    await putState("flood", { recent: Array.from({ length: 20 }, (_, at) => ({ id: `x${at}`, at: Date.now() })) });
    await auditRecords([foreign(1)]);
    const counts: number[] = [];
    let time = "";
    let digests = 0;
    const call = async () =>
      audit({ id: "call", source: "aws.events", "detail-type": "Scheduled Event", time, detail: {} });
    const swept = await sweepFaults({
      arrange: async () => {
        await putState("digest", {});
        await current.alerts();
        time = new Date(Date.now() + 11 * MINUTE).toISOString();
      },
      act: call,
      invariants: async (_, { status }) => {
        digests = (await current.alerts()).length;
        if (digests === 0) expect(status).toBe("rejected");
      },
      retry: async () => {
        await call();
        counts.push(digests + (await current.alerts()).length);
      },
    });
    expect(swept).toStrictEqual({ refused: 6, "answer lost": 6, "answer lost once": 6 });
    expect(Math.min(...counts)).toBe(1);
    // The topic's answer lost, once or for all attempts; the mark refused in its read or its write, or its read lost.
    expect(counts.filter((count) => count > 1)).toHaveLength(5);
  }, 120_000);

  it("is none where there is no topic, and is made up for later", async () => {
    await putState("flood", { recent: Array.from({ length: 20 }, (_, at) => ({ id: `x${at}`, at: Date.now() })) });
    await auditRecords([foreign(1)]);
    await current.alerts();
    const topic = process.env.GOVERNANCE_ALERT_SNS_ARN;
    process.env.GOVERNANCE_ALERT_SNS_ARN = "";
    await callDigest();
    process.env.GOVERNANCE_ALERT_SNS_ARN = topic;
    await callDigest();
    expect(kinds(await current.alerts())).toStrictEqual([DIGEST]);
  });
});
