import { ACCOUNT_ID } from "../configuration.ts";
import type { AwsCall } from "./calls.ts";

/** What a call needs on AWS: one action on one resource. */
export interface Permission {
  /** As in a role, e.g. `dynamodb:PutItem`. */
  action: string;
  /** ARN. */
  resource: string;
  /** What conditions of a statement look at, by condition key. */
  context?: Readonly<Record<string, readonly string[]>>;
}

type Request = Readonly<Record<string, unknown>>;

/** A call as far as permissions go. */
export type PermittedCall = Pick<AwsCall, "service" | "operation" | "status" | "request">;

function record(value: unknown): Request {
  return typeof value === "object" && value !== null ? (value as Request) : {};
}

function list(value: unknown): Request[] {
  return Array.isArray(value) ? value.map(record) : [];
}

const NO_ATTRIBUTES = new Set(
  "SET REMOVE ADD DELETE AND OR NOT BETWEEN IN if_not_exists list_append attribute_exists attribute_not_exists attribute_type begins_with contains size".split(
    " ",
  ),
);

/** The attributes at the top of an item that an update names, as the condition key dynamodb:Attributes has them. */
function updatedAttributes(request: Request): string[] {
  const names = record(request.ExpressionAttributeNames);
  const expressions = [request.UpdateExpression, request.ConditionExpression].filter(
    (text) => typeof text === "string",
  );
  const named = expressions.flatMap((text) => {
    const tokens = text.match(/(?<![.:#\w])#?[A-Za-z_]\w*/g) ?? [];
    return tokens.filter((token) => !NO_ATTRIBUTES.has(token)).map((token) => String(names[token] ?? token));
  });
  return [...new Set([...Object.keys(record(request.Key)), ...named])];
}

function ofDynamodb(operation: string, request: Request, arn: (resource: string) => string): Permission[] {
  const on = (part: Request, action: string): Permission => {
    const index = part.IndexName === undefined ? "" : `/index/${String(part.IndexName)}`;
    const context = action === "UpdateItem" && { "dynamodb:Attributes": updatedAttributes(part) };
    return {
      action: `dynamodb:${action}`,
      resource: arn(`table/${String(part.TableName)}${index}`),
      ...(context && { context }),
    };
  };
  switch (operation) {
    case "BatchGetItem":
    case "BatchWriteItem":
      return Object.keys(record(request.RequestItems)).map((TableName) => on({ TableName }, operation));
    case "TransactGetItems":
      return list(request.TransactItems).map(({ Get }) => on(record(Get), "GetItem"));
    // A transaction has no action of its own: it may what its parts may.
    case "TransactWriteItems":
      return list(request.TransactItems).flatMap((item) =>
        Object.entries(item).map(([kind, part]) =>
          on(record(part), kind === "ConditionCheck" ? "ConditionCheckItem" : `${kind}Item`),
        ),
      );
    default:
      return [on(request, operation)];
  }
}

/** Operations of S3 whose action has another name. */
const S3_ACTIONS: Readonly<Record<string, string>> = {
  HeadObject: "GetObject",
  UploadPart: "PutObject",
  CreateMultipartUpload: "PutObject",
  CompleteMultipartUpload: "PutObject",
  ListObjectsV2: "ListBucket",
  HeadBucket: "ListBucket",
  ListBuckets: "ListAllMyBuckets",
};

function ofS3({ operation, status, request }: PermittedCall): Permission[] {
  const { bucket, key, query, headers } = record(request);
  const bucketArn = `arn:aws:s3:::${String(bucket)}`;
  // What a removal of many names stands in its body, which goes by.
  const resource = key === undefined ? `${bucketArn}/*` : `${bucketArn}/${String(key)}`;
  const action = S3_ACTIONS[operation] ?? operation;
  if (action === "ListBucket") {
    const prefix = record(query).prefix;
    return [
      {
        action: "s3:ListBucket",
        resource: bucketArn,
        context: { "s3:prefix": prefix === undefined ? [] : [String(prefix)] },
      },
    ];
  }
  if (operation === "DeleteObjects") return [{ action: "s3:DeleteObject", resource }];
  if (operation === "CopyObject" || operation === "UploadPartCopy") {
    const source = decodeURIComponent(String(record(headers)["x-amz-copy-source"])).replace(/^\/|\?.*$/g, "");
    return [
      { action: "s3:GetObject", resource: `arn:aws:s3:::${source}` },
      { action: "s3:PutObject", resource },
    ];
  }
  // Only who may list a bucket is told that an object is not there; anybody else, that it is forbidden.
  const isMissing = action === "GetObject" && status === 404;
  return [
    { action: `s3:${action}`, resource },
    ...(isMissing ? [{ action: "s3:ListBucket", resource: bucketArn }] : []),
  ];
}

function ofCodebuild(operation: string, request: Request, arn: (resource: string) => string): Permission[] {
  const ids = Array.isArray(request.ids) ? request.ids.map((id) => String(id).split(":", 1)[0]) : [];
  const projects = request.projectName === undefined ? ids : [request.projectName];
  return projects.map((project) => ({
    action: `codebuild:${operation}`,
    resource: arn(`project/${String(project)}`),
  }));
}

/** The last part of a queue's URL is its name. */
function queueName(url: unknown): string {
  return String(url).split("/").at(-1) ?? "";
}

/**
 * What a role must allow for a call to be made on AWS. None for calls that are not signed: those of the user pool.
 * @param region of the resources
 */
export function permissionsOf(call: PermittedCall, region: string): Permission[] {
  const { service, operation } = call;
  const request = record(call.request);
  const arnOf = (name: string) => (resource: string) => `arn:aws:${name}:${region}:${ACCOUNT_ID}:${resource}`;
  switch (service) {
    case "dynamodb":
      return ofDynamodb(operation, request, arnOf("dynamodb"));
    case "s3":
      return ofS3(call);
    case "sqs":
      return [
        { action: `sqs:${operation.replace(/Batch$/, "")}`, resource: arnOf("sqs")(queueName(request.QueueUrl)) },
      ];
    case "sns":
      return [{ action: `sns:${operation.replace(/Batch$/, "")}`, resource: String(request.TopicArn) }];
    case "eventbridge":
      return list(request.Entries).map(({ EventBusName = "default" }) => ({
        action: `events:${operation}`,
        resource: arnOf("events")(`event-bus/${String(EventBusName)}`),
      }));
    case "secretsmanager":
      return [{ action: `secretsmanager:${operation}`, resource: String(request.SecretId) }];
    case "codebuild":
      return ofCodebuild(operation, request, arnOf("codebuild"));
    case "lambda": {
      const action = operation === "Invoke" ? "InvokeFunction" : operation;
      return [{ action: `lambda:${action}`, resource: arnOf("lambda")(`function:${String(request.FunctionName)}`) }];
    }
    case "cognito":
      return [];
  }
}
