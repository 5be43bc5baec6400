import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { alarmsOf } from "../../../../scripts/alarms/alarms.ts";
import { alarmsFile } from "../../../../scripts/alarms/file.ts";
import { uncovered } from "../../../../scripts/alarms/uncovered.ts";
import { failureQueues, resourcesOf } from "../../../../scripts/service/failure-queues.ts";
import {
  type ResolvedConfig,
  ROOT,
  resolvedConfig,
  type Settings,
} from "../../../../scripts/service/resolved-config.ts";

let prod: ResolvedConfig;

beforeAll(async () => {
  prod = await resolvedConfig("prod");
}, 60_000);

const alarms = (): Settings[] => [...resourcesOf(prod, "AWS::CloudWatch::Alarm").values()];

describe("the alarms of the service", () => {
  it("are those that serverless.yml needs: run `npm run alarms` after a change of functions or queues", () => {
    const file = readFileSync(join(ROOT, "resources/alarms.yml"), "utf8");
    expect(file).toBe(alarmsFile(alarmsOf(prod, "prod")));
  });

  it("cover every function and every queue of failures", () => {
    expect(uncovered(prod)).toStrictEqual([]);
    const names = failureQueues(prod).map(({ name }) => name);
    const known = ["deploy-dlq.fifo", "document-indexer-failures", "document-upkeep-failures", "events-dlq"];
    expect(names).toStrictEqual(expect.arrayContaining(known.map((name) => expect.stringMatching(`-${name}$`))));
  });

  it("are the same in another stage, and in a region without an edge", async () => {
    const elsewhere = await resolvedConfig("dev", ROOT, ["--region", "eu-central-1"]);
    expect(uncovered(elsewhere)).toStrictEqual([]);
    expect(alarmsOf(elsewhere, "dev")).toStrictEqual(alarmsOf(prod, "prod"));
  }, 60_000);

  it("ring for nothing that is not there, and say where it stands what to do", () => {
    for (const { AlarmName, AlarmDescription, TreatMissingData } of alarms()) {
      const [runbook = "none"] = /docs\/runbooks\/[\w-]+\.md/.exec(String(AlarmDescription)) ?? [];
      const isThere = existsSync(join(ROOT, runbook));
      expect({ AlarmName, TreatMissingData, runbook: isThere }).toStrictEqual({
        AlarmName: expect.stringMatching(/^enceladus-[a-z0-9-]+$/),
        TreatMissingData: "notBreaching",
        runbook: true,
      });
    }
  });

  it("have a name each", () => {
    const names = alarms().map(({ AlarmName }) => AlarmName);
    expect(new Set(names).size).toBe(names.length);
  });
});

const arnOf = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });
const queue = (QueueName: string) => ({ Type: "AWS::SQS::Queue", Properties: { QueueName } });

/** A service whose alarms are those that it needs, before a test takes something away. */
function service(): { config: ResolvedConfig; alarms: Record<string, { Properties: Settings }> } {
  const onFailure = (id: string) => ({ onFailure: { type: "sqs", arn: arnOf(id) } });
  const functions = {
    api: { name: "api", events: [{ httpApi: "GET /" }] },
    reader: { name: "reader", events: [{ stream: { arn: arnOf("Table"), destinations: onFailure("Failures") } }] },
    edge: { name: "edge", events: [{ cloudFront: { eventType: "viewer-request" } }] },
  };
  const distribution = {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      MetricName: "5xxErrorRate",
      Dimensions: [{ Name: "DistributionId", Value: { Ref: "CloudFrontDistribution" } }],
      AlarmActions: [{ Ref: "AlertsTopic" }],
    },
  };
  const declared = { provider: {}, functions, resources: { Resources: { Failures: queue("failures") } } };
  const made: Record<string, { Properties: Settings }> = { ...alarmsOf(declared, "prod"), Distribution: distribution };
  const Resources = { Failures: queue("failures"), ...made };
  return { config: { ...declared, resources: { Resources } }, alarms: made };
}

/** The service with other alarms. */
function withAlarms(change: (alarms: Record<string, { Properties: Settings }>) => void): string[] {
  const { config, alarms: made } = service();
  const changed = structuredClone(made);
  change(changed);
  return uncovered({ ...config, resources: { Resources: { Failures: queue("failures"), ...changed } } });
}

describe("what no alarm looks at", () => {
  it("is nothing where all is well", () => {
    expect(uncovered(service().config)).toStrictEqual([]);
  });

  it.each([
    ["ApiAlarm", ["api: Errors", "api: Throttles"]],
    ["ReaderAlarm", ["reader: Errors", "reader: Throttles"]],
    ["ReaderBehindAlarm", ["reader: IteratorAge"]],
    ["FailuresAlarm", ["Failures: ApproximateNumberOfMessagesVisible"]],
    ["Distribution", ["edge: 5xxErrorRate"]],
  ])("is told by name when %s is missing", (id, missing) => {
    expect(withAlarms((made) => delete made[id])).toStrictEqual(missing);
  });

  it("is what rings where nobody hears it, too", () => {
    const silent = withAlarms(({ ApiAlarm, FailuresAlarm }) => {
      if (ApiAlarm) ApiAlarm.Properties = { ...ApiAlarm.Properties, AlarmActions: [] };
      if (FailuresAlarm) FailuresAlarm.Properties = { ...FailuresAlarm.Properties, ActionsEnabled: false };
    });
    expect(silent).toStrictEqual(["api: Errors", "api: Throttles", "Failures: ApproximateNumberOfMessagesVisible"]);
  });

  it("is a function or a queue that was added without", () => {
    const { config } = service();
    const functions = {
      ...config.functions,
      upkeep: { name: "upkeep", destinations: { onFailure: { type: "sqs", arn: arnOf("Failures") } } },
    };
    expect(uncovered({ ...config, functions })).toStrictEqual(["upkeep: Errors", "upkeep: Throttles"]);
  });
});
