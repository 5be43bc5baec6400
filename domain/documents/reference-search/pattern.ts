/** Where a match begins and where it ends: half-open. */
export type Span = readonly [start: number, end: number];

/** What is looked for in the lines of a text. Lines are given by where they are, so that none is copied in vain. */
export interface Pattern {
  /** Whether the line has a match, be it an empty one. */
  isIn(text: string, start: number, end: number): boolean;
  /**
   * The matches in the line from left to right, none overlapping another.
   * @param most after so many no further one is looked for
   * @returns in UTF-16 units from the beginning of the line
   */
  spansIn(text: string, start: number, end: number, most: number): Span[];
}
