import { randomUUID } from "node:crypto";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { logDuring } from "../../support/captured-log.ts";
import { moveClock } from "../../support/clock.ts";
import { sweepFaults } from "../../support/fault-sweep.ts";
import { callsDuring, clearFaults, directDynamodb, injectFault } from "../../support/services.ts";
import { type Audit, audit, auditRecords, newAudit } from "../../support/write-audit.ts";

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

let sequence = 0;

/** A write that somebody has made past the API, as the stream tells it. */
function foreign(write_source?: unknown, more: object = {}) {
  sequence += 1;
  const item = `MON-TSK-${sequence}`;
  const NewImage = {
    project_id: { S: "moon" },
    record_id: { S: `task#${item}` },
    record_type: { S: "task" },
    item_id: { S: item },
    ...(write_source !== undefined && { write_source }),
    ...more,
  };
  return {
    eventID: randomUUID(),
    eventName: "INSERT",
    eventSource: "aws:dynamodb",
    dynamodb: { NewImage, SequenceNumber: `${sequence}` },
  };
}

const idOf = ({ dynamodb }: ReturnType<typeof foreign>) => dynamodb.NewImage.item_id.S;
const sequenceOf = ({ dynamodb }: ReturnType<typeof foreign>) => ({ itemIdentifier: dynamodb.SequenceNumber });
const message = (body: unknown) => ({
  eventSource: "aws:sqs",
  messageId: randomUUID(),
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const clean = () => foreign({ M: { channel: { S: "mutation_api" } } });
const ALL_WELL = { batchItemFailures: [] };
const alerted = async () => (await current.alerts()).map(({ body }) => body.record_id);

describe("an anomaly", () => {
  it("is one alert and one row, whatever else is in the batch", async () => {
    const odd = foreign({ M: { channel: { S: "console" }, provider: { S: "claude" } } });
    const batch = [clean(), odd, { ...clean(), eventName: "REMOVE" }];
    expect(await auditRecords(batch)).toStrictEqual({ processed: 3, clean: 1, anomalies: 1, batchItemFailures: [] });
    const [alert, ...others] = await current.alerts();
    expect(others).toStrictEqual([]);
    expect(alert).toMatchObject({
      subject: `[SECURITY] Governance bypass detected: UNKNOWN_CHANNEL on ${idOf(odd)}`,
      type: "GOVERNANCE_WRITE_ANOMALY",
      body: { alert_type: "GOVERNANCE_WRITE_ANOMALY", anomaly_type: "UNKNOWN_CHANNEL", project_id: "moon" },
    });
    expect(await current.rows()).toMatchObject([
      {
        violation_id: alert?.body.violation_id,
        policy_id: "write_source_attribution",
        event_epoch: expect.any(Number),
        event_time: alert?.body.detected_at,
        result: "UNKNOWN_CHANNEL",
        provider: "claude",
        project_id: "moon",
        project_scope: "moon",
        alerted_at: expect.stringMatching(/Z$/),
      },
    ]);
  });

  it("costs five calls, and a clean write none", async () => {
    const calls = await callsDuring(() => auditRecords([foreign()]));
    expect(calls.map(({ operation }) => operation)).toEqual(["PutItem", "GetItem", "PutItem", "Publish", "UpdateItem"]);
    expect(await callsDuring(() => auditRecords([clean(), clean()]))).toEqual([]);
  });

  it("is told of once, however often and in whatever order it is delivered, by the stream or by messages", async () => {
    const odd = Array.from({ length: 6 }, () => foreign());
    const [a, b, c, d, e, f] = odd;
    await auditRecords([a, b, c, c, d] as object[]);
    await auditRecords([d, f, b, e, a] as object[]);
    await audit({ Records: [message([f, e, a]), message(c)] });
    expect((await alerted()).sort()).toStrictEqual(odd.map(idOf).sort());
    expect(await current.rows()).toHaveLength(6);
  });

  it("is told of once where deliveries come at once", async () => {
    const batch = [foreign(), foreign(), foreign()];
    const answers = await Promise.all([1, 2, 3].map(() => auditRecords(batch)));
    // Whoever finds an anomaly claimed waits and finds it told of.
    expect(answers).toMatchObject([ALL_WELL, ALL_WELL, ALL_WELL]);
    expect((await alerted()).sort()).toStrictEqual(batch.map(idOf).sort());
  });

  it("is told of by the next delivery, where whoever was at it was killed", async () => {
    const odd = foreign();
    await injectFault({ service: "sns", operation: "Publish", error: "AuthorizationError" });
    await auditRecords([odd]);
    const [row] = await current.rows();
    await directDynamodb.send(
      new UpdateCommand({
        TableName: process.env.AGENT_COMPLIANCE_TABLE,
        Key: { violation_id: row?.violation_id },
        UpdateExpression: "SET claimed_until = :until",
        ExpressionAttributeValues: { ":until": Date.now() + 300 },
      }),
    );
    expect(await auditRecords([odd])).toMatchObject(ALL_WELL);
    expect(await alerted()).toStrictEqual([idOf(odd)]);
  });

  it("is kept and told of whatever the row holds", async () => {
    const long = { S: "é\u0000".repeat(60_000) };
    const nested = JSON.parse(`${'{"M":{"":'.repeat(40)}{"S":"x"}${"}}".repeat(40)}`) as object;
    const more = { item_id: long, project_id: long, last_update_note: long, updated_at: long };
    const batch = [
      foreign({ M: { channel: long, provider: long, principal: long, extra: long } }, more),
      foreign(nested),
      foreign({ L: [{ Q: 1 }] }, { project_id: { S: "" }, item_id: { N: "5" }, record_id: { NULL: true } }),
    ];
    expect(await auditRecords(batch)).toMatchObject({ anomalies: 3, batchItemFailures: [] });
    expect(await current.alerts()).toHaveLength(3);
  });
});

describe("an alert that cannot be published", () => {
  it("is reported, and the others go out; the next delivery tells of it and of no other", async () => {
    const batch = [foreign(), foreign(), foreign()] as const;
    await injectFault({
      service: "sns",
      operation: "Publish",

      error: "AuthorizationError",
    });
    const { lines } = await logDuring(async () => {
      expect(await auditRecords(batch)).toStrictEqual({
        processed: 3,
        clean: 0,
        anomalies: 3,
        batchItemFailures: [sequenceOf(batch[0])],
      });
    });
    expect(lines).toContainEqual(
      expect.objectContaining({ level: "ERROR", message: "event_failed", event_id: batch[0].eventID }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ event_failed: 1, source: "tracker-writes" }));
    expect(await alerted()).toStrictEqual(batch.slice(1).map(idOf));
    expect(await auditRecords(batch)).toMatchObject(ALL_WELL);
    expect(await alerted()).toStrictEqual([idOf(batch[0])]);
  });

  it("makes its message come again, and a message that is no JSON comes again alone", async () => {
    const [broken, odd, fine] = [message("{"), message([clean(), foreign()]), message(foreign())];
    await injectFault({ service: "sns", operation: "Publish", error: "AuthorizationError" });
    expect(await audit({ Records: [broken, odd, fine, message({ other: 1 })] })).toStrictEqual({
      processed: 3,
      clean: 1,
      anomalies: 2,
      batchItemFailures: [{ itemIdentifier: broken.messageId }, { itemIdentifier: odd.messageId }],
    });
  });

  it("is left to the next delivery where the function is about to end", async () => {
    const batch = [foreign(), foreign()] as const;
    expect(await auditRecords(batch, 5_000)).toMatchObject({ batchItemFailures: [sequenceOf(batch[1])] });
    expect(await auditRecords(batch, 5_000)).toMatchObject({ batchItemFailures: [sequenceOf(batch[1])] });
    expect(await auditRecords([batch[1]], 5_000)).toMatchObject(ALL_WELL);
    expect(await alerted()).toStrictEqual(batch.map(idOf));
  });

  it("is none where there is no topic: it is logged and counted, and kept for the digest", async () => {
    process.env.GOVERNANCE_ALERT_SNS_ARN = "";
    const odd = foreign();
    const { lines } = await logDuring(async () => {
      for (let delivery = 0; delivery < 2; delivery += 1) expect(await auditRecords([odd])).toMatchObject(ALL_WELL);
    });
    expect(lines.filter(({ message: text }) => text === "governance_alert_unconfigured")).toHaveLength(2);
    expect(lines).toContainEqual(expect.objectContaining({ governance_alert_unconfigured: 1 }));
    const [row] = await current.rows();
    expect(row).not.toHaveProperty("alerted_at");
  });
});

it("whatever befalls the calls of an alert, it goes out, and twice only where the topic's answer is lost or the mark is refused", async () => {
  const told = new Map<string, string[]>();
  const look = async () => {
    for (const { body, text } of await current.alerts()) {
      const id = String(body.record_id);
      told.set(id, [...(told.get(id) ?? []), text]);
    }
  };
  const swept = await sweepFaults({
    arrange: async () => foreign(),
    act: (odd) => auditRecords([odd]),
    invariants: async (odd, outcome) => {
      if (outcome.status === "rejected") throw outcome.reason;
      await look();
      const isTold = told.has(idOf(odd));
      // What was not told of is reported.
      if (!isTold) expect(outcome.value).toMatchObject({ batchItemFailures: [sequenceOf(odd)] });
    },
    retry: async (odd) => {
      expect(await auditRecords([odd])).toMatchObject(ALL_WELL);
      await look();
      const texts = told.get(idOf(odd)) ?? [];
      expect(texts.length).toBeGreaterThan(0);
      // Who gets it twice sees that it is the same.
      expect(new Set(texts).size).toBe(1);
      // The flood's window would fill.
      moveClock((sequence + 1) * 600_000);
    },
  });
  expect(swept).toStrictEqual({ refused: 5, "answer lost": 5, "answer lost once": 5 });
  const twice = [...told.values()].filter(({ length }) => length > 1);
  // The mark refused; the topic's answer lost, for all attempts or for one.
  expect(twice).toHaveLength(3);
}, 120_000);
