import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { wantedDocuments } from "../../../../domain/documents/prepare/wanted-document.ts";

const reference = {
  filename: "alpha-reference.md",
  category: "reference",
  required: false,
  source: { type: "reference" },
};

function additional(...entries: unknown[]) {
  return wantedDocuments("alpha", { auto_include_reference: false, additional_docs: entries }).documents;
}

describe("what a project wants prepared", () => {
  it.each([
    undefined,
    null,
    {},
    [],
    "text",
    { auto_include_reference: null, max_docs: null, additional_docs: null },
    { auto_include_reference: "false", max_docs: "3", additional_docs: "docs/a.md" },
    { max_docs: -1 },
    { max_docs: 2.5 },
  ])("is its reference document and at most five, where %j says nothing else", (config) => {
    expect(wantedDocuments("alpha", config)).toEqual({ documents: [reference], maxDocuments: 5 });
  });

  it("is what the configuration names, in its order, behind the reference document", () => {
    const config = {
      max_docs: 0,
      additional_docs: [
        { source_type: "docstore", document_id: "DOC-1", filename: "plan.md", category: "plan", required: true },
        { s3_key: "docs/a.md" },
      ],
    };
    expect(wantedDocuments("alpha", config)).toEqual({
      documents: [
        reference,
        { filename: "plan.md", category: "plan", required: true, source: { type: "docstore", documentId: "DOC-1" } },
        { filename: "unknown.md", category: "general", required: false, source: { type: "s3", key: "docs/a.md" } },
      ],
      maxDocuments: 0,
    });
  });

  it("is not the reference document where the configuration leaves it out", () => {
    expect(additional()).toEqual([]);
  });

  it("comes from S3 unless another source is named", () => {
    const sources = additional({ s3_key: "a" }, { source_type: null }, { source_type: "docstore" }).map(
      (d) => d.source,
    );
    expect(sources).toEqual([
      { type: "s3", key: "a" },
      { type: "s3", key: "" },
      { type: "docstore", documentId: "" },
    ]);
    const types = ["http", "S3", "", 5, {}].map((source_type) => additional({ source_type, s3_key: "a" })[0]?.source);
    expect(types).toEqual(Array(5).fill({ type: "unknown" }));
  });

  it("is required only where that is said in so many words", () => {
    const values = [true, false, null, "true", 1];
    const required = additional(...values.map((required) => ({ required }))).map((document) => document.required);
    expect(required).toEqual([true, false, false, false, false]);
  });

  it("can be worked out whatever stands in the row", () => {
    fc.assert(
      fc.property(fc.anything(), fc.array(fc.anything()), (config, entries) => {
        wantedDocuments("alpha", config);
        expect(additional(...entries)).toHaveLength(entries.length);
      }),
      { numRuns: 200 },
    );
  });
});
