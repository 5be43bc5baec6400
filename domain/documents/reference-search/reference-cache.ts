import type { Reference } from "./reference.ts";

/** A document and the entity tag by which the store knows whether it is still the same. */
export interface CachedReference {
  reference: Reference;
  entityTag: string;
}

/** A text has one byte for each UTF-16 unit, or two once one of its characters is beyond Latin-1. */
function memoryOf({ reference }: CachedReference): number {
  return 2 * reference.text.length;
}

/** The documents that were searched last, as many as there is room for. */
export class ReferenceCache {
  readonly #mostBytes: number;
  /** By key, the latest use at the end. */
  readonly #entries = new Map<string, CachedReference>();
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** What is known of a document; that counts as a use of it. */
  get(key: string): CachedReference | undefined {
    const entry = this.#entries.get(key);
    if (entry) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    return entry;
  }

  /** Keeps a document in place of those that were not used for longest. */
  put(entry: CachedReference): void {
    const { key } = entry.reference;
    this.drop(key);
    this.#entries.set(key, entry);
    this.#bytes += memoryOf(entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#mostBytes) return;
      this.drop(oldest);
    }
  }

  drop(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#bytes -= memoryOf(entry);
  }

  clear(): void {
    for (const key of [...this.#entries.keys()]) this.drop(key);
  }
}
