import {
  AdminDisableUserCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  RevokeTokenCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { localUserPool, POOL } from "../../support/local-user-pool.ts";

const { user, url } = localUserPool();
const { clientId, userPoolId: UserPoolId } = POOL;
let cognito: CognitoIdentityProviderClient;

beforeAll(() => {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  cognito = new CognitoIdentityProviderClient({ endpoint: url(), region: "us-east-1", credentials, maxAttempts: 1 });
});

afterAll(() => cognito.destroy());

const refresh = (REFRESH_TOKEN: string | undefined, ClientId = clientId) =>
  cognito.send(
    new InitiateAuthCommand({
      AuthFlow: "REFRESH_TOKEN_AUTH",
      ClientId,
      AuthParameters: REFRESH_TOKEN === undefined ? {} : { REFRESH_TOKEN },
    }),
  );
const signIn = (AuthParameters: Record<string, string>) =>
  cognito.send(new InitiateAuthCommand({ AuthFlow: "USER_PASSWORD_AUTH", ClientId: clientId, AuthParameters }));
const revoke = (Token: string, ClientId = clientId) => cognito.send(new RevokeTokenCommand({ Token, ClientId }));

async function newRefreshToken(index: 0 | 1 = 0): Promise<string> {
  const { username, password } = user(index);
  const { AuthenticationResult } = await signIn({ USERNAME: username, PASSWORD: password });
  return AuthenticationResult?.RefreshToken ?? "";
}

describe("the user pool's API", () => {
  it("renews a session and says for how long", async () => {
    expect((await refresh(await newRefreshToken())).AuthenticationResult).toMatchObject({
      IdToken: expect.stringMatching(/./),
      TokenType: "Bearer",
      ExpiresIn: 3_600,
    });
  });

  it.each<[string, () => Promise<unknown>, string, RegExp]>([
    ["a token that is none", () => refresh("garbage"), "NotAuthorizedException", /Invalid Refresh Token/],
    ["no token", () => refresh(undefined), "InvalidParameterException", /REFRESH_TOKEN/],
    ["an empty token", () => refresh(""), "InvalidParameterException", /REFRESH_TOKEN/],
    ["an unknown client", () => refresh(user(0).refreshToken, "other"), "ResourceNotFoundException", /other/],
    ["an id token", () => refresh(user(0).idToken), "NotAuthorizedException", /Refresh Token/],
    [
      "a wrong password",
      () => signIn({ USERNAME: user(0).username, PASSWORD: "wrong" }),
      "NotAuthorizedException",
      /Incorrect username or password/,
    ],
    [
      "somebody unknown",
      () => signIn({ USERNAME: "nobody@example.com", PASSWORD: "wrong" }),
      "NotAuthorizedException",
      /Incorrect username or password/,
    ],
    ["no password", () => signIn({ USERNAME: "__proto__" }), "InvalidParameterException", /PASSWORD/],
    ["an unknown client's revocation", () => revoke("garbage", "other"), "ResourceNotFoundException", /other/],
    ["the revocation of what is no token", () => revoke("garbage"), "NotAuthorizedException", /./],
  ])("refuses %s", async (_, call, name, message) => {
    await expect(call()).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });

  it("ends a token for good, and does not mind ending it again", async () => {
    const [ended, other] = [await newRefreshToken(), await newRefreshToken()];
    await revoke(ended);
    await expect(refresh(ended)).rejects.toMatchObject({
      name: "NotAuthorizedException",
      message: "Refresh Token has been revoked",
    });
    await revoke(ended);
    await refresh(other);
  });

  it("renews no session of somebody who has been disabled", async () => {
    const token = await newRefreshToken(1);
    const Username = user(1).username;
    await cognito.send(new AdminDisableUserCommand({ UserPoolId, Username }));
    await expect(refresh(token)).rejects.toMatchObject({
      name: "NotAuthorizedException",
      message: "User is disabled.",
    });
  });
});
