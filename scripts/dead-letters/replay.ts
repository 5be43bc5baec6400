import type { Letter } from "./letter.ts";
import { type LetterBox, lettersOf } from "./letter-box.ts";

/** No letter takes longer, for no invocation does; whoever is killed leaves the letters in hand hidden so long. */
const HIDE_SECONDS = 900;

export interface ReplayOptions {
  /** How many letters to try, at most. */
  most: number;
  /** How many to look at, at most: what fails anew comes back, and must not be tried for ever. */
  lookAtMost: number;
  /** Only these. */
  ids?: ReadonlySet<string>;
  /** Ends the replay after the letter in hand. */
  signal?: AbortSignal;
  told?(tried: number): void;
}

export interface Replay {
  replayed: Letter[];
  failed: { letter: Letter; because: string }[];
  /** Behind a failed one of their group in a FIFO queue, whose order would be lost. */
  waiting: Letter[];
}

export type ReplayBox = Pick<LetterBox, "take" | "hold" | "remove" | "giveBack">;

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Sends letters back, one after the other. A letter is removed when it has been accepted, not before: whatever happens in
 * between, it is there twice rather than not at all.
 * @param send puts a letter back where it came from
 */
export async function replay(
  box: ReplayBox,
  send: (letter: Letter) => Promise<void>,
  { most, lookAtMost, ids, signal, told }: ReplayOptions,
): Promise<Replay> {
  const outcome: Replay = { replayed: [], failed: [], waiting: [] };
  const kept: Letter[] = [];
  const stuck = new Set<string>();
  const tried = () => outcome.replayed.length + outcome.failed.length;
  const isOver = () => signal?.aborted || tried() >= most || (ids !== undefined && tried() >= ids.size);

  /** @returns what stands in the way */
  async function attempt(letter: Letter): Promise<string | undefined> {
    try {
      await box.hold(letter, HIDE_SECONDS);
      await send(letter);
    } catch (error) {
      return wordsOf(error);
    }
    return box.remove(letter).then(
      () => undefined,
      (error: unknown) => `it was sent back, but could not be removed here: ${wordsOf(error)}`,
    );
  }

  async function handle(letter: Letter): Promise<void> {
    const isWanted = !isOver() && (ids === undefined || ids.has(letter.id));
    const isStuck = letter.groupId !== undefined && stuck.has(letter.groupId);
    if (isWanted && isStuck) outcome.waiting.push(letter);
    if (!isWanted || isStuck) return void kept.push(letter);
    const because = await attempt(letter);
    if (because === undefined) outcome.replayed.push(letter);
    else {
      outcome.failed.push({ letter, because });
      kept.push(letter);
      if (letter.groupId !== undefined) stuck.add(letter.groupId);
    }
    told?.(tried());
  }

  try {
    for await (const letters of lettersOf(box, lookAtMost, HIDE_SECONDS)) {
      for (const letter of letters) await handle(letter);
      if (isOver()) break;
    }
  } finally {
    await box.giveBack(kept);
  }
  return outcome;
}
