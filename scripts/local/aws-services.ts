/** How a service is spoken to: where the operation stands in a request, and what an error looks like. */
export type Protocol = "json" | "query" | "rest-json" | "s3";

export interface AwsService {
  protocol: Protocol;
  /** Ends of the `AWS_ENDPOINT_URL_...` variables under which the SDK looks for this service. */
  endpointVariables: readonly string[];
}

/** The services behind the wire, by the name that faults and calls use. A new double is one line here. */
export const AWS_SERVICES = {
  dynamodb: { protocol: "json", endpointVariables: ["DYNAMODB", "DYNAMODB_STREAMS"] },
  s3: { protocol: "s3", endpointVariables: ["S3"] },
  sqs: { protocol: "json", endpointVariables: ["SQS"] },
  sns: { protocol: "query", endpointVariables: ["SNS"] },
  eventbridge: { protocol: "json", endpointVariables: ["EVENTBRIDGE"] },
  cognito: { protocol: "json", endpointVariables: ["COGNITO_IDENTITY_PROVIDER"] },
  secretsmanager: { protocol: "json", endpointVariables: ["SECRETS_MANAGER"] },
  codebuild: { protocol: "json", endpointVariables: ["CODEBUILD"] },
  lambda: { protocol: "rest-json", endpointVariables: ["LAMBDA"] },
} as const satisfies Record<string, AwsService>;

export type ServiceName = keyof typeof AWS_SERVICES;

export const SERVICE_NAMES = Object.keys(AWS_SERVICES) as ServiceName[];
