import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { spellings } from "../../../../domain/documents/full-text/fold.ts";
import { wordsOf } from "../../../../domain/documents/full-text/words.ts";

const piece = fc.constantFrom(..."aZ9_.-' \u0301\u00ad日คßÜﷺ½ﬁʰ\uff9e\u{1d538}", "\ud800", "lower", "Upper");

/** Each word as it stands, of an identifier with its parts. */
function read(text: string): string[] {
  return [...wordsOf(text)].map((word) =>
    word.kind === "plain" ? word.text : `${word.text} (${word.parts.join(" ")})`,
  );
}

describe("the words of a text", () => {
  it.each([
    ["claims_next", "claims_next (claims next)"],
    ["listReadyRecords", "listReadyRecords (list Ready Records)"],
    ["HTTPServer", "HTTPServer (HTTP Server)"],
    ["base64Encode", "base64Encode (base64 Encode)"],
    ["foo.bar", "foo.bar (foo bar)"],
    ["DOC-0A1B2C3D4E5F", "DOC-0A1B2C3D4E5F (DOC 0A1B2C3D4E5F)"],
    ["ENC-TSK-001", "ENC-TSK-001 (ENC TSK 001)"],
    ["utf-8", "utf-8 (utf 8)"],
    ["listIDs", "listIDs (list IDs)"],
    ["xAxis", "xAxis (Axis)"],
  ])("has %s whole and in parts", (text, expected) => expect(read(text)).toStrictEqual([expected]));

  it.each([
    ["Plain words, and 2 numbers!", ["Plain", "words", "and", "2", "numbers"]],
    ["client-side state-of-the-art", ["client", "side", "state", "of", "the", "art"]],
    ["`domain/documents/index.ts`", ["domain", "documents", "index.ts (index ts)"]],
    [
      "[a link](https://example.com/docs?q=1#top)",
      ["a", "link", "https", "example.com (example com)", "docs", "q", "1", "top"],
    ],
    ["__init__ **bold** ~~gone~~ | cell |", ["init", "bold", "gone", "cell"]],
    ["URLs of APIs", ["URLs", "of", "APIs"]],
    ["the user's l'été don't", ["the", "user", "été", "don"]],
    ["Wort\u00adtrennung", ["Worttrennung"]],
    ["日本語のテスト", ["日本語", "の", "テスト"]],
    ["e. g. a... b", ["e", "g", "a", "b"]],
    ["*** --- ```", []],
  ])("of %s", (text, expected) => expect(read(text)).toStrictEqual(expected));

  it("cuts what nobody types, without parts", () => {
    expect(read(`x${"aB1_".repeat(1_000)}`)).toStrictEqual([`x${"aB1_".repeat(16)}`.slice(0, 64)]);
    expect(read("日".repeat(10_000)).every((word) => [...word].length <= 64)).toBe(true);
  });

  it("has words and parts with something in them, whatever the text", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 100 }), (pieces) => {
        const text = pieces.join("");
        const texts = [...wordsOf(text)].flatMap((word) => [word.text, ...(word.kind === "plain" ? [] : word.parts)]);
        const lengths = texts.flatMap(spellings).map((spelling) => [...spelling].length);
        return lengths.every((length) => length > 0 && length <= 64);
      }),
    );
  });
});

describe("the spellings of a word", () => {
  it.each([
    ["Größe", ["groesse", "grosse"]],
    ["STRAßE", ["strasse"]],
    ["Über", ["ueber", "uber"]],
    ["U\u0308ber", ["ueber", "uber"]],
    ["naïve", ["naive"]],
    ["Ærø", ["aero"]],
    ["ﬁle", ["file"]],
    ["ΑΘΉΝΑ", ["αθηνα"]],
    ["한국어", ["한국어"]],
    ["が", ["が"]],
    ["plain", ["plain"]],
  ])("%s", (word, expected) => expect(spellings(word)).toStrictEqual(expected));
});
