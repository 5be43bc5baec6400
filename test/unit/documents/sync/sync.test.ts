import { beforeEach, describe, expect, it } from "@jest/globals";
import { bodyOf } from "../../../../domain/documents/body.ts";
import type { StoredDocument } from "../../../../domain/documents/document.ts";
import {
  chooseGovernance,
  chooseReference,
  isGovernance,
  isReference,
} from "../../../../domain/documents/sync/candidates.ts";
import { decide, knownTag } from "../../../../domain/documents/sync/decide.ts";
import { mergedKeywords, mirrored, mirrorId } from "../../../../domain/documents/sync/mirrored-document.ts";
import { seenAgain, tagSeen } from "../../../../domain/documents/sync/tags-seen.ts";

const SYNC = "document-api-sync";

let number = 0;
beforeEach(() => {
  number = 0;
});

/** Each is newer than the one before. */
function document(fields: Partial<StoredDocument> = {}): StoredDocument {
  number += 1;
  return {
    document_id: `DOC-${number}`,
    project_id: "alpha",
    title: "A title",
    status: "active",
    updated_at: `2026-01-01T00:00:0${number}Z`,
    keywords: ["project-reference"],
    ...fields,
  };
}

describe("the document of a project's reference", () => {
  const named = { file_name: "alpha-reference.md" };
  const titled = { title: "The Project REFERENCE of alpha" };

  it("is the one of its file name, else one that is titled so, else any that carries the keyword", () => {
    const byName = document(named);
    const byTitle = document(titled);
    const other = document();
    expect(chooseReference([other, byTitle, byName], "alpha")).toBe(byName);
    expect(chooseReference([other, byTitle], "alpha")).toBe(byTitle);
    expect(chooseReference([other], "alpha")).toBe(other);
  });

  it("carries the keyword, whatever its name and title", () => {
    expect(chooseReference([document({ ...named, ...titled, keywords: ["project"] })], "alpha")).toBeUndefined();
    expect(chooseReference([document({ ...named, keywords: undefined })], "alpha")).toBeUndefined();
  });

  it("is an active one before a newer one that is archived, and else the newest", () => {
    const old = document(named);
    const newer = document(named);
    const archived = document({ ...named, status: "archived" });
    const newerArchived = document({ ...named, status: "archived" });
    expect(chooseReference([archived, old, newer, newerArchived], "alpha")).toBe(newer);
    expect(chooseReference([archived, newerArchived], "alpha")).toBe(newerArchived);
    const same = { ...named, updated_at: "2026-02-01T00:00:00Z" };
    const [first, second] = [document(same), document(same)];
    expect(chooseReference([second, first], "alpha")).toBe(first);
    expect(chooseReference([first, second], "alpha")).toBe(first);
  });
});

describe("the document of a governance file", () => {
  it("has its name, and the keyword or a title that says so", () => {
    const file_name = "agents/a.md";
    const byKeyword = document({ file_name, keywords: ["governance-file"] });
    const byTitle = document({ file_name, title: "Governance: agents/a.md", keywords: [] });
    expect(chooseGovernance([byKeyword], file_name)).toBe(byKeyword);
    expect(chooseGovernance([byTitle], file_name)).toBe(byTitle);
    expect(chooseGovernance([byKeyword, byTitle], "agents/b.md")).toBeUndefined();
    expect(chooseGovernance([document({ file_name })], file_name)).toBeUndefined();
    expect(chooseGovernance([document({ file_name, title: "On Governance: x" })], file_name)).toBeUndefined();
  });
});

describe("what a file makes of a document", () => {
  const file = (text: string) => ({ etag: '"1"', body: bodyOf(text) });
  const defaults = {
    project_id: "alpha",
    title: "T",
    description: "D",
    file_name: "F.md",
    keywords: ["reference", "Alpha"],
  };
  const at = "2026-01-01T00:00:00Z";

  it("is a whole one where there is none, under an id that comes of its name", () => {
    // `printf devops:agents.md | sha1sum`
    expect(mirrorId("devops", "agents.md")).toBe("DOC-1BFF99C4ADE5");
    expect(mirrored(undefined, file("# A\n"), defaults, at)).toEqual({
      document_id: mirrorId("alpha", "F.md"),
      project_id: "alpha",
      title: "T",
      description: "D",
      file_name: "F.md",
      keywords: ["alpha", "reference"],
      related_items: [],
      status: "active",
      compliance_score: expect.any(Number),
      compliance_warnings: expect.any(Array),
      compliance_checked_at: at,
      source: { etag: '"1"', hash: bodyOf("# A\n").hash },
    });
  });

  it("keeps what a document says of itself, makes it active, and adds the keywords", () => {
    const own = {
      title: "Own",
      description: "",
      file_name: "own.MARKDOWN",
      keywords: ["Zebra", "reference"],
      related_items: ["x"],
    };
    const before = document({ ...own, status: "archived", more: 1 });
    expect(mirrored(before, file("# A\n"), defaults, at)).toMatchObject({
      ...own,
      document_id: before.document_id,
      description: "D",
      keywords: ["alpha", "reference", "zebra"],
      status: "active",
      compliance_score: expect.any(Number),
      more: 1,
    });
  });

  it.each([
    ["that is not Markdown", "tool.py", "# A\n"],
    ["that is larger than what the API takes", "large.md", "x".repeat(1_048_577)],
  ])("has no score of a file %s, and loses an earlier one", (_, file_name, text) => {
    const before = document({ file_name, compliance_score: 50, compliance_warnings: ["w"], compliance_checked_at: at });
    const after = mirrored(before, file(text), defaults, at);
    expect([after.compliance_score, after.compliance_warnings, after.compliance_checked_at]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("has a title of 500 characters at most", () => {
    const { title } = mirrored(undefined, file(""), { ...defaults, title: "🚀".repeat(600) }, at);
    expect(title).toBe("🚀".repeat(500));
  });

  it("has each keyword once", () => {
    expect(mergedKeywords(["b", "A"], ["a", "c", "B"])).toEqual(["a", "b", "c"]);
  });
});

describe("what has to be written", () => {
  const { hash } = bodyOf("x");
  const as = (fields: Partial<StoredDocument>) => document({ content_hash: hash, created_by: SYNC, ...fields });
  const gone = { gone: true } as const;

  it.each<[string, StoredDocument | undefined, "same" | "other" | "none", string]>([
    ["no document and no file", undefined, "none", "nothing"],
    ["no document", undefined, "same", "mirror"],
    ["a document that agrees", as({}), "same", "nothing"],
    ["an old content", as({}), "other", "mirror"],
    ["a document that somebody has archived", as({ status: "archived" }), "same", "nothing"],
    ["a document that somebody has archived, and a new file", as({ status: "archived" }), "other", "mirror"],
    ["a document that was archived for its file", as({ status: "archived", source: gone }), "same", "mirror"],
    ["a document by which the file is not found", as({ keywords: [] }), "same", "mirror"],
    ["a document without a file", as({}), "none", "archive"],
    ["an archived document without a file", as({ status: "archived" }), "none", "nothing"],
    ["a document without a file that somebody has made", as({ created_by: "a@b.c" }), "none", "nothing"],
  ])("%s", (_, before, file, decision) => {
    const content = { same: { hash }, other: bodyOf("y"), none: undefined }[file];
    expect(decide(before, content, isReference)).toBe(decision);
  });

  it("is told by the tag of the file only where the document still has the content that came with it", () => {
    const source = { etag: "e", hash };
    expect(knownTag(as({ source }), undefined)).toBe("e");
    expect(knownTag(as({ source, content_hash: "of somebody else" }), undefined)).toBeUndefined();
    expect(knownTag(as({}), "seen")).toBe("seen");
    expect(knownTag(as({ source: gone }), "seen")).toBeUndefined();
  });

  it("is remembered of files whose tag no row knows, for the content that it was seen with, of so many files", () => {
    const file = { bucket: "b", key: "k" };
    seenAgain(file, "e", hash);
    expect([tagSeen(file, hash), tagSeen(file, "other"), tagSeen(file, undefined)]).toEqual([
      "e",
      undefined,
      undefined,
    ]);
    seenAgain(file, "e2", undefined);
    for (let n = 0; n < 1_000; n += 1) seenAgain({ bucket: "b", key: String(n) }, "e", hash);
    expect(tagSeen(file, hash)).toBeUndefined();
    expect(tagSeen({ bucket: "b", key: "0" }, hash)).toBe("e");
    expect(isGovernance(document())).toBe(false);
  });
});
