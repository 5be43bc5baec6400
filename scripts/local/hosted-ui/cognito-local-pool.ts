import { createPrivateKey } from "node:crypto";
import { createRequire } from "node:module";
import { CognitoError } from "cognito-local/lib/errors.js";
import type { Router } from "cognito-local/lib/server/Router.js";
import type { Context } from "cognito-local/lib/services/context.js";
import type { Services, UserPoolService } from "cognito-local/lib/services/index.js";
import { decodeJwt, decodeProtectedHeader, SignJWT } from "jose";
import type { SignInPool } from "./user-pool.ts";

type User = NonNullable<Awaited<ReturnType<UserPoolService["getUserByUsername"]>>>;

const { pem } = createRequire(import.meta.url)("cognito-local/lib/keys/cognitoLocal.private.json") as { pem: string };
const signingKey = createPrivateKey(pem);

/** cognito-local knows no nonces: its id token is signed again, by the same key, with one more claim. */
async function withNonce(idToken: string, nonce: string): Promise<string> {
  const { alg, ...header } = decodeProtectedHeader(idToken);
  return new SignJWT({ ...decodeJwt(idToken), nonce })
    .setProtectedHeader({ ...header, alg: String(alg) })
    .sign(signingKey);
}

const mailOf = ({ Attributes }: User) => Attributes.find(({ Name }) => Name === "email")?.Value ?? "";
const canSignIn = ({ Enabled, UserStatus }: User) => Enabled && UserStatus === "CONFIRMED";

export interface CognitoLocalParts {
  services: Services;
  /** The API of the user pool. */
  route: Router;
  context: Context;
  userPoolId: string;
  clientId: string;
}

/** The user pool of cognito-local behind the sign-in pages. */
export function cognitoLocalPool({ services, route, context, userPoolId, clientId }: CognitoLocalParts): SignInPool {
  const { cognito, tokenGenerator } = services;
  const call = (operation: string, request: object) => route(operation)(context, { ClientId: clientId, ...request });
  const userPool = () => cognito.getUserPool(context, userPoolId);

  async function revoke(refreshToken: string): Promise<void> {
    try {
      await call("RevokeToken", { Token: refreshToken });
    } catch (error) {
      if (!(error instanceof CognitoError)) throw error;
    }
  }

  return {
    revoke,
    usernames: async () => (await (await userPool()).listUsers(context)).filter(canSignIn).map(mailOf),
    checkPassword: async (USERNAME, PASSWORD) => {
      const request = { AuthFlow: "USER_PASSWORD_AUTH", AuthParameters: { USERNAME, PASSWORD } };
      const answer = await call("InitiateAuth", request).catch((error: unknown) => {
        if (error instanceof CognitoError) return undefined;
        throw error;
      });
      const tokens = answer?.AuthenticationResult;
      if (!tokens) return undefined;
      // Only the code of this login leads to tokens; those of the check are nobody's.
      await revoke(tokens.RefreshToken);
      return String(decodeJwt(tokens.IdToken)["cognito:username"]);
    },
    issueTokens: async (username, nonce) => {
      const [pool, client] = [await userPool(), await cognito.getAppClient(context, clientId)];
      const user = await pool.getUserByUsername(context, username);
      if (!client || !user || !canSignIn(user)) return undefined;
      const groups = await pool.listUserGroupMembership(context, user);
      const tokens = await tokenGenerator.generate(context, user, groups, client, undefined, "HostedAuth");
      await pool.storeRefreshToken(context, tokens.RefreshToken, user);
      return {
        idToken: nonce === undefined ? tokens.IdToken : await withNonce(tokens.IdToken, nonce),
        accessToken: tokens.AccessToken,
        refreshToken: tokens.RefreshToken,
      };
    },
  };
}
