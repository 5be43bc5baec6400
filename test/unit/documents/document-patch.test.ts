import { DomainError } from "@enceladus/shared/errors";
import { describe, expect, it } from "@jest/globals";
import { documentPatch } from "../../../domain/documents/document-patch.ts";
import type { Input } from "../../../domain/documents/new-document.ts";

function fault(input: Input, minimum = 0): string | undefined {
  try {
    documentPatch(input, minimum);
    return undefined;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "INVALID_INPUT") throw error;
    return error.message.split(":")[0];
  }
}

describe("an edit of a document", () => {
  it("names what it sets, and nothing else", () => {
    expect(documentPatch({ title: " A ", project_id: "x", version: 9, created_by: "me" }, 0)).toEqual({
      fields: { title: "A" },
    });
    expect(documentPatch({ keywords: [] }, 0)).toEqual({ fields: { keywords: [] } });
    expect(documentPatch({ status: " Archived " }, 0)).toEqual({ fields: { status: "archived" } });
    expect(documentPatch({ content: " \n", expected_version: 0 }, 0)).toEqual({
      fields: {},
      content: { text: " \n", compliance: expect.objectContaining({ score: expect.any(Number) }) },
      expectedVersion: 0,
    });
  });

  it("empties a description with null, and nothing else", () => {
    expect(documentPatch({ description: null }, 0)).toEqual({ fields: { description: "" } });
    for (const field of ["title", "related_items", "keywords", "status", "file_name", "content"]) {
      expect(fault({ [field]: null })).toBe(field);
    }
    expect(documentPatch({ title: "A", expected_version: null }, 0)).toEqual({ fields: { title: "A" } });
  });

  it.each([{}, { expected_version: 3 }, { version: 3, document_id: "DOC-1" }, { title: undefined }])(
    "is refused where it names nothing that can be set: %j",
    (input) => expect(fault(input)).toBe("Nothing to change"),
  );

  it.each([
    ["title", ["", " ", 5, "x".repeat(501)]],
    ["description", [5, []]],
    ["related_items", ["a", [5], {}]],
    ["keywords", ["a", [null], {}]],
    ["status", ["", "deleted", 5, "act ive"]],
    ["file_name", ["", " ", "a/b.md", "a.txt", 5]],
    ["content", ["", 5, [], "\udc00", "x".repeat(1_048_577)]],
  ])("is at fault in %s for each of its bad values", (field, values) => {
    for (const value of values) expect(fault({ [field]: value })).toBe(field);
  });

  it.each([-1, 1.5, "1", true, [], Number.NaN, 2 ** 53])("is at fault in the expected version %j", (value) => {
    expect(fault({ title: "A", expected_version: value })).toBe("expected_version");
  });

  it("is told its faults in one order", () => {
    const order = ["title", "description", "related_items", "keywords", "status", "file_name", "content"];
    const bad: Record<string, unknown> = Object.fromEntries(order.map((field) => [field, 5]).reverse());
    bad.expected_version = "1";
    for (const field of order) {
      expect(fault(bad)).toBe(field);
      delete bad[field];
      bad.title = "A";
    }
    expect(fault(bad)).toBe("expected_version");
  });

  it("needs the least score for a new content, and for nothing else", () => {
    expect(fault({ content: "no title" }, 100)).toBe("content");
    expect(fault({ title: "A" }, 100)).toBeUndefined();
  });
});
