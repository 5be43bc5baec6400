import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { assessCompliance } from "../../../../domain/documents/compliance/assess.ts";
import { COMPLIANCE_RULES } from "../../../../domain/documents/compliance/rules.ts";

const guide = readFileSync(resolve(import.meta.dirname, "../../../../docs/compliance.md"), "utf8");
const [introduction = "", ...sections] = guide.split(/^## (?=\d)/m);

function examplesIn(section: string): string[] {
  return [...section.matchAll(/^~~~markdown\n(.*?)^~~~$/gms)].map(([, example = ""]) => example);
}

describe("docs/compliance.md", () => {
  it("shows a document in which nothing is found", () => {
    const [example = ""] = examplesIn(introduction);
    expect(assessCompliance(example)).toEqual({ score: 100, warnings: [], findings: [] });
  });

  it("shows what an answer looks like", () => {
    const [, answer = ""] = /```json\n(.*?)```/s.exec(introduction) ?? [];
    const head = ["# DOC-0A1B2C A", "", "**Project**: a", "**Related**: b", "**Created**: c", "**Author**: d", ""];
    expect(JSON.parse(answer)).toEqual(assessCompliance([...head, "#### Part"].join("\n")));
  });

  it("explains the rules of the table, in their order, and no others", () => {
    const heads = sections.map((section) => section.split("\n\n").slice(0, 2).join("\n\n"));
    expect(heads).toEqual(
      COMPLIANCE_RULES.map(
        ({ id, title, checks, explanation }, at) => `${at + 1}. ${title} (\`${id}\`)\n\n${checks}\n${explanation}`,
      ),
    );
  });

  it.each(COMPLIANCE_RULES.map(({ id }, at) => [id, at] as const))("has examples that are true of %s", (id, at) => {
    const [good = "", bad = "", ...more] = examplesIn(sections[at] ?? "");
    expect(more).toEqual([]);
    const brokenBy = (example: string) => assessCompliance(example).findings.some(({ rule }) => rule === id);
    expect([brokenBy(good), brokenBy(bad)]).toEqual([false, true]);
  });
});
