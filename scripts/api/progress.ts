import { SingleBar } from "cli-progress";

export interface Progress {
  /** @param done how many there are by now */
  update(done: number): void;
  stop(): void;
}

/** A file or another program gets a line now and then. */
const LINE_EVERY_MS = 2_000;

/**
 * Shows how far something is: a bar in a terminal, plain lines anywhere else.
 * @param what the things that are counted, e.g. `records`
 * @param total 0 where it is not known: no bar then
 */
export function showProgress(stream: NodeJS.WriteStream, what: string, total: number): Progress {
  if (stream.isTTY && total > 0) {
    const bar = new SingleBar({
      stream,
      format: `{bar} {value}/{total} ${what}, {eta_formatted} left`,
      hideCursor: true,
    });
    bar.start(total, 0);
    return { update: (done) => bar.update(done), stop: () => bar.stop() };
  }
  let shownAt = Date.now();
  return {
    update: (done) => {
      if (Date.now() - shownAt < LINE_EVERY_MS && done !== total) return;
      shownAt = Date.now();
      stream.write(total > 0 ? `${done} of ${total} ${what}\n` : `${done} ${what}\n`);
    },
    stop: () => {},
  };
}
