/** Characters as people count them, not UTF-16 units. */
export function characters(text: string): number {
  return [...text].length;
}

/** The beginning of a text, never cut through a character: half of one can be neither stored nor hashed. */
export function firstCharacters(text: string, count: number): string {
  return [...text.slice(0, 2 * count)].slice(0, count).join("");
}
