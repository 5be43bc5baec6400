import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { CloudFormationClient, DescribeStackResourceCommand, GetTemplateCommand } from "@aws-sdk/client-cloudformation";
import {
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { PackagedFunction } from "../packages/package-service.ts";
import type { Facts } from "./check.ts";
import type { AwsAccess } from "./deployed-stack.ts";
import type { BakedConfiguration } from "./edge-configuration.ts";
import { bakedInto } from "./edge-package.ts";

interface Behavior {
  LambdaFunctionAssociations?: { LambdaFunctionARN: { Ref: string } }[];
}

/** As much as is looked at of the template that is deployed. */
export interface DeployedTemplate {
  Resources: { CloudFrontDistribution?: { Properties: { DistributionConfig: { CacheBehaviors?: Behavior[] } } } };
}

/** The versions that the behaviours of the distribution run, by their logical ids. */
export function associatedVersions({
  Resources: { CloudFrontDistribution: distribution },
}: DeployedTemplate): string[] {
  const behaviors = distribution?.Properties.DistributionConfig.CacheBehaviors ?? [];
  const associations = behaviors.flatMap(({ LambdaFunctionAssociations = [] }) => LambdaFunctionAssociations);
  return [...new Set(associations.map(({ LambdaFunctionARN: { Ref } }) => Ref))];
}

/** Asks the services of an account what is live in them. */
class Account {
  readonly #stackName: string;
  readonly #cloudFormation: CloudFormationClient;
  readonly #cognito: CognitoIdentityProviderClient;
  readonly #lambda: LambdaClient;

  constructor(access: AwsAccess, stackName: string) {
    this.#stackName = stackName;
    this.#cloudFormation = new CloudFormationClient(access);
    this.#cognito = new CognitoIdentityProviderClient(access);
    this.#lambda = new LambdaClient(access);
  }

  async userPool(UserPoolId: string): Promise<Facts["userPool"]> {
    const { UserPool } = await this.#cognito.send(new DescribeUserPoolCommand({ UserPoolId }));
    return { adminsCreateUsersOnly: UserPool?.AdminCreateUserConfig?.AllowAdminCreateUserOnly === true };
  }

  async client(UserPoolId: string, ClientId: string): Promise<Facts["client"]> {
    const { UserPoolClient } = await this.#cognito.send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId }));
    return {
      userPoolId: UserPoolClient?.UserPoolId ?? "",
      hasSecret: UserPoolClient?.ClientSecret !== undefined,
      callbackUrls: UserPoolClient?.CallbackURLs ?? [],
    };
  }

  async functionSettings(name: string): Promise<Facts["functions"][number]> {
    const { Environment } = await this.#lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
    return { name, environment: Environment?.Variables ?? {} };
  }

  /** Hashes of what the distribution runs, as CloudFormation has told it to. */
  async associatedSha256(): Promise<string[]> {
    const StackName = this.#stackName;
    const { TemplateBody } = await this.#cloudFormation.send(new GetTemplateCommand({ StackName }));
    const versions = associatedVersions(JSON.parse(TemplateBody ?? "{}") as DeployedTemplate);
    return Promise.all(
      versions.map(async (LogicalResourceId) => {
        const command = new DescribeStackResourceCommand({ StackName, LogicalResourceId });
        const { StackResourceDetail } = await this.#cloudFormation.send(command);
        const FunctionName = StackResourceDetail?.PhysicalResourceId;
        const { CodeSha256 } = await this.#lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
        return CodeSha256 ?? "";
      }),
    );
  }
}

/**
 * What is live of a stack, as the services themselves tell it.
 * @param stack what the stack says of itself
 * @param functions as they were packaged for it
 */
export async function liveFacts(
  access: AwsAccess,
  stackName: string,
  stack: BakedConfiguration,
  functions: readonly PackagedFunction[],
): Promise<Facts> {
  const account = new Account(access, stackName);
  const { userPoolId, clientId } = stack;
  const edge = functions.find(({ isAtTheEdge }) => isAtTheEdge);
  const inRegion = functions.filter(({ isAtTheEdge }) => !isAtTheEdge);
  return {
    stack,
    userPool: await account.userPool(userPoolId),
    client: await account.client(userPoolId, clientId),
    functions: await Promise.all(inRegion.map(({ name }) => account.functionSettings(name))),
    ...(edge && {
      edge: {
        baked: bakedInto(edge.zip),
        packagedSha256: createHash("sha256").update(readFileSync(edge.zip)).digest("base64"),
        associatedSha256: await account.associatedSha256(),
      },
    }),
  };
}
