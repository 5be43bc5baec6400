import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { assessCompliance } from "../../../../domain/documents/compliance/assess.ts";

const HEAD = ["# DOC-0A1B2C A good document", "", "**Project**: moonbase", "**Related**: MNB-TSK-001"];
const GOOD = [...HEAD, "**Created**: 2026-11-26", "**Author**: claude", ""];

describe("the score", () => {
  it("is 100 for a document in which nothing is found", () => {
    const lines = [...GOOD, "## Part", "- a", "", "| a |", "| --- |", "", "```sh", "# no heading", "```", "> [!NOTE]"];
    expect(assessCompliance(lines.join("\n"))).toEqual({ score: 100, warnings: [], findings: [] });
  });

  it("loses 10 points for each finding, which names its rule and its line", () => {
    expect(assessCompliance([...GOOD, "#### Part", "```", "```"].join("\n"))).toEqual({
      score: 80,
      warnings: [
        "line 8: a heading of level 4 follows one of level 1: a level is left out (heading-levels)",
        "line 9: a block of code should name its language behind the backticks (fence-language)",
      ],
      findings: [
        {
          rule: "heading-levels",
          line: 8,
          points: 10,
          message: "a heading of level 4 follows one of level 1: a level is left out",
        },
        {
          rule: "fence-language",
          line: 9,
          points: 10,
          message: "a block of code should name its language behind the backticks",
        },
      ],
    });
    expect(assessCompliance(HEAD.join("\n"))).toMatchObject({
      score: 80,
      warnings: [expect.stringContaining("`**Created**:` is missing"), expect.stringContaining("(metadata)")],
    });
    expect(assessCompliance("").score).toBe(50);
  });

  it("is 0 from ten findings on, of which the first 25 are kept, rule by rule", () => {
    const ten = assessCompliance([...GOOD, ..."a".repeat(10)].map((line) => line.replace(/^a$/, "> [!a]")).join("\n"));
    expect([ten.score, ten.warnings.length]).toEqual([0, 10]);
    const lines = ["> [!a]", ...Array.from({ length: 23 }, () => "# A")];
    const { score, warnings, findings } = assessCompliance(lines.join("\n"));
    expect([score, warnings.length, findings.length]).toEqual([0, 25, 25]);
    const rules = [...Map.groupBy(findings, ({ rule }) => rule)].map(([rule, all]) => `${rule} ${all.length}`);
    expect(rules).toEqual(["title 1", "metadata 4", "heading-levels 20"]);
  });

  it("tells findings in the order of the rules, whatever the order of the lines", () => {
    const lines = ["> [!a]", "| a |", "* b", "- c", "```", "```", "```sh", "```", "### d", "# e", "# f", "```x"];
    const rules = assessCompliance(lines.join("\n")).findings.map(({ rule, line = 0 }) => `${rule} ${line}`);
    expect(rules).toEqual([
      "title 1",
      ...Array(4).fill("metadata 0"),
      "heading-levels 10",
      "heading-levels 11",
      "one-title 11",
      "fence-language 5",
      "fence-closed 12",
      "list-markers 4",
      "table-divider 2",
      "alerts 1",
    ]);
  });
});

describe("code and HTML", () => {
  const SHELL = ["# no heading", "### nor this", "* a", "- b", "| a |", "| b |", "[!a]"];

  it.each([
    ["backticks", ["```sh", ...SHELL, "```"]],
    ["tildes", ["~~~", ...SHELL, "~~~"]],
    ["an indent", ["", ...SHELL.map((line) => `    ${line}`)]],
    ["a comment", ["<!--", ...SHELL, "-->"]],
    ["an element", ["<pre>", ...SHELL, "</pre>"]],
  ])("in %s break no rule for Markdown", (_, lines) => {
    expect(assessCompliance([...GOOD, ...lines].join("\n")).findings).toEqual([]);
    expect(assessCompliance([...GOOD, ...SHELL].join("\n")).findings).toHaveLength(6);
  });
});

const markdownLine = fc.oneof(
  fc.constantFrom(
    "",
    "# a",
    "### b",
    "- c",
    "  * d",
    "```",
    "```sh",
    "~~~",
    "| e |",
    "| --- |",
    "> [!f]",
    "<!--",
    "-->",
  ),
  fc.string({ unit: fc.constantFrom(..."#-*|`~<>[]! \t!a1\u00e9\u{1f600}") }),
);
const document = fc.array(markdownLine);

describe("any document", () => {
  it("has a score from 0 to 100, and at most 25 warnings, one a finding", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          document.map((lines) => lines.join("\n")),
        ),
        (content) => {
          const { score, warnings, findings } = assessCompliance(content);
          expect(score).toBe(Math.max(0, 100 - 10 * findings.length));
          expect(warnings).toHaveLength(findings.length);
          expect(findings.length).toBeLessThanOrEqual(25);
          const last = content.split(/\r\n|\n|\r/).length;
          for (const { line = 1 } of findings) expect(line >= 1 && line <= last).toBe(true);
        },
      ),
    );
  });

  it("is judged alike with line ends of every kind", () => {
    fc.assert(
      fc.property(document, (lines) => {
        const judged = assessCompliance(lines.join("\n"));
        expect(assessCompliance(lines.join("\r\n"))).toEqual(judged);
        expect(assessCompliance(lines.join("\r"))).toEqual(judged);
      }),
    );
  });

  it("is judged alike whatever stands between its fences", () => {
    const rules = ["heading-levels", "one-title", "list-markers", "table-divider", "alerts"];
    const judged = (lines: readonly string[]) => {
      const { findings } = assessCompliance([...GOOD, ...lines].join("\n"));
      return findings.filter(({ rule }) => rules.includes(rule)).map(({ rule, line }) => `${rule} ${line}`);
    };
    const noFence = markdownLine.filter((line) => !line.trim().startsWith("```"));
    // Few findings, so that the 25 are never reached.
    const block = fc.array(noFence, { minLength: 3, maxLength: 3 });
    const indent = fc.constantFrom("", "  ", "    ", "\t");
    const around = fc.array(noFence, { maxLength: 6 });
    fc.assert(
      fc.property(around, indent, block, block, around, (before, by, one, other, after) => {
        const between = (lines: readonly string[]) => [...before, `${by}\`\`\`sh`, ...lines, "```", ...after];
        expect(judged(between(one))).toEqual(judged(between(other)));
      }),
    );
  });
});
