import { Logger } from "@aws-lambda-powertools/logger";

/** Said here, not in an environment: a function at the edge has none. */
export const SERVICE_NAME = "enceladus";

let logger: Logger | undefined;

/** The structured logger of this container: JSON lines with the service, the function and the request id. */
export function log(): Logger {
  logger ??= new Logger({ serviceName: SERVICE_NAME });
  return logger;
}
