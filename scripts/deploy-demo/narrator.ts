/** Tells what happens as it happens, with the seconds since the beginning. */
export interface Narrator {
  /** Begins a step. */
  step(title: string): void;
  /** Something that has happened in it. */
  tell(text: string): void;
}

/** @param write takes one line */
export function createNarrator(write: (line: string) => void, now: () => number = Date.now): Narrator {
  const startedAt = now();
  let steps = 0;
  const elapsed = () => `${((now() - startedAt) / 1000).toFixed(1).padStart(6)} s`;
  return {
    step: (title) => {
      steps += 1;
      write(`${steps > 1 ? "\n" : ""}${elapsed()}  ${steps}. ${title}`);
    },
    tell: (text) => write(`${elapsed()}     ${text}`),
  };
}
