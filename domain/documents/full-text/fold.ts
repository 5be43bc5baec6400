import { firstCharacters } from "@enceladus/shared/text";

/** What is longer is cut: one character may be eighteen when it is taken apart, and a key has 2 KB. */
const LONGEST = 64;

/** Letters that Unicode does not take apart, as they are written without them. */
const PLAIN: Readonly<Record<string, string>> = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ł: "l", ı: "i", þ: "th" };
const GERMAN: Readonly<Record<string, string>> = { ä: "ae", ö: "oe", ü: "ue" };

const ASCII = /^[\x20-\x7e]*$/;
const ACCENTS = /[\u0300-\u036f]/g;
const WITHOUT_PARTS = /[ßæœøđłıþ]/g;
const UMLAUTS = /[äöü]/g;

/** Accents go; marks that are letters of their own (Hangul, Devanagari, kana) stay. */
function withoutAccents(lower: string): string {
  const apart = lower.replace(WITHOUT_PARTS, (letter) => PLAIN[letter] ?? letter).normalize("NFKD");
  return firstCharacters(apart.replace(ACCENTS, "").normalize("NFC"), LONGEST);
}

/**
 * How a word may be spelt: in lower case and without accents, and where it has German umlauts also with `ae`, `oe`, `ue`.
 * @returns one form or two, none of them empty for a word of letters or digits
 */
export function spellings(word: string): readonly string[] {
  const lower = word.toLowerCase();
  if (ASCII.test(lower)) return [lower];
  const composed = lower.normalize("NFC");
  const folded = withoutAccents(composed);
  const expanded = withoutAccents(composed.replace(UMLAUTS, (letter) => GERMAN[letter] ?? letter));
  return expanded === folded ? [folded] : [expanded, folded];
}
