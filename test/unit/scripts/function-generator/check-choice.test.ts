import { beforeAll, describe, expect, it } from "@jest/globals";
import { checkChoice } from "../../../../scripts/function-generator/check-choice.ts";
import type { Choice } from "../../../../scripts/function-generator/choice.ts";
import { type ChoiceOptions, chooseFunction } from "../../../../scripts/function-generator/choose.ts";
import { namesOf } from "../../../../scripts/function-generator/names.ts";
import { planFunction } from "../../../../scripts/function-generator/plan.ts";
import { type Repository, readRepository } from "../../../../scripts/function-generator/repository.ts";
import { ROOT } from "../../../../scripts/service/resolved-config.ts";

let repository: Repository;

beforeAll(() => {
  repository = readRepository(ROOT);
});

const common = { name: "price-list", about: "Lists prices", memory: 256, timeout: 10 };
const http: Choice = {
  ...common,
  trigger: "http",
  method: "GET",
  path: "/api/v1/price-list/{id}",
  scope: "tracker:read",
};

describe("the names of a function", () => {
  it("are made of the name of its folder", () => {
    expect(namesOf("price-list2")).toEqual({
      name: "price-list2",
      key: "priceList2",
      pascal: "PriceList2",
      deployed: "enceladus-price-list2",
      folder: "functions/price-list2",
    });
  });

  it.each(["Price", "price_list", "price--list", "-price", "price-", "2prices", "", "../price", "price list"])(
    "are refused: '%s'",
    (name) => expect(() => namesOf(name)).toThrow(`'${name}' is no name of a function`),
  );

  it("leave room for the stage in the 64 characters that Lambda and IAM take", () => {
    expect(namesOf("x".repeat(34)).deployed).toHaveLength(44);
    expect(() => namesOf("x".repeat(35))).toThrow("has 35 characters, more than 34");
  });
});

type Wrong = [message: string, choice: object];

describe("a function is refused", () => {
  it.each<Wrong>([
    ["There is a function 'doc-prep' already: functions/doc-prep", { name: "doc-prep" }],
    [
      "There is a function 'tracker-mutation-api' already: functions/tracker-mutation",
      { name: "tracker-mutation-api" },
    ],
    ["--about is one sentence", { about: "lists" }],
    ["--about is one sentence", { about: "Lists." }],
    ["--about is one sentence", { about: "Lists\nprices" }],
    ["--about is one sentence", { about: `Lists ${"x".repeat(80)}` }],
    ["--memory is from 128", { memory: 64 }],
    ["--timeout is from 1 to 29", { timeout: 30 }],
    ["is none: it begins with /api/v1/", { path: "/price-list" }],
    ["is none: it begins with /api/v1/", { path: "/api/v1/Price" }],
    ["has a parameter twice", { path: "/api/v1/{id}/x/{id}" }],
    ["is served by functions/reference-search already", { path: "/api/v1/reference/search" }],
    ["is served by functions/tracker-mutation already", { path: "/api/v1/tracker/{a}/{b}/{c}" }],
  ])("%s: %j", (message, wrong) => {
    expect(() => checkChoice({ ...http, ...wrong } as Choice, repository)).toThrow(message);
  });

  it.each<Wrong>([
    ["is no table with a stream: those are ", { trigger: "stream", table: "ProjectsTable" }],
    ["is no queue with a dead-letter queue: those are ", { trigger: "queue", queue: "EventsDeadLetterQueue" }],
    ["is worked off by functions/deploy-orchestrator", { trigger: "queue", queue: "DeployQueue" }],
    ["--source", { trigger: "rule", source: "a b", detailType: "x" }],
    ["--detail-type", { trigger: "rule", source: "aws.s3", detailType: 'x"' }],
    ["--schedule", { trigger: "schedule", schedule: "hourly" }],
    ["--schedule", { trigger: "schedule", schedule: "rate(1 hours)" }],
    ["--timeout is from 1 to 900", { trigger: "schedule", schedule: "rate(1 hour)", timeout: 901 }],
  ])("%s: %j", (message, wrong) => {
    expect(() => checkChoice({ ...common, ...wrong } as Choice, repository)).toThrow(message);
  });

  it("behind a queue that hides its messages for too short a time, or a stream that two follow already", () => {
    const queue = { type: "AWS::SQS::Queue", properties: { VisibilityTimeout: 59, RedrivePolicy: {} } };
    const arn = { "Fn::GetAtt": ["DocumentsTable", "StreamArn"] };
    const follower = { key: "a", folder: "functions/a", events: [{ stream: { arn } }] };
    const full: Repository = {
      ...repository,
      resources: new Map([...repository.resources, ["WorkQueue", queue]]),
      functions: [...repository.functions, follower, follower],
    };
    const behindQueue: Choice = { ...common, trigger: "queue", queue: "WorkQueue" };
    expect(() => checkChoice(behindQueue, full)).toThrow(
      "hides a message for 59 s; with --timeout 10 it has to be 60 s",
    );
    const behindStream: Choice = { ...common, trigger: "stream", table: "DocumentsTable" };
    expect(() => checkChoice(behindStream, full)).toThrow("for two functions at most");
  });

  it("whose files or queues are there already, before anything is written", () => {
    const withTest: Repository = {
      ...repository,
      has: (path) => path === "test/integration/functions/price-list.test.ts",
    };
    expect(() => planFunction(http, withTest)).toThrow("price-list.test.ts is there already; nothing is written");
    const named: Choice = { ...common, name: "deploy", trigger: "queue", queue: undefined };
    expect(() => planFunction(named, repository)).toThrow(
      "There is a resource DeployQueue already; nothing is written",
    );
  });
});

describe("what was not said", () => {
  const choose = (options: Partial<ChoiceOptions>) =>
    chooseFunction("price-list", { method: "GET", about: "Lists prices", ...options }, repository, undefined);

  it("has a default where there is one", async () => {
    expect(await choose({ trigger: "http", scope: "tracker:read" })).toEqual({
      ...common,
      trigger: "http",
      method: "GET",
      path: "/api/v1/price-list/{projectId}",
      scope: "tracker:read",
    });
    expect(await choose({ trigger: "queue" })).toMatchObject({ timeout: 30, queue: undefined });
  });

  it.each<[string, Partial<ChoiceOptions>]>([
    ["--trigger is needed", {}],
    ["--scope is needed", { trigger: "http" }],
    ["--table is needed", { trigger: "stream" }],
    ["--source is needed", { trigger: "rule" }],
    ["--schedule is needed", { trigger: "schedule" }],
    ["--scope tracker:* is none of: tracker:read, ", { trigger: "http", scope: "tracker:*" }],
    ["--table goes with --trigger stream, not with http", { trigger: "http", table: "TrackerTable" }],
    ["--detail-type goes with --trigger rule, not with schedule", { trigger: "schedule", detailType: "x" }],
  ])("is asked for where there is nobody to ask: %s", async (message, options) => {
    await expect(choose(options)).rejects.toThrow(message);
  });
});
