import { describe, expect, it } from "@jest/globals";
import { failureQueues } from "../../../scripts/service/failure-queues.ts";
import type { ResolvedConfig } from "../../../scripts/service/resolved-config.ts";

const queue = (QueueName: string, more: object = {}) => ({
  Type: "AWS::SQS::Queue",
  Properties: { QueueName, ...more },
});
const arnOf = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });
const onFailure = (id: string) => ({ onFailure: { type: "sqs", arn: arnOf(id) } });

const config: ResolvedConfig = {
  provider: {},
  functions: {
    reader: {
      name: "reader-dev",
      events: [
        {
          stream: {
            arn: { "Fn::GetAtt": "ThingsTable.StreamArn" },
            filterPatterns: [{ eventName: ["INSERT"] }],
            destinations: onFailure("ReaderFailures"),
          },
        },
      ],
    },
    upkeep: {
      name: "upkeep-dev",
      destinations: onFailure("UpkeepFailures"),
      events: [
        { eventBridge: { schedule: "rate(1 hour)" } },
        { eventBridge: { pattern: {}, deadLetterQueueArn: arnOf("UpkeepFailures") } },
      ],
    },
    one: { name: "one-dev", environment: { EVENT_BUS: { Ref: "Bus" }, EVENTS_DLQ_URL: { Ref: "EventsQueue" } } },
    other: { name: "other-dev", environment: { EVENT_BUS: { Ref: "Bus" }, EVENTS_DLQ_URL: { Ref: "EventsQueue" } } },
    quiet: { name: "quiet-dev" },
  },
  resources: {
    Resources: {
      ThingsTable: { Type: "AWS::DynamoDB::Table", Properties: { TableName: "things-dev" } },
      Bus: { Type: "AWS::Events::EventBus", Properties: { Name: "bus-dev" } },
      Work: queue("work-dev.fifo", { RedrivePolicy: { deadLetterTargetArn: arnOf("Dead"), maxReceiveCount: 5 } }),
      Dead: queue("dead-dev.fifo"),
      ReaderFailures: queue("reader-failures-dev"),
      UpkeepFailures: queue("upkeep-failures-dev"),
      EventsQueue: queue("events-dlq-dev"),
    },
  },
};

describe("the queues of failures of a configuration", () => {
  it("are those that a queue, a stream, a function, a rule or the publishing of events leads to", () => {
    expect(failureQueues(config)).toStrictEqual([
      { logicalId: "Dead", name: "dead-dev.fifo", origins: [{ kind: "queue", queue: "work-dev.fifo" }] },
      { logicalId: "EventsQueue", name: "events-dlq-dev", origins: [{ kind: "events", bus: "bus-dev" }] },
      {
        logicalId: "ReaderFailures",
        name: "reader-failures-dev",
        origins: [
          { kind: "stream", function: "reader-dev", table: "things-dev", filterPatterns: [{ eventName: ["INSERT"] }] },
        ],
      },
      {
        logicalId: "UpkeepFailures",
        name: "upkeep-failures-dev",
        origins: [
          { kind: "function", function: "upkeep-dev" },
          { kind: "rule", function: "upkeep-dev" },
        ],
      },
    ]);
  });

  it("must be declared", () => {
    const lost = { upkeep: { name: "upkeep", destinations: onFailure("Nowhere") } };
    expect(() => failureQueues({ ...config, functions: lost })).toThrow("led to Nowhere, which is no queue");
  });
});
