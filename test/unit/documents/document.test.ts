import { describe, expect, it } from "@jest/globals";
import { isOwnBody, locationOf } from "../../../domain/documents/body.ts";
import {
  bodyKey,
  documentFromRow,
  newDocumentId,
  publicDocument,
  versionOf,
} from "../../../domain/documents/document.ts";

const OWNER = { project_id: "alpha", document_id: "DOC-0A1B2C3D4E5F" };
const HASH = "ab".repeat(32);

process.env.S3_BUCKET = "assets";

describe("a row of an older writer", () => {
  const row = {
    ...OWNER,
    title: "Old",
    keywords: new Set(["b", "a"]),
    related_items: new Set(["Z", "A"]),
    source_etag: "x",
    history_hash: "y",
    write_id: "z",
  };

  it("has sorted lists for its string sets, no version, and nothing internal", () => {
    expect(publicDocument(documentFromRow(row))).toEqual({
      ...OWNER,
      title: "Old",
      keywords: ["a", "b"],
      related_items: ["A", "Z"],
      version: 0,
    });
  });

  it("keeps what nobody knows any more", () => {
    expect(documentFromRow(row)).toMatchObject({ source_etag: "x", history_hash: "y" });
  });

  it.each([{}, { title: 5, keywords: "a", related_items: 5, version: "3" }, { keywords: [1, "a", null] }])(
    "is shown whatever is in it: %j",
    (attributes) => {
      const shown = publicDocument(documentFromRow({ document_id: "legacy", ...attributes }));
      expect(shown).toMatchObject({ document_id: "legacy", project_id: "", title: "", related_items: [], version: 0 });
      expect(shown.keywords.every((keyword) => typeof keyword === "string")).toBe(true);
    },
  );

  it("has its body where all bodies of a document were once", () => {
    const document = documentFromRow(row);
    expect(locationOf(document)).toEqual({ bucket: "assets", key: "agent-documents/alpha/DOC-0A1B2C3D4E5F.md" });
    expect(versionOf(document)).toBe(0);
  });
});

describe("a body", () => {
  const own = bodyKey(OWNER, HASH);

  it("is named by its content", () => expect(own).toBe(`agent-documents/alpha/DOC-0A1B2C3D4E5F/${HASH}.md`));

  it.each([
    [own, true],
    ["agent-documents/alpha/DOC-0A1B2C3D4E5F.md", true],
    [bodyKey({ ...OWNER, document_id: "DOC-0" }, HASH), false],
    ["mobile/v1/reference/alpha.md", false],
    ["governance/live/agents.md", false],
    [`agent-documents/alpha/DOC-0A1B2C3D4E5F/more/${HASH}.md`, false],
    ["", false],
  ])("at %s is its document's alone: %s", (key, isOwn) => {
    expect(isOwnBody(OWNER, { bucket: "assets", key })).toBe(isOwn);
    expect(isOwnBody(OWNER, { bucket: "elsewhere", key })).toBe(false);
  });
});

it("has an id of 48 random bits", () => {
  const ids = Array.from({ length: 1_000 }, newDocumentId);
  for (const id of ids) expect(id).toMatch(/^DOC-[0-9A-F]{12}$/);
  expect(new Set(ids).size).toBe(1_000);
});
