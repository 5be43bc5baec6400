import type { StackTemplate } from "./stack-template.ts";

/** What a template refers to, as it is in an account. */
export interface Surroundings {
  account: string;
  region: string;
  stackName: string;
  template: StackTemplate;
  /** By logical id. */
  physicalIds: ReadonlyMap<string, string>;
}

/** Of a value that cannot be known from here. */
export const UNKNOWN = Symbol("unknown");

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

type Describe = (physicalId: string, surroundings: Surroundings) => Readonly<Record<string, string>>;

const arn = (service: string, { region, account }: Surroundings, resource: string) =>
  `arn:aws:${service}:${region}:${account}:${resource}`;
const lastOf = (text: string, separator: string) => text.slice(text.lastIndexOf(separator) + 1);

/** What `Fn::GetAtt` gives of the resources that functions refer to. */
const ATTRIBUTES: Readonly<Record<string, Describe>> = {
  // A stream's own address ends with the time at which it was switched on.
  "AWS::DynamoDB::Table": (name, where) => {
    const Arn = arn("dynamodb", where, `table/${name}`);
    return { Arn, StreamArn: `${Arn}/stream` };
  },
  "AWS::SQS::Queue": (url, where) => {
    const QueueName = lastOf(url, "/");
    return { Arn: arn("sqs", where, QueueName), QueueName, QueueUrl: url };
  },
  "AWS::S3::Bucket": (name) => ({ Arn: `arn:aws:s3:::${name}` }),
  "AWS::SNS::Topic": (topicArn) => ({ TopicArn: topicArn, TopicName: lastOf(topicArn, ":") }),
  "AWS::IAM::Role": (name, { account }) => ({ Arn: `arn:aws:iam::${account}:role/${name}` }),
  "AWS::Lambda::Function": (name, where) => ({ Arn: arn("lambda", where, `function:${name}`) }),
  "AWS::Events::EventBus": (name, where) => ({ Arn: arn("events", where, `event-bus/${name}`), Name: name }),
  "AWS::Cognito::UserPool": (id, where) => ({ Arn: arn("cognito-idp", where, `userpool/${id}`), UserPoolId: id }),
  "AWS::SecretsManager::Secret": (id) => ({ Id: id }),
};

function pseudoParameter(name: string, { account, region, stackName }: Surroundings): string | undefined {
  const values: Readonly<Record<string, string>> = {
    "AWS::AccountId": account,
    "AWS::Region": region,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": stackName,
  };
  return values[name];
}

function reference(name: string, where: Surroundings): unknown {
  return pseudoParameter(name, where) ?? where.physicalIds.get(name) ?? UNKNOWN;
}

function attribute(target: unknown, where: Surroundings): unknown {
  const [id = "", name = ""] = Array.isArray(target) ? target.map(String) : String(target).split(/\.(.*)/s);
  const physicalId = where.physicalIds.get(id);
  if (physicalId === undefined) return UNKNOWN;
  return ATTRIBUTES[where.template.Resources[id]?.Type ?? ""]?.(physicalId, where)[name] ?? UNKNOWN;
}

function substitution(argument: unknown, where: Surroundings): unknown {
  const [text, given] = Array.isArray(argument) ? argument : [argument, {}];
  const unknown: string[] = [];
  const filled = String(text).replace(/\$\{([^!}][^}]*)\}/g, (_, name: string) => {
    const own = isObject(given) && name in given ? resolveReferences(given[name], where) : undefined;
    const value = own ?? (name.includes(".") ? attribute(name, where) : reference(name, where));
    if (typeof value !== "string") unknown.push(name);
    return String(value === UNKNOWN ? "" : value);
  });
  return unknown.length > 0 ? UNKNOWN : filled;
}

function joined(argument: unknown, where: Surroundings): unknown {
  const [separator, parts] = Array.isArray(argument) ? argument : [];
  const values = resolveReferences(parts, where);
  return Array.isArray(values) ? values.join(String(separator)) : UNKNOWN;
}

/**
 * A copy of a part of a template with what it refers to put in.
 * @returns UNKNOWN where any of it cannot be known
 */
export function resolveReferences(value: unknown, where: Surroundings): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => resolveReferences(item, where));
    return items.includes(UNKNOWN) ? UNKNOWN : items;
  }
  if (!isObject(value)) return value;
  const [[name, argument] = [], ...more] = Object.entries(value);
  if (more.length === 0 && name === "Ref") return reference(String(argument), where);
  if (more.length === 0 && name === "Fn::GetAtt") return attribute(argument, where);
  if (more.length === 0 && name === "Fn::Sub") return substitution(argument, where);
  if (more.length === 0 && name === "Fn::Join") return joined(argument, where);
  if (name?.startsWith("Fn::")) return UNKNOWN;
  const entries = Object.entries(value).map(([key, part]) => [key, resolveReferences(part, where)] as const);
  return entries.some(([, part]) => part === UNKNOWN) ? UNKNOWN : Object.fromEntries(entries);
}
