import { randomUUID } from "node:crypto";
import { type Invocation, startLambdaEndpoint } from "../../scripts/local/lambda-endpoint.ts";
import { CALLER, services } from "./services.ts";

/** A function's handler, whatever its event. */
type Handler = (event: never, context: never) => unknown;

const CONTEXT = { getRemainingTimeInMillis: () => 30_000 };

async function run(handler: Handler, functionName: string, event: string): Promise<Invocation> {
  const context = { ...CONTEXT, functionName, awsRequestId: randomUUID() };
  try {
    const result = await (handler as (event: unknown, context: unknown) => unknown)(JSON.parse(event), context);
    return { failed: false, payload: JSON.stringify(result ?? null) };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { failed: true, payload: JSON.stringify({ errorType: name, errorMessage: message }) };
  }
}

/**
 * Lets functions be invoked by the AWS SDK for the rest of a test file, in this process and with its environment. An
 * invocation goes over the wire as any other call: it is counted, and can fail.
 * @param handlers by the keys of the functions in serverless.yml; others do not exist meanwhile
 */
export async function serveFunctions(handlers: Readonly<Record<string, Handler>>): Promise<{ stop(): Promise<void> }> {
  const byName = new Map(
    Object.entries(handlers).map(([key, handler]) => {
      const name = services.functions[key];
      if (name === undefined) throw new Error(`serverless.yml declares no function ${key}`);
      return [name, handler] as const;
    }),
  );
  const endpoint = await startLambdaEndpoint(0, {
    has: (name) => byName.has(name),
    invoke: async (name, event) => {
      const handler = byName.get(name);
      if (!handler) throw new Error(`there is no function ${name}`);
      return run(handler, name, event.toString());
    },
  });
  const registration = `${services.direct.lambda}/callers/${CALLER}`;
  await fetch(registration, { method: "PUT", body: endpoint.url });
  return {
    stop: async () => {
      await fetch(registration, { method: "DELETE" });
      await endpoint.stop();
    },
  };
}
