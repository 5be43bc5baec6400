/** What became of something that the tracker does not have. */
export interface Remark {
  what: string;
  /** Where it was met. */
  examples: string[];
}

/** Collects what is lost or changed on the way, so that one line tells about a hundred issues. */
export class Remarks {
  readonly #leftOut = new Map<string, string[]>();
  readonly #changed = new Map<string, string[]>();

  static #note(remarks: Map<string, string[]>, what: string, where: string): void {
    const examples = remarks.get(what);
    if (examples) examples.push(where);
    else remarks.set(what, [where]);
  }

  /** Something that is not taken over. */
  leftOut(what: string, where: string): void {
    Remarks.#note(this.#leftOut, what, where);
  }

  /** Something that comes in as something else. */
  changed(what: string, where: string): void {
    Remarks.#note(this.#changed, what, where);
  }

  get lost(): Remark[] {
    return [...this.#leftOut].map(([what, examples]) => ({ what, examples }));
  }

  get altered(): Remark[] {
    return [...this.#changed].map(([what, examples]) => ({ what, examples }));
  }
}
