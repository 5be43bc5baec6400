import { describe, expect, it } from "@jest/globals";
import { costDocument } from "../../../scripts/cost/document.ts";
import { bill, type Standing, total } from "../../../scripts/cost/estimate.ts";
import { figuresOf } from "../../../scripts/cost/figures.ts";
import { PRICES } from "../../../scripts/cost/prices.ts";
import { runsAMonth } from "../../../scripts/cost/schedule.ts";
import { HOURS_A_MONTH, REQUESTS_AN_HOUR } from "../../../scripts/cost/workload.ts";
import { standingOf } from "../../../scripts/cost.ts";
import { readConfig } from "../../../scripts/service/resolved-config.ts";

const NAMES = Object.keys(REQUESTS_AN_HOUR);
const RESULTS = {
  at: "2026-11-27T10:00:00.000Z",
  parts: [
    {
      title: "AWS calls and consumed capacity of a request, by the number of records in the project",
      rows: NAMES.map((name) => ({
        name,
        cells: {},
        details: { 100: { calls: 9, read: 9, write: 9 }, 10000: { calls: 2, read: 1, write: 3.004 } },
      })),
    },
    {
      title: "Warm latency of the packaged tracker over its bare SDK calls (200 pairs)",
      rows: [
        { name: "get, by internal key", cells: { "p50 ms": { value: 3, digits: 1 } } },
        { name: "get, by cookie", cells: { "p50 ms": { value: 4, digits: 1 } } },
        { name: "list, page of 50, by cookie", cells: { "p50 ms": { value: 8, digits: 1 } } },
      ],
    },
  ],
};
const FIGURES = figuresOf(RESULTS, NAMES);
const STANDING: Standing = { alarmMetrics: 10, secrets: 1, scheduledRuns: 1_000 };

function line(agents: number, price: keyof typeof PRICES) {
  const found = bill(agents, FIGURES, STANDING).find((one) => one.price === price);
  if (!found) throw new Error(`there is no line for ${price}`);
  return found;
}

describe("the figures of the bench", () => {
  it("are those of the largest project, with the latency of the request or else the highest", () => {
    expect(FIGURES.measured).toBe("2026-11-27");
    expect(FIGURES.requests.get).toEqual({ calls: 2, read: 1, write: 3, milliseconds: 4 });
    expect(FIGURES.requests["first page of 50"]).toMatchObject({ milliseconds: 8 });
    expect(FIGURES.requests.create).toMatchObject({ milliseconds: 8 });
  });

  it("cannot be told where a request was not measured, or a part is absent", () => {
    expect(() => figuresOf(RESULTS, ["teleport"])).toThrow("has not measured teleport");
    expect(() => figuresOf({ ...RESULTS, parts: [] }, NAMES)).toThrow("--only growth --only warm");
  });
});

describe("the bill of a month", () => {
  it("has of an idle stage what stands: alarms, a secret, schedules, questions to a queue", () => {
    const lines = bill(0, FIGURES, STANDING).filter(({ usd }) => usd > 0);
    expect(lines.map(({ price }) => price)).toEqual([
      "lambdaRequest",
      "lambdaGbSecond",
      "sqsRequest",
      "logsGb",
      "alarmMetricMonth",
      "secretMonth",
    ]);
    expect(line(0, "alarmMetricMonth").usd).toBeCloseTo(1);
    expect(line(0, "secretMonth").usd).toBeCloseTo(0.4);
  });

  it("has each request of each hour of each agent, and documents", () => {
    const anHour = Object.values(REQUESTS_AN_HOUR).reduce((sum, times) => sum + times, 0) + 5;
    expect(line(10, "httpApiRequest").quantity).toBe(10 * HOURS_A_MONTH * anHour);
  });

  it("grows with the number of agents alone", () => {
    const standing = total(bill(0, FIGURES, STANDING));
    const of = (agents: number) => total(bill(agents, FIGURES, STANDING)) - standing;
    expect(of(1_000) / of(10)).toBeCloseTo(100, 6);
  });
});

describe("a schedule", () => {
  it("runs as often as it says", () => {
    expect(runsAMonth("rate(15 minutes)")).toBe(2_920);
    expect(runsAMonth("rate(1 hour)")).toBe(730);
    expect(runsAMonth("cron(0 6 * * ? *)")).toBe(30);
  });

  it("that is not understood is not guessed at", () => {
    expect(() => runsAMonth("cron(0/5 * * * ? *)")).toThrow("is not understood");
  });
});

describe("what stands", () => {
  it("is counted in the configuration: the metrics of alarms, secrets, runs of schedules", () => {
    const stat = { MetricStat: {} };
    const config = readConfig(
      JSON.stringify({
        provider: {},
        functions: { one: { events: [{ eventBridge: { schedule: "rate(1 hour)" } }, { httpApi: "GET /" }] } },
        resources: {
          Resources: {
            Plain: { Type: "AWS::CloudWatch::Alarm", Properties: { MetricName: "Errors" } },
            Sum: { Type: "AWS::CloudWatch::Alarm", Properties: { Metrics: [{ Expression: "a+b" }, stat, stat] } },
            Key: { Type: "AWS::SecretsManager::Secret", Properties: {} },
          },
        },
      }),
    );
    expect(standingOf(config)).toEqual({ alarmMetrics: 3, secrets: 1, scheduledRuns: 730 });
  });
});

describe("the document", () => {
  it("tells the sum for each crowd, and every price", () => {
    const text = costDocument(FIGURES, STANDING);
    expect(text).toMatch(/\| \*\*together, USD\*\* \| \*\*[\d.]+\*\* \| \*\*[\d.]+\*\* \| \*\*[\d,.]+\*\* \|/);
    for (const { unit } of Object.values(PRICES)) expect(text).toContain(unit);
    expect(text).toContain("0.625 USD for 1,000,000 x write request unit");
  });
});
