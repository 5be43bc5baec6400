import pLimit from "p-limit";
import type { Fingerprint, Location } from "./locate.ts";
import { type ReadObject, readFingerprint, readText } from "./object-store.ts";
import { found, type Looked, type Outcome } from "./outcome.ts";

const AT_ONCE = 5;
/** A bucket that does not answer must leave the function the time to say so. */
const PATIENCE_MS = 20_000;

/** The object that holds a document, with its text where that was wanted and fits. */
export type DocumentObject = Pick<Location, "bucket" | "key"> & Fingerprint & Partial<Pick<ReadObject, "content">>;

/** What of the texts is kept: nothing more once they are too long together, so that any number fits into memory. */
class TextBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  get left(): number {
    return this.#left;
  }

  /** The text if it still fits. */
  take({ content, size }: ReadObject): Partial<Pick<ReadObject, "content">> {
    const fits = content !== undefined && size <= this.#left;
    this.#left = fits ? this.#left - size : 0;
    return fits ? { content } : {};
  }
}

/** What to read of the objects. */
export interface Reading {
  /** Hash and size are enough; an object whose hash is known anyhow is not read at all. */
  dryRun: boolean;
  /** Bytes of text that are kept at most, all objects together. */
  maxTextBytes: number;
}

/**
 * Reads the objects that were found, several at once, and answers in their order. Never throws. Where the texts are too
 * long together, some are missing; the sum of the sizes tells.
 */
export function readDocuments(
  located: readonly Looked<Location>[],
  { dryRun, maxTextBytes }: Reading,
): Promise<Looked<DocumentObject>[]> {
  const limit = pLimit(AT_ONCE);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const budget = new TextBudget(dryRun ? 0 : maxTextBytes);

  async function known(location: Location): Promise<Outcome<Fingerprint | undefined>> {
    return location.fingerprint ? found(location.fingerprint) : readFingerprint(location, signal);
  }

  async function read(location: Location): Promise<Outcome<DocumentObject>> {
    const { bucket, key } = location;
    if (dryRun) {
      const outcome = await known(location);
      if (outcome.kind !== "found") return outcome;
      if (outcome.value) return found({ bucket, key, ...outcome.value });
    }
    const outcome = await readText(location, budget.left, signal);
    if (outcome.kind !== "found") return outcome;
    const { hash, size } = outcome.value;
    return found({ bucket, key, hash, size, ...budget.take(outcome.value) });
  }

  return Promise.all(
    located.map(async ({ wanted, outcome }) => ({
      wanted,
      outcome: outcome.kind === "found" ? await limit(read, outcome.value) : outcome,
    })),
  );
}
