import { createPublicKey } from "node:crypto";
import { createRequire } from "node:module";
import {
  CognitoError,
  InvalidParameterError,
  InvalidPasswordError,
  NotAuthorizedError,
} from "cognito-local/lib/errors.js";
import type { Router } from "cognito-local/lib/server/Router.js";
import type { Services } from "cognito-local/lib/services/index.js";
import { compactVerify, decodeJwt } from "jose";

type Call = ReturnType<Router>;
type Context = Parameters<Call>[0];
type AuthParameters = Readonly<Record<string, string | undefined>>;

const { pem } = createRequire(import.meta.url)("cognito-local/lib/keys/cognitoLocal.public.json") as { pem: string };
const publicKey = createPublicKey(pem);

const TOKEN_SECONDS = 3_600;

/** Whether the pool has issued the token, whatever has become of it since. */
async function isOurs(token: string): Promise<boolean> {
  return compactVerify(token, publicKey).then(
    () => true,
    () => false,
  );
}

function isOver(token: string, now: Date): boolean {
  return (decodeJwt(token).exp ?? Number.POSITIVE_INFINITY) * 1_000 <= now.getTime();
}

/**
 * The calls that a session lives by, as Cognito answers them. cognito-local differs in this:
 * - a refresh token that it does not know is "User not authorized", where Cognito says what is wrong with it;
 * - a refresh token lives for ever, also when its owner has been disabled;
 * - an answer with tokens does not say what kind they are and how long they live;
 * - a wrong password and an unknown user are two different errors, one of which is not declared for the call; and a
 *   call without a password signs in somebody who has none;
 * - to revoke a token a second time is an error.
 */
export function asCognitoAnswers(route: Router, services: Services): Router {
  const { cognito, clock } = services;

  /** @throws CognitoError where Cognito would not renew a session */
  async function checkRefreshToken(context: Context, clientId: string, token: string): Promise<void> {
    const pool = await cognito.getUserPoolForClientId(context, clientId);
    const owner = await pool.getUserByRefreshToken(context, token);
    if (!owner) {
      throw new NotAuthorizedError((await isOurs(token)) ? "Refresh Token has been revoked" : "Invalid Refresh Token");
    }
    if (isOver(token, clock.get())) throw new NotAuthorizedError("Refresh Token has expired");
    if (!owner.Enabled) throw new NotAuthorizedError("User is disabled.");
  }

  async function refresh(call: Call, context: Context, request: { ClientId: string; AuthParameters?: AuthParameters }) {
    const token = request.AuthParameters?.REFRESH_TOKEN;
    if (!token) throw new InvalidParameterError("Missing required parameter REFRESH_TOKEN");
    await checkRefreshToken(context, request.ClientId, token);
    return call(context, request);
  }

  async function signIn(call: Call, context: Context, request: { AuthParameters?: AuthParameters }) {
    const missing = ["USERNAME", "PASSWORD"].find((name) => !request.AuthParameters?.[name]);
    if (missing) throw new InvalidParameterError(`Missing required parameter ${missing}`);
    try {
      return await call(context, request);
    } catch (error) {
      const isWrong = error instanceof InvalidPasswordError || error instanceof NotAuthorizedError;
      throw isWrong ? new NotAuthorizedError("Incorrect username or password.") : error;
    }
  }

  const initiateAuth: Call = async (context, request) => {
    const call = route("InitiateAuth");
    const isRefresh = String(request.AuthFlow).startsWith("REFRESH_TOKEN");
    const answer = await (isRefresh ? refresh : signIn)(call, context, request);
    const tokens = answer.AuthenticationResult;
    return tokens
      ? { ...answer, AuthenticationResult: { ...tokens, TokenType: "Bearer", ExpiresIn: TOKEN_SECONDS } }
      : answer;
  };

  const revokeToken: Call = async (context, request) => {
    try {
      return await route("RevokeToken")(context, request);
    } catch (error) {
      const isUnknown = error instanceof CognitoError && error.code === "NotAuthorizedException";
      if (isUnknown && (await isOurs(String(request.Token)))) return {};
      throw error;
    }
  };

  return (operation) => {
    if (operation === "InitiateAuth") return initiateAuth;
    return operation === "RevokeToken" ? revokeToken : route(operation);
  };
}
