import { Logger } from "@aws-lambda-powertools/logger";

let logger: Logger | undefined;

/** The structured logger of this container: JSON lines with the service, the function and the request id. */
export function log(): Logger {
  logger ??= new Logger();
  return logger;
}
