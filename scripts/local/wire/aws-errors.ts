import { randomUUID } from "node:crypto";
import { AWS_SERVICES, type ServiceName } from "../aws-services.ts";

/** Codes that AWS does not answer with 400; those below 500 are of the services with REST alone. */
const STATUS: Readonly<Record<string, number>> = {
  InternalServerError: 500,
  InternalServerException: 500,
  InternalError: 500,
  InternalFailure: 500,
  InternalErrorException: 500,
  InternalServiceError: 500,
  InternalException: 500,
  ServiceException: 500,
  EC2ThrottledException: 502,
  ServiceUnavailable: 503,
  ServiceUnavailableException: 503,
  SlowDown: 503,
  AccessDenied: 403,
  AccessDeniedException: 403,
  ResourceNotFoundException: 404,
  ResourceConflictException: 409,
  RequestTooLargeException: 413,
  TooManyRequestsException: 429,
  NoSuchKey: 404,
  NoSuchBucket: 404,
  NotFound: 404,
  PreconditionFailed: 412,
  ConditionalRequestConflict: 409,
  OperationAborted: 409,
  MethodNotAllowed: 405,
  NotModified: 304,
};

/** DynamoDB and the others that speak JSON answer a failing caller with 400 whatever the error; REST tells them apart. */
function statusOf(service: ServiceName, code: string): number {
  const { protocol } = AWS_SERVICES[service];
  const isRest = protocol === "s3" || protocol === "rest-json";
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
    case "rest-json":
      return {
        status,
        headers: { "content-type": "application/json", "x-amzn-requestid": requestId, "x-amzn-errortype": code },
        body: JSON.stringify({ Type: status < 500 ? "User" : "Service", Message: message }),
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
