import { randomUUID } from "node:crypto";
import { AWS_SERVICES, type ServiceName } from "../aws-services.ts";

/** Codes that AWS does not answer with 400. */
const STATUS: Readonly<Record<string, number>> = {
  InternalServerError: 500,
  InternalServerException: 500,
  InternalError: 500,
  InternalFailure: 500,
  InternalErrorException: 500,
  InternalServiceError: 500,
  InternalException: 500,
  ServiceUnavailable: 503,
  ServiceUnavailableException: 503,
  SlowDown: 503,
  AccessDenied: 403,
  NoSuchKey: 404,
  NoSuchBucket: 404,
  NotFound: 404,
  PreconditionFailed: 412,
  ConditionalRequestConflict: 409,
  OperationAborted: 409,
  MethodNotAllowed: 405,
  NotModified: 304,
};

/** DynamoDB and Cognito name a failing caller's error differently than the wire's users may expect; 403 is S3's alone. */
function statusOf(service: ServiceName, code: string): number {
  const isRest = AWS_SERVICES[service].protocol === "s3";
  const status = STATUS[code] ?? 400;
  return isRest || status >= 500 ? status : 400;
}

export interface ErrorAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** An error of a service as the service itself would put it. */
export function errorAnswer(service: ServiceName, code: string): ErrorAnswer {
  const requestId = randomUUID();
  const status = statusOf(service, code);
  const message = `${code} (asked for through /local/faults)`;
  switch (AWS_SERVICES[service].protocol) {
    case "json":
      return {
        status,
        headers: {
          "content-type": "application/x-amz-json-1.0",
          "x-amzn-requestid": requestId,
          "x-amzn-errortype": code,
        },
        // SDKs read either spelling, depending on the service.
        body: JSON.stringify({ __type: code, message, Message: message }),
      };
    case "query":
      return {
        status,
        headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
        body: `<ErrorResponse><Error><Type>${status < 500 ? "Sender" : "Receiver"}</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
      };
    case "s3":
      return {
        status,
        headers: { "content-type": "application/xml", "x-amz-request-id": requestId },
        body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>${requestId}</RequestId></Error>`,
      };
  }
}
