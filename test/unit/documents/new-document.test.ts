import { DomainError } from "@enceladus/shared/errors";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type Input, newDocument } from "../../../domain/documents/new-document.ts";

const GOOD = { project_id: "alpha", title: "A title", content: "text" };
const HALF = "\ud83d";
const ROCKET = "🚀";

/** The field that a refusal names, which is the beginning of its message; undefined for what is taken. */
function fault(input: Input, minimum = 0): string | undefined {
  try {
    newDocument(input, minimum);
    return undefined;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "INVALID_INPUT") throw error;
    return error.message.split(":")[0];
  }
}

const fieldsOf = (more: Input) => newDocument({ ...GOOD, ...more }, 0).fields;

describe("a new document", () => {
  it("needs a project, a title and a content, and nothing else", () => {
    expect(newDocument(GOOD, 0)).toMatchObject({
      fields: {
        project_id: "alpha",
        title: "A title",
        description: "",
        related_items: [],
        keywords: [],
        file_name: undefined,
      },
      content: "text",
    });
  });

  it("is trimmed but for its content", () => {
    const { fields, content } = newDocument(
      {
        project_id: " alpha\n",
        title: "\tA ",
        description: " d ",
        file_name: " a.md ",
        related_items: [" X "],
        keywords: [" K "],
        content: " \n",
      },
      0,
    );
    expect(fields).toEqual({
      project_id: "alpha",
      title: "A",
      description: "d",
      related_items: ["X"],
      keywords: ["k"],
      file_name: "a.md",
    });
    expect(content).toBe(" \n");
  });

  it.each(["description", "related_items", "keywords", "file_name"])("takes null for no %s", (field) => {
    expect(fieldsOf({ [field]: null })).toEqual(fieldsOf({}));
  });

  it("passes over fields that it does not know, also those that only the system sets", () => {
    const sent = { status: "archived", version: 7, document_id: "DOC-1", created_by: "me", __proto__: null };
    expect(fieldsOf(sent)).toEqual(fieldsOf({}));
  });

  it.each([
    ["project_id", [undefined, null, "", "  ", 5, [], {}, `a${HALF}`]],
    ["title", [undefined, null, "", " \n", 5, true, [], "x".repeat(501), ROCKET.repeat(501), HALF]],
    ["content", [undefined, null, "", 5, [], {}, HALF, `a${HALF}b`, "x".repeat(1_048_577), "ä".repeat(524_289)]],
    ["description", [5, [], {}, false, HALF]],
    ["related_items", ["a", 5, {}, [5], [null], ["a", ["b"]], ["x".repeat(129)], [HALF]]],
    ["keywords", ["a", 5, {}, [5], [undefined], [ROCKET.repeat(129)], [HALF]]],
    [
      "file_name",
      [5, [], "a", "a.txt", "a.md.txt", "a/b.md", "a\\b.md", "a\u0000.md", "a\u0085.md", "a\nb.md", "~a.md", "/a.md"],
    ],
    ["file_name", [`${"x".repeat(253)}.md`, HALF]],
  ])("is at fault in %s for each of its bad values", (field, values) => {
    for (const value of values) expect(fault({ ...GOOD, [field]: value })).toBe(field);
  });

  it("counts characters as people do, and content in bytes", () => {
    expect(fault({ ...GOOD, title: ROCKET.repeat(500) })).toBeUndefined();
    expect(fault({ ...GOOD, keywords: [ROCKET.repeat(128)] })).toBeUndefined();
    expect(fault({ ...GOOD, content: "ä".repeat(524_288) })).toBeUndefined();
    expect(fault({ ...GOOD, file_name: `${ROCKET.repeat(252)}.md` })).toBeUndefined();
    expect(() => newDocument({ ...GOOD, title: "x".repeat(501) }, 0)).toThrow("Title exceeds");
  });

  it("cuts its description, never through a character", () => {
    expect(fieldsOf({ description: `${ROCKET.repeat(5_001)}` }).description).toBe(ROCKET.repeat(5_000));
    expect(fieldsOf({ description: "x".repeat(6_000) }).description).toHaveLength(5_000);
  });

  it("keeps the first of its items and keywords, each once, in their order", () => {
    const many = Array.from({ length: 120 }, (_, index) => `K${index}`);
    expect(fieldsOf({ related_items: ["b", " ", "a", "b", "B", ""] }).related_items).toEqual(["b", "a", "B"]);
    expect(fieldsOf({ keywords: ["b", " ", "a", "B", ""] }).keywords).toEqual(["b", "a"]);
    expect(fieldsOf({ related_items: many }).related_items).toEqual(many.slice(0, 100));
    expect(fieldsOf({ keywords: [...many, ...many] }).keywords).toEqual(many.slice(0, 50).map((k) => k.toLowerCase()));
  });

  it.each(["a.md", "A.MD", "a.Markdown", ".md", "ä b.md", "a~.md"])("may be called %s", (name) => {
    expect(fieldsOf({ file_name: name }).file_name).toBe(name);
  });

  it("is named by its id where the name is blank", () => {
    expect(fieldsOf({ file_name: " " }).file_name).toBeUndefined();
  });

  it("is told its faults in one order: what must be there, sizes, the score, what may be there", () => {
    let input: Input = { description: 5, related_items: 5, keywords: 5, file_name: 5 };
    const next = (more: Input, minimum: number) => {
      input = { ...input, ...more };
      return fault(input, minimum);
    };
    const tooLong = { title: "x".repeat(501), content: "x".repeat(1_048_577) };
    expect(next({}, 100)).toBe("project_id");
    expect(next({ project_id: "a" }, 100)).toBe("title");
    expect(next({ title: tooLong.title }, 100)).toBe("content");
    expect(next({ content: tooLong.content }, 100)).toBe("title");
    expect(next({ title: "x" }, 100)).toBe("content");
    expect(next({ content: "no title" }, 100)).toBe("content");
    expect(next({}, 0)).toBe("description");
    expect(next({ description: "" }, 0)).toBe("related_items");
    expect(next({ related_items: [] }, 0)).toBe("keywords");
    expect(next({ keywords: [] }, 0)).toBe("file_name");
    expect(next({ file_name: "" }, 0)).toBeUndefined();
  });

  it("is refused below the least score, with its score and what it comes from", () => {
    const details = { compliance_score: expect.any(Number), compliance_warnings: expect.any(Array) };
    const refusal = { code: "INVALID_INPUT", details: expect.objectContaining(details) };
    expect(() => newDocument({ ...GOOD, content: "no title" }, 100)).toThrow(expect.objectContaining(refusal));
    const { compliance } = newDocument({ ...GOOD, content: "no title" }, 0);
    expect(fault({ ...GOOD, content: "no title" }, compliance.score)).toBeUndefined();
    expect(fault({ ...GOOD, content: "no title" }, compliance.score + 1)).toBe("content");
  });

  it("never fails in another way, whatever is sent", () => {
    const some = fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue(), fc.array(fc.string()));
    const record = fc.record(
      { project_id: some, title: some, content: some, description: some, related_items: some, keywords: some },
      { requiredKeys: [] },
    );
    fc.assert(fc.property(record, (input) => void fault(input)));
  });
});
