/** What the local parts read of the resolved serverless.yml. */

export interface HttpApiEvent {
  httpApi?: string | { method: string; path: string; authorizer?: { type?: string } };
}

/** A behaviour of the distribution that the framework makes, and the function in front of it. */
export interface CloudFrontEvent {
  eventType?: string;
  pathPattern?: string;
  behavior?: { AllowedMethods?: string[]; ResponseHeadersPolicyId?: string | { Ref: string } };
}

export interface FunctionDefinition {
  name: string;
  handler?: string;
  timeout?: number;
  reservedConcurrency?: number;
  environment?: Readonly<Record<string, unknown>>;
  events?: (HttpApiEvent & { cloudFront?: CloudFrontEvent } & Record<string, unknown>)[];
}

export interface CloudFormationResource {
  Type: string;
  Properties?: Readonly<Record<string, unknown>>;
}

export interface ServiceConfiguration {
  service: string;
  provider: {
    stage: string;
    region: string;
    timeout?: number;
    environment?: Readonly<Record<string, unknown>>;
  };
  functions: Record<string, FunctionDefinition>;
  resources: {
    Resources: Readonly<Record<string, CloudFormationResource>>;
    Conditions?: Readonly<Record<string, unknown>>;
  };
}

/** Account of everything local; DynamoDB Local and fauxqs use it in their ARNs too. */
export const ACCOUNT_ID = "000000000000";

/** The resources of one CloudFormation type, by logical id. */
export function resourcesOfType(configuration: ServiceConfiguration, type: string): [string, CloudFormationResource][] {
  return Object.entries(configuration.resources.Resources).filter(([, resource]) => resource.Type === type);
}
