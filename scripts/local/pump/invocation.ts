import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import pLimit, { type LimitFunction } from "p-limit";
import type { DeclaredFunction, PumpContext } from "./types.ts";

/** What came of one invocation. */
export type Outcome =
  | { kind: "success"; payload: unknown }
  /** The function threw, timed out or crashed. */
  | { kind: "function-error"; error: string; payload: unknown }
  /** The invocation did not reach the function: no endpoint, no such function. Never the function's fault. */
  | { kind: "undeliverable"; error: string; permanent: boolean };

export type Invoke = (payload: unknown) => Promise<Outcome>;

/** How many invocations of one function run at once if its declaration does not say; each is a worker on a laptop. */
const DEFAULT_CONCURRENCY = 10;

/** Invokes functions through the Lambda endpoint, each within its reserved concurrency, whatever the event's source. */
export function createInvoker(context: Pick<PumpContext, "lambdaUrl" | "region" | "credentials" | "functions">): {
  invokerOf(key: string): Invoke;
  close(): void;
} {
  const client = new LambdaClient({
    endpoint: context.lambdaUrl,
    region: context.region,
    credentials: context.credentials,
    // Each source has its own rules for a retry; one that nobody counts would break them.
    maxAttempts: 1,
  });
  const limits = new Map<string, LimitFunction>();
  const limitOf = (fn: DeclaredFunction): LimitFunction => {
    const limit = limits.get(fn.name) ?? pLimit(Math.max(1, fn.reservedConcurrency ?? DEFAULT_CONCURRENCY));
    limits.set(fn.name, limit);
    return limit;
  };
  return {
    invokerOf: (key) => {
      const fn = context.functions[key];
      if (fn === undefined) throw new Error(`${key} is not a declared function`);
      return (payload) => limitOf(fn)(() => invoke(client, fn.name, payload));
    },
    close: () => client.destroy(),
  };
}

async function invoke(client: LambdaClient, name: string, event: unknown): Promise<Outcome> {
  try {
    const answer = await client.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }));
    const payload = parsePayload(answer.Payload?.transformToString() ?? "");
    if (answer.FunctionError === undefined) return { kind: "success", payload };
    return { kind: "function-error", error: errorMessage(payload), payload };
  } catch (error) {
    const permanent = error instanceof Error && error.name === "ResourceNotFoundException";
    return { kind: "undeliverable", error: error instanceof Error ? error.message : String(error), permanent };
  }
}

/** A function that returns nothing sends no bytes; text that is not JSON cannot be a report of failures. */
function parsePayload(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function errorMessage(payload: unknown): string {
  if (typeof payload === "object" && payload !== null && "errorMessage" in payload) return String(payload.errorMessage);
  return "the function failed";
}
