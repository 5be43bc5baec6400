import { firstCharacters } from "@enceladus/shared/text";

/** A word of a language, or a number: it has no inner structure. */
export interface PlainWord {
  kind: "plain";
  text: string;
}

/** `claims_next`, `listReadyRecords`, `foo.bar`, `ENC-TSK-001`: found whole and by its parts. */
export interface Identifier {
  kind: "identifier";
  text: string;
  parts: readonly string[];
  /** What stands between its joints and has parts itself: of `store.createIssue` that is `createIssue`. */
  pieces: readonly string[];
}

export type Word = PlainWord | Identifier;

/** What is longer is no word that anybody types: encoded data. It is cut, and has no parts. */
const MOST_CHARACTERS = 64;
const MOST_PARTS = 12;

/** Letters and digits, joined by single dots, hyphens and apostrophes, or by underscores. Linear: no letter is a joint. */
const CHUNK = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:(?:_+|[.\-'’])[\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*/gu;
const SOFT_HYPHEN = /\u00ad/g;
const APOSTROPHE = /['’]/;
const JOINT = /[_.-]+/;
/** `listReady`, `HTTPServer`, `base64Encode`; but not `APIs`. */
const HUMP =
  /(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}(?!s(?!\p{Ll}))\p{Ll})|(?<=\p{N})(?=\p{Lu}(?!s(?!\p{Ll}))\p{Ll})/u;
const DIGIT = /\p{N}/u;
/** Scripts that put no spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

let segmenter: Intl.Segmenter | undefined;

function* segments(text: string): Generator<PlainWord> {
  segmenter ??= new Intl.Segmenter("und", { granularity: "word" });
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    if (isWordLike) yield plain(segment);
  }
}

function plain(text: string): PlainWord {
  const isShort = text.length <= MOST_CHARACTERS;
  return { kind: "plain", text: isShort ? text : firstCharacters(text, MOST_CHARACTERS) };
}

/** `user's` is `user`, `l'été` is `été`: what is left of a clipped word is none. */
function withoutClippings(chunk: string): readonly string[] {
  if (!APOSTROPHE.test(chunk)) return [chunk];
  const pieces = chunk.split(APOSTROPHE);
  const whole = pieces.filter((piece) => piece.length > 2);
  return whole.length > 0 ? whole : pieces;
}

/** One letter tells nothing about what it is part of. */
function isTelling(part: string): boolean {
  return part.length > 1 || DIGIT.test(part);
}

function piecesIn(joined: readonly string[]): string[] {
  return joined.length > 1 ? joined.filter((piece) => HUMP.test(piece)).slice(0, MOST_PARTS) : [];
}

function* wordsOfPiece(piece: string): Generator<Word> {
  if (UNSPACED.test(piece)) {
    yield* segments(piece);
    return;
  }
  if (piece.length > MOST_CHARACTERS) {
    yield plain(piece);
    return;
  }
  const joined = piece.split(JOINT);
  const parts = joined.flatMap((part) => part.split(HUMP));
  if (parts.length === 1) {
    yield plain(piece);
    return;
  }
  const telling = parts.filter(isTelling).slice(0, MOST_PARTS);
  const hyphensOnly = parts.length === joined.length && !DIGIT.test(piece) && !/[_.]/.test(piece);
  // `client-side` is two words of a language; who looks for it may write them apart.
  if (hyphensOnly && telling.length > 0) yield* telling.map(plain);
  else yield { kind: "identifier", text: piece, parts: telling, pieces: piecesIn(joined) };
}

/**
 * The words of a text, in their order. Markdown needs no parser here: its marks are no words.
 * @returns lazily, in time linear in the text
 */
export function* wordsOf(text: string): Generator<Word> {
  const clean = text.includes("\u00ad") ? text.replace(SOFT_HYPHEN, "") : text;
  for (const [chunk] of clean.matchAll(CHUNK)) {
    for (const piece of withoutClippings(chunk)) yield* wordsOfPiece(piece);
  }
}
