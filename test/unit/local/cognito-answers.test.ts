import { describe, expect, it } from "@jest/globals";
import { asCognitoAnswers } from "../../../scripts/local/cognito-answers.ts";

type Parameters = readonly [route: unknown, services: unknown];

/** A refresh token by its end alone; that the pool knows it is what the double says. */
function tokenUntil(seconds: number): string {
  return ["{}", JSON.stringify({ exp: seconds }), "x"].map((part) => Buffer.from(part).toString("base64url")).join(".");
}

function refreshAt(now: number, token: string) {
  const pool = { getUserByRefreshToken: async () => ({ Enabled: true }) };
  const services = { cognito: { getUserPoolForClientId: async () => pool }, clock: { get: () => new Date(now) } };
  const route = () => async () => ({ AuthenticationResult: { IdToken: "id" } });
  const answers = asCognitoAnswers(...([route, services] as Parameters as never as [never, never]));
  const request = { ClientId: "web", AuthFlow: "REFRESH_TOKEN_AUTH", AuthParameters: { REFRESH_TOKEN: token } };
  return answers("InitiateAuth")({} as never, request);
}

describe("a refresh token", () => {
  it("is good until its end and not after", async () => {
    expect(await refreshAt(999_999, tokenUntil(1_000))).toMatchObject({ AuthenticationResult: { IdToken: "id" } });
    await expect(refreshAt(1_000_000, tokenUntil(1_000))).rejects.toMatchObject({
      code: "NotAuthorizedException",
      message: "Refresh Token has expired",
    });
  });
});
