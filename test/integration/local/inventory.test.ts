import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { takeInventory } from "../../../scripts/parity-audit/inventory.ts";
import { AccountDouble } from "../../support/account-double/server.ts";
import { actAs, services } from "../../support/services.ts";

/** What the local AWS has not, or not the lists of. */
const DOUBLED = ["LAMBDA", "EVENTBRIDGE", "PIPES", "APIGATEWAYV2"];

let elsewhere: AccountDouble;

beforeAll(async () => {
  actAs("trackerMutation");
  elsewhere = await AccountDouble.start();
  for (const service of DOUBLED) process.env[`AWS_ENDPOINT_URL_${service}`] = elsewhere.url;
  elsewhere.on("lambda:ListFunctions", () => ({ Functions: [] }));
  elsewhere.on("events:ListEventBuses", () => ({ EventBuses: [] }));
  elsewhere.on("pipes:ListPipes", () => ({ Pipes: [] }));
  elsewhere.on("apigateway:GetApis", () => ({ items: [] }));
});
afterAll(() => elsewhere.stop());

describe("the list of what is live", () => {
  it("has every table, bucket, queue and topic of a stage, from the services themselves", async () => {
    const { resources, failures, inventory_warnings } = await takeInventory([services.region], () => true);
    expect({ failures, inventory_warnings }).toStrictEqual({ failures: [], inventory_warnings: [] });
    const names = (kind: keyof typeof resources) => resources[kind].map(({ name }) => name);
    const lastOf = (text: string) => text.split(/[/:]/).at(-1);
    expect(names("dynamodb")).toStrictEqual(expect.arrayContaining(Object.values(services.tables)));
    expect(names("s3")).toStrictEqual(expect.arrayContaining(Object.values(services.buckets)));
    expect(names("sqs")).toStrictEqual(expect.arrayContaining(Object.values(services.queues).map(lastOf)));
    expect(names("sns")).toStrictEqual(expect.arrayContaining(Object.values(services.topics).map(lastOf)));
  });
});
