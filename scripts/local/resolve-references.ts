import { ACCOUNT_ID, type CloudFormationResource, type ServiceConfiguration } from "./configuration.ts";
import { LocalError } from "./errors.ts";
import { createConditions } from "./resolve-conditions.ts";

/** What `Ref` and `Fn::GetAtt` give for one resource. */
export interface ResourceReference {
  ref: string;
  attributes: Readonly<Record<string, string>>;
}

/** Where things live that have an address; a function sees them through the wire, set-up code directly. */
export interface ReferenceOptions {
  /** Origin of SQS, the beginning of every queue URL. */
  sqsOrigin: string;
  /** Address of the HTTP API. */
  apiOrigin?: string;
  /** Attributes that are only known once the resource exists (`StreamArn`), by logical id. */
  attributes?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface References {
  ref(logicalId: string): string;
  attribute(logicalId: string, name: string): string;
  /**
   * A copy of the value with every CloudFormation intrinsic in it replaced by what it stands for, and without what
   * stands for nothing (AWS::NoValue).
   */
  resolve(value: unknown): unknown;
  /** As `resolve`, for a value that must be text. */
  text(value: unknown): string;
}

type Describe = (properties: Readonly<Record<string, unknown>>, logicalId: string) => ResourceReference;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A short id that is always the same for a resource, so that a restart finds what is there. */
export function stableId(logicalId: string, length: number): string {
  const digits = [...logicalId].reduce((sum, c) => (sum * 33n + BigInt(c.charCodeAt(0))) % 36n ** 26n, 5381n);
  return digits.toString(36).padStart(length, "0").slice(-length);
}

/** The logical id that the framework gives to a function, e.g. `notFound` -> `NotFoundLambdaFunction`. */
export function functionLogicalId(functionKey: string): string {
  const normalized = functionKey.replaceAll("-", "Dash").replaceAll("_", "Underscore");
  return `${normalized.charAt(0).toUpperCase()}${normalized.slice(1)}LambdaFunction`;
}

/** What the framework makes of the functions' events, so that it stands nowhere in serverless.yml. */
const MADE_BY_FRAMEWORK: Readonly<Record<string, CloudFormationResource>> = {
  HttpApi: { Type: "AWS::ApiGatewayV2::Api" },
  CloudFrontDistribution: { Type: "AWS::CloudFront::Distribution" },
};

/**
 * Resolves the CloudFormation intrinsics of serverless.yml (Ref, Fn::GetAtt, Fn::Sub, Fn::Join, Fn::Select, Fn::Split,
 * Fn::If) to local names, ARNs and URLs.
 */
export function createReferences(configuration: ServiceConfiguration, options: ReferenceOptions): References {
  const { region, stage } = configuration.provider;
  const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${ACCOUNT_ID}:${resource}`;
  const named = (properties: Readonly<Record<string, unknown>>, property: string, logicalId: string) =>
    properties[property] === undefined ? `${configuration.service}-${stage}-${logicalId}` : text(properties[property]);

  const pseudoParameters: Readonly<Record<string, string>> = {
    "AWS::AccountId": ACCOUNT_ID,
    "AWS::Region": region,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": `${configuration.service}-${stage}`,
    "AWS::StackId": arn("cloudformation", `stack/${configuration.service}-${stage}/local`),
  };

  const describers: Readonly<Record<string, Describe>> = {
    "AWS::DynamoDB::Table": (properties, id) => {
      const name = named(properties, "TableName", id);
      return { ref: name, attributes: { Arn: arn("dynamodb", `table/${name}`) } };
    },
    "AWS::SQS::Queue": (properties, id) => {
      const name = named(properties, "QueueName", id);
      const url = `${options.sqsOrigin}/${ACCOUNT_ID}/${name}`;
      return { ref: url, attributes: { Arn: arn("sqs", name), QueueName: name, QueueUrl: url } };
    },
    "AWS::S3::Bucket": (properties, id) => {
      const name = named(properties, "BucketName", id).toLowerCase();
      const domains = {
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      };
      return { ref: name, attributes: { Arn: `arn:aws:s3:::${name}`, ...domains } };
    },
    "AWS::SNS::Topic": (properties, id) => {
      const name = named(properties, "TopicName", id);
      return { ref: arn("sns", name), attributes: { TopicArn: arn("sns", name), TopicName: name } };
    },
    "AWS::Events::EventBus": (properties, id) => {
      const name = named(properties, "Name", id);
      return { ref: name, attributes: { Arn: arn("events", `event-bus/${name}`), Name: name } };
    },
    "AWS::Cognito::UserPool": (_, id) => {
      const poolId = `${region}_${stableId(id, 9)}`;
      const ProviderName = `cognito-idp.${region}.amazonaws.com/${poolId}`;
      const Arn = arn("cognito-idp", `userpool/${poolId}`);
      return {
        ref: poolId,
        attributes: { Arn, UserPoolId: poolId, ProviderName, ProviderURL: `https://${ProviderName}` },
      };
    },
    "AWS::Cognito::UserPoolClient": (_, id) => {
      const clientId = stableId(id, 26);
      return { ref: clientId, attributes: { ClientId: clientId } };
    },
    "AWS::SecretsManager::Secret": (properties, id) => {
      const secretArn = arn("secretsmanager", `secret:${named(properties, "Name", id)}-${stableId(id, 6)}`);
      return { ref: secretArn, attributes: { Id: secretArn } };
    },
    "AWS::ApiGatewayV2::Api": () => ({ ref: "local", attributes: { ApiEndpoint: options.apiOrigin ?? "" } }),
    "AWS::CloudFront::Distribution": (_, id) => {
      const distributionId = `E${stableId(id, 13).toUpperCase()}`;
      // Its place is taken by the local API, port included.
      const DomainName = options.apiOrigin ? new URL(options.apiOrigin).host : `${stableId(id, 14)}.cloudfront.net`;
      return { ref: distributionId, attributes: { Id: distributionId, DomainName } };
    },
  };

  function describe(logicalId: string): ResourceReference {
    const functionEntry = Object.entries(configuration.functions).find(([key]) => functionLogicalId(key) === logicalId);
    if (functionEntry) {
      const { name } = functionEntry[1];
      return { ref: name, attributes: { Arn: arn("lambda", `function:${name}`) } };
    }
    const resource = configuration.resources.Resources[logicalId] ?? MADE_BY_FRAMEWORK[logicalId];
    if (!resource) throw new LocalError(`serverless.yml refers to "${logicalId}", which it does not declare.`);
    const known = describers[resource.Type];
    if (known) return known(resource.Properties ?? {}, logicalId);
    // Roles, alarms, policies: nothing stands behind them here, but their names may be needed in texts.
    const [, service = "local"] = resource.Type.toLowerCase().split("::");
    return { ref: logicalId, attributes: { Arn: arn(service, logicalId), Id: logicalId } };
  }

  function ref(logicalId: string): string {
    return pseudoParameters[logicalId] ?? describe(logicalId).ref;
  }

  function attribute(logicalId: string, name: string): string {
    const value = options.attributes?.[logicalId]?.[name] ?? describe(logicalId).attributes[name];
    if (value === undefined) throw new LocalError(`"${logicalId}" has no attribute "${name}" locally.`);
    return value;
  }

  function substitute(argument: unknown): string {
    const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const own = isObject(variables) ? variables : {};
    return String(template).replaceAll(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (name in own) return text(own[name]);
      const [logicalId = "", ...path] = name.split(".");
      return path.length > 0 ? attribute(logicalId, path.join(".")) : ref(name);
    });
  }

  const holds = createConditions(configuration.resources.Conditions ?? {}, resolve);

  const list = (value: unknown): unknown[] => {
    const resolved = resolve(value);
    if (!Array.isArray(resolved)) throw new LocalError(`A list was expected here: ${JSON.stringify(value)}`);
    return resolved;
  };

  const intrinsics: Readonly<Record<string, (argument: unknown) => unknown>> = {
    Ref: (argument) => (argument === "AWS::NoValue" ? undefined : ref(String(argument))),
    "Fn::GetAtt": (argument) => {
      const path = Array.isArray(argument) ? argument.map(String) : String(argument).split(".");
      return attribute(path[0] ?? "", path.slice(1).join("."));
    },
    "Fn::Sub": substitute,
    "Fn::Join": (argument) => {
      const [separator, parts] = list(argument);
      return list(parts).map(String).join(String(separator));
    },
    "Fn::Select": (argument) => {
      const [index, parts] = list(argument);
      return list(parts)[Number(index)];
    },
    "Fn::Split": (argument) => {
      const [separator, value] = list(argument);
      return String(value).split(String(separator));
    },
    // Only what is chosen is resolved: the other half may name what is not there.
    "Fn::If": (argument) => {
      const [condition, then, otherwise] = argument as unknown[];
      return resolve(holds(String(condition)) ? then : otherwise);
    },
  };

  const isValue = (value: unknown) => value !== undefined;

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve).filter(isValue);
    if (!isObject(value)) return value;
    const [key, ...more] = Object.keys(value);
    if (key !== undefined && more.length === 0 && (key === "Ref" || key.startsWith("Fn::"))) {
      const intrinsic = intrinsics[key];
      if (!intrinsic) throw new LocalError(`The intrinsic ${key} is not supported locally.`);
      return intrinsic(value[key]);
    }
    const resolved = Object.entries(value).map(([name, inner]) => [name, resolve(inner)] as const);
    return Object.fromEntries(resolved.filter(([, inner]) => isValue(inner)));
  }

  function text(value: unknown): string {
    const resolved = resolve(value);
    if (isObject(resolved) || Array.isArray(resolved) || resolved === undefined || resolved === null) {
      throw new LocalError(`Text was expected here: ${JSON.stringify(value)}`);
    }
    return String(resolved);
  }

  return { ref, attribute, resolve, text };
}
