import { describe, expect, it } from "@jest/globals";
import { MOST_TERMS, termsOfDocument } from "../../../../domain/documents/full-text/document-terms.ts";
import { readQuery } from "../../../../domain/documents/full-text/query.ts";

const ENGLISH = "this is the text of it and";
const GERMAN = "das ist der Text und nicht ein";

/** Whether a document with a body would be found by a query, as the search goes about it. */
async function finds(query: string, body: string): Promise<boolean> {
  const { terms } = await termsOfDocument("", body);
  const has = (word: { terms: readonly string[] }) => word.terms.some((term) => terms.has(term));
  return (await readQuery(query)).every((word) => has(word) || (word.parts?.length && word.parts.every(has)));
}

describe("a document is found", () => {
  it.each([
    ["deploy", `${ENGLISH} deployments`],
    ["Deployment", `${ENGLISH} deployed`],
    ["filter", `${ENGLISH} filtering`],
    ["Haus", `${GERMAN} Häuser`],
    ["Häuser", `${GERMAN} Haus`],
    ["Ergebnis", `${GERMAN} Ergebnisse`],
    ["Größe", "Groesse"],
    ["Groesse", "Größe"],
    ["grosse", "Größe"],
    ["GRÖSSE", "Größe"],
    ["Änderung", `${GERMAN} Aenderungen`],
    ["über", "uber"],
    ["cafe", "Café"],
    ["café", "Cafe"],
    ["claims_next", "calls `claims_next()` once"],
    ["claims next", "calls `claims_next()` once"],
    ["claims_next", "the next claim"],
    ["listReadyRecords", "see listReadyRecords"],
    ["listreadyrecords", "see listReadyRecords"],
    ["ready records", "see listReadyRecords"],
    ["foo.bar", "uses foo.bar."],
    ["createissue", "calls store.createIssue(issue)"],
    ["bar", "uses foo.bar."],
    ["doc-0a1b2c3d4e5f", "in DOC-0A1B2C3D4E5F"],
    ["0A1B2C3D4E5F", "in DOC-0A1B2C3D4E5F"],
    ["ENC-TSK-001", "closes ENC-TSK-001, then"],
    ["client side", "client-side"],
    ["client-side", "client side"],
    ["github", "on GitHub"],
    ["GitHub", "on github"],
    ["テスト", "日本語のテスト"],
  ])("by %s in: %s", async (query, body) => expect(await finds(query, body)).toBe(true));

  it.each([
    ["ENC-TSK-001", "closes ENC-TSK-002"],
    ["house", "mouse"],
    ["under", GERMAN],
    ["one two", "only one"],
  ])("not by %s in: %s", async (query, body) => expect(await finds(query, body)).toBe(false));
});

describe("the terms of a document", () => {
  it("count title and body apart, and all words for the length", async () => {
    const { terms, length, leftOut } = await termsOfDocument("Rules of rules", "One rule, `the_rule`.");
    expect([...terms]).toStrictEqual([
      ["rule", { inTitle: 2, inBody: 2 }],
      ["of", { inTitle: 1, inBody: 0 }],
      ["one", { inTitle: 0, inBody: 1 }],
      ["the_rule", { inTitle: 0, inBody: 1 }],
      ["the", { inTitle: 0, inBody: 1 }],
    ]);
    expect([length, leftOut]).toStrictEqual([6, 0]);
  });

  it("are those of its language", async () => {
    const english = await termsOfDocument("", `${ENGLISH} number`);
    const german = await termsOfDocument("", `${GERMAN} Nummer number`);
    expect([english.terms.has("number"), german.terms.has("numb")]).toStrictEqual([true, true]);
  });

  it("are the title's and the most frequent where there are too many, and the others are counted", async () => {
    const rare = Array.from({ length: MOST_TERMS + 100 }, (_, index) => `w${index}`);
    const { terms, leftOut } = await termsOfDocument("Zebra", `${rare.join(" ")} often often`);
    expect([terms.size, leftOut]).toStrictEqual([MOST_TERMS, 102]);
    expect([terms.has("zebra"), terms.has("often")]).toStrictEqual([true, true]);
  });
});

describe("a query", () => {
  it("has each word once", async () => {
    expect((await readQuery("Rule rules, RULE!")).map(({ text }) => text)).toStrictEqual(["Rule", "rules"]);
  });

  it.each([
    ["no word", "++ !"],
    ["500 characters", "x".repeat(501)],
    ["16 different words", Array.from({ length: 17 }, (_, index) => `w${index}`).join(" ")],
    ["16 different words", "a1.b1.c1.d1.e1.f1.g1.h1.i1 a2.b2.c2.d2.e2.f2.g2.h2"],
  ])("is refused: %s", async (message, text) => {
    await expect(readQuery(text)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining(message),
    });
  });
});
