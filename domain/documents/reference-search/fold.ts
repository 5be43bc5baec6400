/**
 * Where simple case folding (CaseFolding.txt, statuses C and S) is not the lower case of the upper case: the dotless i
 * is a letter of its own, and these are each other's equals though neither is the other's upper case.
 */
const EXCEPTIONS: ReadonlyMap<number, number> = new Map([
  [0x0131, 0x0131],
  [0x1fd3, 0x0390],
  [0x1fe3, 0x03b0],
  [0xfb05, 0xfb06],
]);

function isOneCharacter(text: string): boolean {
  return text.length === ((text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1);
}

/**
 * The one of all characters that differ in case alone that stands for them. It has as many UTF-16 units as each of
 * them, so that places in a folded text are places in the text: what would become longer or shorter stays as it is
 * (the lower case of U+0130 has two characters).
 * @param character a code point
 */
export function foldedCharacter(character: number): number {
  const exception = EXCEPTIONS.get(character);
  if (exception !== undefined) return exception;
  const text = String.fromCodePoint(character);
  const upper = text.toUpperCase();
  const lower = (isOneCharacter(upper) ? upper : text).toLowerCase();
  return isOneCharacter(lower) ? (lower.codePointAt(0) ?? character) : character;
}

/** Of each UTF-16 unit what it folds to, filled in as units are met; 0 where that is not known yet. */
let folded: Uint16Array | undefined;

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** The UTF-16 unit at a place of a text, folded. Characters that differ in case share their first surrogate. */
export function foldedUnit(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  if (unit < 0x80) return unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit;
  if (isLowSurrogate(unit)) {
    const character = index > 0 ? (text.codePointAt(index - 1) ?? 0) : 0;
    return character > 0xffff ? String.fromCodePoint(foldedCharacter(character)).charCodeAt(1) : unit;
  }
  folded ??= new Uint16Array(0x10000);
  const known = folded[unit];
  if (known) return known;
  const result = foldedCharacter(unit);
  folded[unit] = result;
  return result;
}
