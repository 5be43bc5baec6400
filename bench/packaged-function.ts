import { createRequire } from "node:module";
import { join } from "node:path";

/** What an HTTP function answers its runtime. */
export interface FunctionAnswer {
  statusCode: number;
  body: string;
}

/** What any other function answers: which messages have failed, or nothing. */
export type WorkerAnswer = Readonly<Record<string, unknown>> | undefined;

export type Handler<Answer = FunctionAnswer> = (event: unknown, context: unknown) => Promise<Answer>;

const packaged = createRequire(join(process.cwd(), "handler.cjs"));

/** A module of the layer, as the function in this process finds it: over NODE_PATH. */
export function fromLayer<Module>(name: string): Module {
  return packaged(name) as Module;
}

/** The keys of the user pool come from the environment; nothing else is fetched. */
function answerKeySet(): void {
  const keySet = process.env.BENCH_KEY_SET;
  globalThis.fetch = () => Promise.resolve(new Response(keySet, { status: keySet === undefined ? 503 : 200 }));
}

/** The handler of the packaged function that the command line names: file and export. */
export function loadHandler<Answer = FunctionAnswer>(): Handler<Answer> {
  const [file = "", exported = "handler"] = process.argv.slice(2);
  answerKeySet();
  return (packaged(file) as Record<string, Handler<Answer>>)[exported] as Handler<Answer>;
}

/** The context of one invocation, as far as functions look at it. Middlewares write to it: each call gets its own. */
export function invocationContext() {
  return { awsRequestId: "22222222-3333-4444-5555-666666666666", getRemainingTimeInMillis: () => 10_000 };
}
