import { describe, expect, it } from "@jest/globals";
import { checkDeployment, type Facts } from "../../../../scripts/deploy/check.ts";
import { CONFIGURATION } from "../../../support/edge-configuration.ts";

const { userPoolId, clientId, appOrigin } = CONFIGURATION;
const ENVIRONMENT = { COGNITO_USER_POOL_ID: userPoolId, COGNITO_CLIENT_ID: clientId, CORS_ORIGIN: appOrigin };

const SOUND: Facts = {
  stack: CONFIGURATION,
  userPool: { adminsCreateUsersOnly: true },
  client: { userPoolId, hasSecret: false, callbackUrls: [`${appOrigin}/enceladus/callback`] },
  functions: [
    { name: "one", environment: ENVIRONMENT },
    { name: "two", environment: ENVIRONMENT },
  ],
  edge: { baked: CONFIGURATION, packagedSha256: "sha-1", associatedSha256: ["sha-1"] },
};
const EDGE = { baked: CONFIGURATION, packagedSha256: "sha-1", associatedSha256: ["sha-1"] };

const problemsOf = (facts: Facts): string[] =>
  checkDeployment(facts).flatMap(({ what, problem }) => (problem ? [`${what}: ${problem}`] : []));

const withTwo = (environment: Facts["functions"][number]["environment"]): Facts => {
  return {
    ...SOUND,
    functions: [
      { name: "one", environment: ENVIRONMENT },
      { name: "two", environment },
    ],
  };
};

describe("the check after a deploy", () => {
  it("finds nothing where all speak of one user pool, one client and one web origin", () => {
    expect(problemsOf(SOUND)).toStrictEqual([]);
    expect(checkDeployment(SOUND)).toHaveLength(9);
  });

  it("finds nothing of an edge where there is none", () => {
    const { edge: _none, ...facts } = SOUND;
    expect(problemsOf(facts)).toStrictEqual([]);
    expect(checkDeployment(facts)).toHaveLength(7);
  });

  it.each<[what: string, facts: Facts, says: RegExp]>([
    [
      "F4: a function with another user pool",
      withTwo({ ...ENVIRONMENT, COGNITO_USER_POOL_ID: "us-east-1_Other0000" }),
      /COGNITO_USER_POOL_ID should be us-east-1_Abcdefghi, .* in two \(us-east-1_Other0000\)/,
    ],
    [
      "F4: a function without a client",
      withTwo({ ...ENVIRONMENT, COGNITO_CLIENT_ID: undefined }),
      /COGNITO_CLIENT_ID .* two \(nothing\)/,
    ],
    [
      "a function that takes calls of another origin",
      withTwo({ ...ENVIRONMENT, CORS_ORIGIN: "https://app.example.com" }),
      /CORS_ORIGIN .* two \(https:\/\/app\.example\.com\)/,
    ],
    [
      "F5: a user pool open to everybody",
      { ...SOUND, userPool: { adminsCreateUsersOnly: false } },
      /Anybody may sign up/,
    ],
    [
      "a client of another user pool",
      { ...SOUND, client: { ...SOUND.client, userPoolId: "us-east-1_Other0000" } },
      /belongs to us-east-1_Other0000/,
    ],
    ["a client with a secret", { ...SOUND, client: { ...SOUND.client, hasSecret: true } }, /has a secret/],
    [
      "sign-ins that lead elsewhere",
      { ...SOUND, client: { ...SOUND.client, callbackUrls: ["https://old.example.com/enceladus/callback"] } },
      /lead to https:\/\/old\.example\.com.*, not to https:\/\/d111111abcdef8/,
    ],
    ["sign-ins that lead nowhere", { ...SOUND, client: { ...SOUND.client, callbackUrls: [] } }, /lead to nowhere/],
    ["F4: an edge that knows no ids", { ...SOUND, edge: { ...EDGE, baked: undefined } }, /configured for this stack/],
    [
      "F4: an edge with ids of another stack",
      { ...SOUND, edge: { ...EDGE, baked: { ...CONFIGURATION, clientId: "client-2" } } },
      /has .*client-2.* should have .*client-1/,
    ],
    [
      "an older edge",
      { ...SOUND, edge: { ...EDGE, associatedSha256: ["sha-0"] } },
      /runs sha-0, and sha-1 was packaged/,
    ],
    [
      "an older edge on one of the behaviours",
      { ...SOUND, edge: { ...EDGE, associatedSha256: ["sha-1", "sha-0"] } },
      /runs sha-1, sha-0/,
    ],
    ["a distribution without an edge", { ...SOUND, edge: { ...EDGE, associatedSha256: [] } }, /runs nothing/],
  ])("finds %s, and that alone", (_what, facts, says) => {
    expect(problemsOf(facts)).toStrictEqual([expect.stringMatching(says)]);
  });
});
