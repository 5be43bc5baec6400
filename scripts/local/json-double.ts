import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import * as z from "zod";
import { closeServer, createKeepAliveServer, LOOPBACK, listen } from "./ports.ts";

/** What an operation throws to answer as the AWS service would. */
export interface AwsFailure {
  /** Name of the exception, e.g. `ResourceNotFoundException`. */
  code: string;
  message: string;
  /** 400 unless given. */
  status?: number;
}

export type JsonOperation = (request: unknown, incoming: IncomingMessage) => unknown;

function failureOf(error: unknown, invalidRequest: string): AwsFailure {
  if (error instanceof z.ZodError) return { code: invalidRequest, message: z.prettifyError(error) };
  if (error instanceof SyntaxError) return { code: "SerializationException", message: error.message };
  if (typeof error === "object" && error !== null && "code" in error && "message" in error) return error as AwsFailure;
  return { code: "InternalServiceError", message: String(error), status: 500 };
}

/**
 * An AWS service that speaks JSON 1.1 (an operation in `X-Amz-Target`, a JSON object as the body).
 * @param name what stands before the operation in `X-Amz-Target` is not checked further; errors say this name
 * @param operations an operation parses its request with zod; what it throws is answered as an `AwsFailure`
 * @param invalidRequest the service's name for the error of a request that zod refuses
 */
export async function startJsonDouble(
  name: string,
  operations: Readonly<Record<string, JsonOperation>>,
  invalidRequest = "InvalidParameterException",
) {
  const server = createKeepAliveServer(async (request, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": randomUUID() });
      response.end(JSON.stringify(body));
    };
    const operation =
      String(request.headers["x-amz-target"] ?? "")
        .split(".")
        .at(-1) ?? "";
    try {
      const body = (await buffer(request)).toString();
      const implementation = operations[operation];
      if (!implementation)
        throw { code: "UnknownOperationException", message: `The local ${name} has no ${operation}.` };
      answer(200, await implementation(JSON.parse(body), request));
    } catch (error) {
      const { code, message, status = 400 } = failureOf(error, invalidRequest);
      answer(status, { __type: code, message });
    }
  });
  const url = `http://${LOOPBACK}:${await listen(server, 0)}`;
  return { url, stop: () => closeServer(server) };
}
