import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import type { Program } from "../scripts/packages/fresh-process.ts";

/** What one invocation answered, and how long it took inside the container. */
export interface Invocation {
  status: number;
  body: Readonly<Record<string, unknown>>;
  milliseconds: number;
}

export interface Invocations {
  events: readonly unknown[];
  atOnce: boolean;
}

/**
 * Starts a script with the environment and the folder of a packaged function. What it logs goes to a file: somebody who
 * reads along would take the machine away from what is measured.
 */
export function startInside(script: string, { file, exported, directory, environment }: Program): ChildProcess {
  const output = openSync(join(directory, "output.log"), "a");
  const child = fork(join(import.meta.dirname, script), [file, exported], {
    cwd: directory,
    env: { ...environment },
    execArgv: [],
    stdio: ["ignore", output, "inherit", "ipc"],
  });
  closeSync(output);
  return child;
}

/** The next message of a child. @throws Error when it ends instead */
export async function messageFrom<Message>(child: ChildProcess): Promise<Message> {
  const over = new AbortController();
  try {
    const message = once(child, "message", over);
    const ended = once(child, "exit", over).then(([code]) => {
      throw new Error(`the process of the packaged function ended with ${code}`);
    });
    const [first] = (await Promise.race([message, ended])) as [Message];
    return first;
  } finally {
    over.abort();
  }
}

/** A packaged function in a process of its own that stays, as a container between invocations does. */
export class Container {
  readonly #child: ChildProcess;

  constructor(program: Program) {
    this.#child = startInside("container-process.ts", program);
  }

  /** Makes invocations, one after the other or all at once; answers in the order of the events. */
  async invoke(events: readonly unknown[], { atOnce = false } = {}): Promise<Invocation[]> {
    this.#child.send({ events, atOnce } satisfies Invocations);
    return messageFrom<Invocation[]>(this.#child);
  }

  /** Makes one invocation that must succeed. */
  async call(event: unknown): Promise<Invocation> {
    const [answer] = await this.invoke([event]);
    if (!answer || answer.status >= 300) throw new Error(`a request of the bench failed: ${JSON.stringify(answer)}`);
    return answer;
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, "exit");
    this.#child.disconnect();
    await gone;
  }
}
