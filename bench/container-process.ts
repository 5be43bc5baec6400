import type { Invocation, Invocations } from "./container.ts";
import { invocationContext, loadHandler } from "./packaged-function.ts";

const handler = loadHandler();

async function invoke(event: unknown): Promise<Invocation> {
  const startedAt = performance.now();
  const { statusCode, body } = await handler(event, invocationContext());
  const milliseconds = performance.now() - startedAt;
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
