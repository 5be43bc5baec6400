import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { Router } from "cognito-local/lib/server/Router.js";
import { createServer } from "cognito-local/lib/server/server.js";
import { DateClock } from "cognito-local/lib/services/clock.js";
import { CognitoServiceFactoryImpl } from "cognito-local/lib/services/cognitoService.js";
import { StormDBDataStoreFactory } from "cognito-local/lib/services/dataStore/stormDb.js";
import { ConsoleMessageSender } from "cognito-local/lib/services/messageDelivery/consoleMessageSender.js";
import { MessageDeliveryService } from "cognito-local/lib/services/messageDelivery/messageDelivery.js";
import { MessagesService } from "cognito-local/lib/services/messages.js";
import { otp } from "cognito-local/lib/services/otp.js";
import { JwtTokenGenerator } from "cognito-local/lib/services/tokenGenerator.js";
import { TriggersService } from "cognito-local/lib/services/triggers/triggers.js";
import { UserPoolServiceFactoryImpl } from "cognito-local/lib/services/userPoolService.js";
import { pino } from "pino";
import { asCognitoAnswers } from "./cognito-answers.ts";
import { cognitoLocalPool } from "./hosted-ui/cognito-local-pool.ts";
import { createHostedUi } from "./hosted-ui/index.ts";
import { signInClient } from "./hosted-ui/sign-in-client.ts";
import { closeServer, createKeepAliveServer, LOOPBACK, listen } from "./ports.ts";

/** Whoever signs in here; each start gives them fresh tokens. */
const USERNAMES = ["demo@enceladus.local", "colleague@enceladus.local"] as const;

export interface LocalUser {
  username: string;
  password: string;
  idToken: string;
  refreshToken: string;
  cookie: string;
}

export interface UserPoolOptions {
  dataDir: string;
  userPoolId: string;
  clientId: string;
  /** Properties of the CloudFormation resources; they are those of the API too. */
  userPool: Readonly<Record<string, unknown>>;
  client: Readonly<Record<string, unknown>>;
  /** Address of the HTTP API, where the web app is; people may be sent back there after the sign-in. */
  apiOrigin?: string | undefined;
  /** The file in which a person finds the passwords. */
  passwordsIn: string;
}

export interface LocalUserPool {
  url: string;
  issuer: string;
  users: readonly LocalUser[];
  stop(): Promise<void>;
}

const logger = pino({ level: "silent" });
const context = { logger };

/** No trigger is attached to the pool. */
const noTriggers = {
  enabled: () => false,
  invoke: () => Promise.reject(new Error("the local user pool has no triggers")),
};

async function createServices(dataDir: string, tokenConfig: { IssuerDomain: string }) {
  await mkdir(dataDir, { recursive: true });
  const clock = new DateClock();
  const stores = new StormDBDataStoreFactory(dataDir);
  const factory = new CognitoServiceFactoryImpl(dataDir, stores, new UserPoolServiceFactoryImpl(clock, stores));
  const cognito = await factory.create(context, { UsernameAttributes: ["email"] });
  const triggers = new TriggersService(clock, cognito, noTriggers, { encrypt: () => Promise.resolve("") } as never);
  return {
    clock,
    cognito,
    triggers,
    messages: new MessagesService(triggers, new MessageDeliveryService(new ConsoleMessageSender())),
    otp,
    tokenGenerator: new JwtTokenGenerator(clock, triggers, tokenConfig),
    config: { TokenConfig: tokenConfig } as never,
  };
}

type Services = Awaited<ReturnType<typeof createServices>>;
type Route = ReturnType<typeof Router>;

/** The services on what is kept in the folder; pool and users are born again when a crash has torn their files. */
async function openServices(dataDir: string, tokenConfig: { IssuerDomain: string }): Promise<Services> {
  try {
    return await createServices(dataDir, tokenConfig);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    await rm(dataDir, { recursive: true, force: true });
    return createServices(dataDir, tokenConfig);
  }
}

async function createPool({ cognito, clock }: Services, options: UserPoolOptions): Promise<void> {
  const { UserPoolName, ...properties } = options.userPool;
  const known = (await cognito.listUserPools(context)).some((pool) => pool.Id === options.userPoolId);
  if (!known) {
    const created = { CreationDate: clock.get(), LastModifiedDate: clock.get() };
    await cognito.createUserPool(context, {
      ...properties,
      ...created,
      Id: options.userPoolId,
      Name: String(UserPoolName),
    });
  }
  const pool = await cognito.getUserPool(context, options.userPoolId);
  await pool.saveAppClient(context, {
    ...options.client,
    ClientId: options.clientId,
    UserPoolId: options.userPoolId,
    ClientName: String(options.client.ClientName),
    CreationDate: clock.get(),
    LastModifiedDate: clock.get(),
  } as Parameters<typeof pool.saveAppClient>[1]);
}

async function passwordOf(services: Services, userPoolId: string, username: string): Promise<string> {
  const call = (operation: string, request: object) =>
    Router(services)(operation)(context, { UserPoolId: userPoolId, ...request });
  const pool = await services.cognito.getUserPool(context, userPoolId);
  const known = await pool.getUserByUsername(context, username);
  if (known) return known.Password;
  const password = `Local-${randomBytes(9).toString("base64url")}-1a`;
  const UserAttributes = [{ Name: "email_verified", Value: "true" }];
  await call("AdminCreateUser", { Username: username, MessageAction: "SUPPRESS", UserAttributes });
  await call("AdminSetUserPassword", { Username: username, Password: password, Permanent: true });
  return password;
}

async function signIn(services: Services, options: UserPoolOptions, username: string): Promise<LocalUser> {
  const password = await passwordOf(services, options.userPoolId, username);
  const answer = await Router(services)("InitiateAuth")(context, {
    ClientId: options.clientId,
    AuthFlow: "USER_PASSWORD_AUTH",
    AuthParameters: { USERNAME: username, PASSWORD: password },
  });
  const { IdToken: idToken, RefreshToken: refreshToken } = answer.AuthenticationResult;
  return { username, password, idToken, refreshToken, cookie: `enceladus_id_token=${idToken}` };
}

/** The pages of the user pool's domain, in front of cognito-local's own, which know PKCE only and are unsafe to show. */
function hostedUi(services: Services, route: Route, options: UserPoolOptions) {
  const { userPoolId, clientId, client, apiOrigin, passwordsIn } = options;
  return createHostedUi({
    client: signInClient(clientId, client, apiOrigin),
    pool: cognitoLocalPool({ services, route, context, userPoolId, clientId }),
    passwordsIn,
  });
}

/**
 * Starts cognito-local in this process with the declared pool and client and two users, and with the sign-in pages at
 * the same address. Its signing key is public, so it answers on the loopback interface only.
 */
export async function startCognito(options: UserPoolOptions): Promise<LocalUserPool> {
  // Tokens name the address as issuer, which is known once the server listens.
  const tokenConfig = { IssuerDomain: "" };
  const services = await openServices(options.dataDir, tokenConfig);
  const route = asCognitoAnswers(Router(services), services);
  const { application } = createServer(route, logger, {}, services);
  const pages = hostedUi(services, route, options);
  const server = createKeepAliveServer((incoming, outgoing) => {
    if (!pages(incoming, outgoing)) application(incoming, outgoing);
  });
  const url = `http://${LOOPBACK}:${await listen(server, 0)}`;
  tokenConfig.IssuerDomain = url;
  await createPool(services, options);
  const users: LocalUser[] = [];
  for (const username of USERNAMES) users.push(await signIn(services, options, username));
  return { url, issuer: `${url}/${options.userPoolId}`, users, stop: () => closeServer(server) };
}
