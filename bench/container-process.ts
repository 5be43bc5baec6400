import type { Invocation, Invocations } from "./container.ts";
import { type FunctionAnswer, invocationContext, loadHandler, type WorkerAnswer } from "./packaged-function.ts";

const handler = loadHandler<FunctionAnswer | WorkerAnswer>();

function isHttp(answer: FunctionAnswer | WorkerAnswer): answer is FunctionAnswer {
  return answer !== undefined && "statusCode" in answer;
}

async function invoke(event: unknown): Promise<Invocation> {
  const startedAt = performance.now();
  const answer = await handler(event, invocationContext());
  const milliseconds = performance.now() - startedAt;
  // A function that is not called over HTTP answers with what it has to report, or with nothing.
  if (!isHttp(answer)) return { status: 200, body: answer ?? {}, milliseconds };
  const { statusCode, body } = answer;
  return { status: statusCode, body: body === "" ? {} : JSON.parse(body), milliseconds };
}

async function oneByOne(events: readonly unknown[]): Promise<Invocation[]> {
  const answers: Invocation[] = [];
  for (const event of events) answers.push(await invoke(event));
  return answers;
}

process.on("message", async ({ events, atOnce }: Invocations) => {
  process.send?.(atOnce ? await Promise.all(events.map(invoke)) : await oneByOne(events));
});
