import { sha256 } from "@enceladus/shared/hash";
import { describe, expect, it } from "@jest/globals";
import { documentName, textOf } from "../../../scripts/documents/markdown-files.ts";
import { byFileName, nextStep, titleOf } from "../../../scripts/documents/plan.ts";
import type { Outcome } from "../../../scripts/documents/put.ts";
import { putReport } from "../../../scripts/documents/report.ts";

const DRAFT = { name: "docs__a.md", content: "# A\n" };

describe("what a file needs", () => {
  it("is a new document where the project has none of its name", () => {
    expect(nextStep("moonbase", DRAFT, undefined)).toEqual({
      do: "create",
      body: { project_id: "moonbase", title: "A", file_name: "docs__a.md", content: "# A\n" },
      idempotencyKey: expect.stringMatching(/^[\x21-\x7e]{1,128}$/),
    });
  });

  it("is nothing where the document has its content", () => {
    expect(nextStep("moonbase", DRAFT, { document_id: "DOC-1", content_hash: sha256("# A\n") })).toEqual({
      do: "nothing",
    });
  });

  it("is another content, of the version that was seen, where it has not", () => {
    const known = { document_id: "DOC-1", content_hash: sha256("# B\n"), version: 7 };
    const update = { do: "update", document_id: "DOC-1", body: { content: "# A\n" }, version: 7 };
    expect(nextStep("moonbase", DRAFT, known)).toMatchObject(update);
    expect(nextStep("moonbase", DRAFT, { document_id: "DOC-1" })).toMatchObject({ ...update, version: 0 });
  });

  it("has a key that is equal for equal work only", () => {
    const keyOf = (project: string, draft: typeof DRAFT, known?: { document_id: string; version: number }) => {
      const step = nextStep(project, draft, known);
      return "idempotencyKey" in step ? step.idempotencyKey : undefined;
    };
    const known = { document_id: "DOC-1", version: 1 };
    const keys = [
      keyOf("moonbase", DRAFT),
      keyOf("marsbase", DRAFT),
      keyOf("moonbase", { ...DRAFT, name: "b.md" }),
      keyOf("moonbase", { ...DRAFT, content: "# B\n" }),
      keyOf("moonbase", DRAFT, known),
      keyOf("moonbase", { ...DRAFT, content: "# B\n" }, known),
      keyOf("moonbase", DRAFT, { ...known, version: 2 }),
      keyOf("moonbase", DRAFT, { ...known, document_id: "DOC-2" }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOf("moonbase", { ...DRAFT })).toBe(keys[0]);
  });
});

describe("the title of a new document", () => {
  it.each([
    ["text\n\n## B ##\n# C", "B"],
    ["```sh\n# no heading\n```\n# ENC-TSK-001 C#", "ENC-TSK-001 C#"],
    ["#   A  \r\n", "A"],
    ["text", "a.md"],
    ["# #\n", "a.md"],
    ["", "a.md"],
    [`# ${"\u{1f600}".repeat(501)}`, "\u{1f600}".repeat(500)],
  ])("of %j is its first heading, or else its name", (content, title) => {
    expect(titleOf({ name: "a.md", content })).toBe(title);
  });
});

describe("the name of a document", () => {
  it("has its folders in it, so that two of one name do not meet", () => {
    expect(["a.md", "docs/a.md", "docs/x/a.MARKDOWN"].map(documentName)).toEqual([
      "a.md",
      "docs__a.md",
      "docs__x__a.MARKDOWN",
    ]);
  });

  it("leads to the first active document, or else the first, in the order of the list", () => {
    const known = byFileName([
      { document_id: "1", file_name: "a.md", status: "archived" },
      { document_id: "2", file_name: "a.md", status: "active" },
      { document_id: "3", file_name: "a.md", status: "active" },
      { document_id: "4", file_name: "b.md", status: "archived" },
      { document_id: "5", file_name: "b.md", status: "archived" },
      { document_id: "6" },
    ]);
    expect([...known].map(([name, { document_id }]) => [name, document_id])).toEqual([
      ["a.md", "2"],
      ["b.md", "4"],
    ]);
  });
});

describe("the text of a file", () => {
  it("is its bytes, a byte order mark too", () => {
    expect(textOf(Buffer.from("\ufeff# \u00e4\r\n"))).toBe("\ufeff# \u00e4\r\n");
    expect(textOf(Buffer.alloc(1_048_576, "a"))).toHaveLength(1_048_576);
  });

  it.each([
    [Buffer.alloc(0), "it is empty"],
    [Buffer.alloc(1_048_577, "a"), "it has 1048577 bytes, more than the 1048576 that a document may have"],
    [Buffer.from([0x23, 0x20, 0xe4]), "it is not text in UTF-8"],
  ])("is refused where it has none that fits", (bytes, reason) => {
    expect(() => textOf(bytes)).toThrow(reason);
  });
});

describe("the report", () => {
  const outcomes: Outcome[] = [
    { path: "a.md", result: "created" },
    { path: "b.md", result: "updated", isArchived: true },
    { path: "c.md", result: "unchanged", isArchived: false },
  ];

  it("counts, and says what stays archived", () => {
    expect(putReport(outcomes, 1.26)).toEqual({
      text: "created 1, updated 1, unchanged 1, failed 0 in 1.3 s\nArchived, and left so:\n  1 x b.md",
      complete: true,
    });
  });

  it("names what failed, and why, up to fifty", () => {
    const failed = Array.from({ length: 52 }, (_, at): Outcome => ({ path: `${at}`, result: "failed", reason: "why" }));
    const { text, complete } = putReport(failed, undefined);
    expect(complete).toBe(false);
    expect(text).toContain(
      "Nothing is written. Would be: created 0, updated 0, unchanged 0, failed 52\nFailed:\n  0: why",
    );
    expect(text.split("\n").at(-1)).toBe("  and 2 more");
  });
});
