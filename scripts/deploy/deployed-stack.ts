import {
  CloudFormationClient,
  type CloudFormationClientConfig,
  DescribeStacksCommand,
} from "@aws-sdk/client-cloudformation";
import {
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { CALLBACK_PATH } from "../../functions/auth-edge/paths.ts";
import { UserError } from "../api/user-error.ts";
import type { BakedConfiguration } from "./edge-configuration.ts";

/** Whose account, and where: as for any AWS client. */
export type AwsAccess = Pick<CloudFormationClientConfig, "region" | "credentials">;

export type Outputs = Readonly<Record<string, string | undefined>>;

/** Whether an error of CloudFormation says that there is no such stack. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && error.name === "ValidationError" && /does not exist/.test(error.message);
}

/**
 * The outputs of a stack; undefined where there is no such stack.
 * @throws Error when the account cannot be asked
 */
export async function stackOutputs(access: AwsAccess, stackName: string): Promise<Outputs | undefined> {
  try {
    const { Stacks } = await new CloudFormationClient(access).send(new DescribeStacksCommand({ StackName: stackName }));
    const outputs = Stacks?.[0]?.Outputs ?? [];
    return Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The web origin to which sign-in pages send people back, by the addresses that are registered for that. */
export function originOf(callbackUrls: readonly string[]): string | undefined {
  return callbackUrls.find((url) => url.endsWith(CALLBACK_PATH))?.slice(0, -CALLBACK_PATH.length);
}

/**
 * How the edge of a deployed stack has to be configured. The web origin is the one registered at the user pool, the only
 * one that a sign-in can lead back to.
 * @returns undefined where nothing is deployed, or nothing that has an edge yet
 * @throws Error when the account cannot be asked; UserError when its user pool leads back to no such address
 */
export async function deployedConfiguration(
  access: AwsAccess,
  stackName: string,
): Promise<BakedConfiguration | undefined> {
  const outputs = await stackOutputs(access, stackName);
  const { UserPoolId: userPoolId, UserPoolClientId: clientId, SignInOrigin: cognitoDomain } = outputs ?? {};
  if (!userPoolId || !clientId || !cognitoDomain) return undefined;
  const command = new DescribeUserPoolClientCommand({ UserPoolId: userPoolId, ClientId: clientId });
  const { UserPoolClient } = await new CognitoIdentityProviderClient(access).send(command);
  const appOrigin = originOf(UserPoolClient?.CallbackURLs ?? []);
  if (appOrigin === undefined) {
    throw new UserError(`The client ${clientId} of the user pool ${userPoolId} has no callback at ${CALLBACK_PATH}.`);
  }
  return { userPoolId, clientId, cognitoDomain, appOrigin };
}
