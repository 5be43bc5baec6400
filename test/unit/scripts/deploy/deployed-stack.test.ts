import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { deployedConfiguration } from "../../../../scripts/deploy/deployed-stack.ts";
import { CONFIGURATION } from "../../../support/edge-configuration.ts";
import { StackDouble } from "../../../support/stack-double.ts";

const ACCESS = { region: "us-east-1", credentials: { accessKeyId: "none", secretAccessKey: "none" } };
const { userPoolId, clientId, cognitoDomain } = CONFIGURATION;
const OUTPUTS = { UserPoolId: userPoolId, UserPoolClientId: clientId, SignInOrigin: cognitoDomain };

let account: StackDouble;
const asked = () => deployedConfiguration(ACCESS, "enceladus-prod");

beforeAll(async () => {
  account = await StackDouble.start();
  process.env.AWS_ENDPOINT_URL = account.url;
});
afterAll(() => {
  delete process.env.AWS_ENDPOINT_URL;
  account.stop();
});
beforeEach(() => account.deploy(CONFIGURATION));

describe("what a deployed stack says of its edge", () => {
  it("is its user pool, its client, its sign-in pages, and the origin to which they lead back", async () => {
    expect(await asked()).toStrictEqual(CONFIGURATION);
  });

  it("is nothing while there is no stack", async () => {
    account.refuseStack("ValidationError", "Stack with id enceladus-prod does not exist");
    expect(await asked()).toBeUndefined();
  });

  it.each(Object.keys(OUTPUTS))("is nothing where it has no output %s yet", async (missing) => {
    account.outputs(Object.fromEntries(Object.entries(OUTPUTS).filter(([key]) => key !== missing)));
    expect(await asked()).toBeUndefined();
  });

  it.each([
    ["the stack may not be seen", "AccessDenied", "not authorized to perform cloudformation:DescribeStacks"],
    ["the request is refused", "ValidationError", "Request is missing something"],
    ["the credentials are over", "ExpiredToken", "The security token is expired"],
  ])("is an error where %s", async (_what, code, message) => {
    account.refuseStack(code, message);
    await expect(asked()).rejects.toThrow(message);
  });

  it("is an error where the user pool may not be seen", async () => {
    account.refuseClient("NotAuthorizedException", "not authorized");
    await expect(asked()).rejects.toThrow("not authorized");
  });

  it("is an error where sign-ins lead back to no address of the edge", async () => {
    account.callbacks("https://elsewhere.example.com/signed-in");
    await expect(asked()).rejects.toThrow(`The client ${clientId} of the user pool ${userPoolId} has no callback`);
  });
});
