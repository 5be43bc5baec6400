import { describe, expect, it } from "@jest/globals";
import { ReferenceCache } from "../../../../domain/documents/reference-search/reference-cache.ts";

function document(key: string, length: number, entityTag = "1") {
  return { reference: { key, text: "x".repeat(length), totalLines: 1, lastModified: null }, entityTag };
}

function keysIn(cache: ReferenceCache): string[] {
  return ["a", "b", "c", "d"].filter((key) => cache.get(key) !== undefined);
}

describe("the cache of reference documents", () => {
  it("keeps what has room, two bytes for each character", () => {
    const cache = new ReferenceCache(20);
    for (const key of ["a", "b"]) cache.put(document(key, 5));
    expect(keysIn(cache)).toEqual(["a", "b"]);
    cache.put(document("c", 1));
    expect(keysIn(cache)).toEqual(["b", "c"]);
  });

  it("gives up first what was not used for longest", () => {
    const cache = new ReferenceCache(20);
    for (const key of ["a", "b"]) cache.put(document(key, 5));
    cache.get("a");
    cache.put(document("c", 5));
    expect(keysIn(cache)).toEqual(["a", "c"]);
  });

  it("counts a document once, however often it changes or goes", () => {
    const cache = new ReferenceCache(20);
    for (let change = 1; change < 9; change += 1) cache.put(document("a", 5, String(change)));
    for (let change = 1; change < 9; change += 1) cache.drop("c");
    cache.put(document("b", 5));
    expect([keysIn(cache), cache.get("a")?.entityTag]).toEqual([["a", "b"], "8"]);
    cache.clear();
    expect(keysIn(cache)).toEqual([]);
    for (const key of ["c", "d"]) cache.put(document(key, 5));
    expect(keysIn(cache)).toEqual(["c", "d"]);
  });

  it("does not keep what has no room at all", () => {
    const cache = new ReferenceCache(20);
    cache.put(document("a", 5));
    cache.put(document("b", 11));
    expect(keysIn(cache)).toEqual([]);
  });
});
