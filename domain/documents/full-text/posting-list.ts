import { estimateOf } from "./keys.ts";
import type { Posting, TermList } from "./posting.ts";
import { postingsOf, readPostings } from "./postings-store.ts";

/** The beginning that tells how long a list is. */
const FIRST_READ = 100;
/** The most that is read of a list. Of a longer one only this beginning is looked through: a fair sample. */
export const MOST_POSTINGS = 5_000;

/** A list of postings, as far as it was read. */
export class PostingList {
  readonly #list: TermList;
  readonly #read = new Map<string, Posting>();
  #last: string | undefined;
  #estimate = 0;

  private constructor(list: TermList) {
    this.#list = list;
  }

  /** Opens a list: reads its beginning. */
  static async open(list: TermList): Promise<PostingList> {
    const opened = new PostingList(list);
    await opened.#readOn(FIRST_READ);
    opened.#estimate = opened.#last === undefined ? opened.#read.size : estimateOf(opened.#read.size, opened.#last);
    return opened;
  }

  /** How many documents are in it, about; exactly, if it was read to its end. */
  get size(): number {
    return this.isComplete ? this.#read.size : this.#estimate;
  }

  get isComplete(): boolean {
    return this.#last === undefined;
  }

  /** What was read of it. */
  get postings(): Iterable<Posting> {
    return this.#read.values();
  }

  async #readOn(limit: number): Promise<void> {
    const { postings, last } = await readPostings(this.#list, limit, this.#last);
    for (const posting of postings) this.#read.set(posting.documentId, posting);
    this.#last = last;
  }

  /** Reads to the end, or until `MOST_POSTINGS` are read. */
  async readOn(): Promise<void> {
    while (!this.isComplete && this.#read.size < MOST_POSTINGS) await this.#readOn(MOST_POSTINGS - this.#read.size);
  }

  /** The postings of these documents, wherever they are in the list. */
  async of(documentIds: readonly string[]): Promise<Posting[]> {
    if (!this.isComplete) return postingsOf(this.#list, documentIds);
    return documentIds.flatMap((id) => this.#read.get(id) ?? []);
  }
}
