import { log } from "@enceladus/shared/log";

type Line = Record<string, unknown>;

function parsed(text: string): Line[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);
}

/**
 * What is logged and counted while some work is done.
 * @returns its lines, and the whole text for what must not be in it
 */
export async function logDuring(work: () => Promise<unknown>): Promise<{ lines: Line[]; text: string }> {
  const level = log().getLevelName();
  const { POWERTOOLS_METRICS_DISABLED } = process.env;
  const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }));
  let text = "";
  const take = (chunk: unknown) => {
    text += String(chunk);
    return true;
  };
  process.env.POWERTOOLS_METRICS_DISABLED = "false";
  log().setLogLevel("INFO");
  for (const { stream } of streams) stream.write = take as typeof stream.write;
  try {
    await work();
  } finally {
    for (const { stream, write } of streams) stream.write = write;
    log().setLogLevel(level);
    process.env.POWERTOOLS_METRICS_DISABLED = POWERTOOLS_METRICS_DISABLED;
  }
  return { lines: parsed(text), text };
}
