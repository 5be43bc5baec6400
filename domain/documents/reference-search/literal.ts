import { foldedUnit } from "./fold.ts";
import type { Pattern, Span } from "./pattern.ts";

type UnitAt = (text: string, index: number) => number;

const plainUnit: UnitAt = (text, index) => text.charCodeAt(index);

/** For each beginning of the needle the length of its longest end that is a beginning of the needle too. */
function borders(needle: readonly number[]): Int32Array {
  const lengths = new Int32Array(needle.length);
  for (let index = 1, length = 0; index < needle.length; index += 1) {
    while (length > 0 && needle[index] !== needle[length]) length = lengths[length - 1] ?? 0;
    if (needle[index] === needle[length]) length += 1;
    lengths[index] = length;
  }
  return lengths;
}

/**
 * A text to be found as it is, in linear time whatever it is (Knuth, Morris, Pratt): built-in searches compare a
 * repetitive needle again at every place.
 * @param literal well-formed and not empty, so that no match begins within a character
 */
export function literalPattern(literal: string, isCaseSensitive: boolean): Pattern {
  const unitAt = isCaseSensitive ? plainUnit : foldedUnit;
  const needle = Array.from({ length: literal.length }, (_, index) => unitAt(literal, index));
  const lengths = borders(needle);
  const spansIn: Pattern["spansIn"] = (text, start, end, most) => {
    const spans: Span[] = [];
    for (let index = start, matched = 0; index < end && spans.length < most; index += 1) {
      const unit = unitAt(text, index);
      while (matched > 0 && needle[matched] !== unit) matched = lengths[matched - 1] ?? 0;
      if (needle[matched] !== unit) continue;
      matched += 1;
      if (matched < needle.length) continue;
      spans.push([index + 1 - needle.length - start, index + 1 - start]);
      matched = 0;
    }
    return spans;
  };
  return { spansIn, isIn: (text, start, end) => spansIn(text, start, end, 1).length > 0 };
}
