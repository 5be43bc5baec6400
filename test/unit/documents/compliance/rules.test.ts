import { describe, expect, it } from "@jest/globals";
import { assessCompliance } from "../../../../domain/documents/compliance/assess.ts";

/** What a rule says of a document: the lines of its findings, 0 where the whole document is meant. */
function linesOf(rule: string, ...lines: string[]): number[] {
  const { findings } = assessCompliance(lines.join("\n"));
  return findings.filter((finding) => finding.rule === rule).map(({ line = 0 }) => line);
}

describe("title", () => {
  const title = (...lines: string[]) =>
    assessCompliance(lines.join("\n"))
      .findings.filter(({ rule }) => rule === "title")
      .map(({ line, message }) => `${line ?? 0} ${/empty|not indented|an id/.exec(message)?.[0]}`);

  it.each([
    "# ENC-TSK-001 Text",
    "# ENC-ISS-1000 Text",
    "# ENC-FTR-123-0A Text",
    "#\tDOC-0A1B2C\tText",
    "# DOC-0A1B2C3D4E5F Text",
  ])("takes %j", (line) => {
    expect(title("", " ", line)).toEqual([]);
  });

  it.each(["", "\n\r\n \t"])("misses it in a document without text, %j", (content) => {
    expect(title(content)).toEqual(["0 empty"]);
  });

  it.each(["Text", " # ENC-TSK-001 Text", "## ENC-TSK-001 Text", "#ENC-TSK-001 Text", "# ", "```"])(
    "takes %j for no title",
    (line) => {
      expect(title("", line)).toEqual(["2 not indented"]);
    },
  );

  it.each([
    "# Text",
    "# ENC-TSK-01 Text",
    "# ENC-TSK-001",
    "# ENC-TSK-001Text",
    "# ENC-TSK-001-AB Text",
    "# ENC-DOC-001 Text",
    "# enc-tsk-001 Text",
    "# DOC-ABCDE Text",
    "# DOC-abcdef Text",
  ])("misses an id in %j", (line) => {
    expect(title(line)).toEqual(["1 an id"]);
  });
});

describe("metadata", () => {
  const missing = (content: string) =>
    assessCompliance(content)
      .findings.filter(({ rule }) => rule === "metadata")
      .map(({ message }) => /\*\*\w+\*\*:/.exec(message)?.[0]);

  it("asks for four fields, in this order, of an empty document too", () => {
    expect(missing("")).toEqual(["**Project**:", "**Related**:", "**Created**:", "**Author**:"]);
    expect(missing("**Author**: a\n**Related**: b")).toEqual(["**Project**:", "**Created**:"]);
    expect(missing("x **Author**: **Related**: **Created**: **Project**:")).toEqual([]);
  });

  it("takes them as they are spelt only", () => {
    expect(missing("**Author:** a, **related**: b, ** Project**: c, **Created** : d")).toHaveLength(4);
  });

  it("looks at thirty lines", () => {
    expect(missing(`${"\n".repeat(29)}**Author**:`)).not.toContain("**Author**:");
    expect(missing(`${"\n".repeat(30)}**Author**:`)).toContain("**Author**:");
  });
});

describe("heading-levels", () => {
  const at = (...lines: string[]) => linesOf("heading-levels", ...lines);

  it("wants level 1 on the first line that is not blank, and nowhere else", () => {
    expect(at("", "# A", "# B", "text", "# C")).toEqual([3, 5]);
    expect(at("text", "# A")).toEqual([2]);
  });

  it("wants no level left out on the way down", () => {
    expect(at("# A", "### B", "#### C", "## D", "#### E")).toEqual([2, 5]);
    expect(at("# A", "## B", "### C", "#### D", "##### E", "###### F", "## G")).toEqual([]);
  });

  it("takes the first heading as it is", () => {
    expect(at("text", "### A", "#### B")).toEqual([]);
  });

  it("sees headings where there are some: not indented, with a blank and a text", () => {
    expect(at("# A", " ### B", "###C", "### ", "####### D", "\\### E")).toEqual([]);
    expect(at("# A", "###\tB ###")).toEqual([2]);
  });
});

describe("one-title", () => {
  it("is told once, at the second one", () => {
    expect(linesOf("one-title", "# A", "## B", "# C", "# D")).toEqual([3]);
    expect(linesOf("one-title", "text", "# A", "## B")).toEqual([]);
  });
});

describe("fence-language", () => {
  const at = (...lines: string[]) => linesOf("fence-language", ...lines);

  it("is asked of each opening fence", () => {
    expect(at("```", "```", "```sh", "```", "  ````  ", "```", "``` text", "```")).toEqual([1, 5]);
  });

  it("is not asked of what opens no block", () => {
    expect(at("``", "```a``` is text", "``` `", "text ```", "~~~", "~~~")).toEqual([]);
  });
});

describe("fence-closed", () => {
  const at = (...lines: string[]) => linesOf("fence-closed", ...lines);

  it("names where the last block begins", () => {
    expect(at("```a", "```", "", "```b", "text")).toEqual([4]);
    expect(at("```a", "text", "```")).toEqual([]);
  });

  it("takes any fence as the end of a block, whatever its length and what stands behind", () => {
    expect(at("````a", "```")).toEqual([]);
    expect(at("```a", "```b")).toEqual([]);
    expect(at("```a", "``` with ` in it")).toEqual([]);
    expect(at("````a", "```", "````")).toEqual([3]);
    expect(at("```a``` is text")).toEqual([]);
  });
});

describe("list-markers", () => {
  const at = (...lines: string[]) => linesOf("list-markers", ...lines);

  it("holds the first marker of each indent against the others", () => {
    expect(at("- a", "* b", "- c", "+ d")).toEqual([2, 4]);
    expect(at("- a", "  * b", "  - c", "- d", "  * e")).toEqual([3]);
    expect(at("- a", "\t* b", "    - c")).toEqual([3]);
  });

  it.each([[""], ["text"], ["1. ordered"], ["-"], ["- "], ["```sh", "```"], ["~~~", "~~~"]])(
    "begins anew behind %j",
    (...between) => {
      expect(at("- a", ...between, "* b")).toEqual([]);
    },
  );
});

describe("table-divider", () => {
  const at = (...lines: string[]) => linesOf("table-divider", ...lines);

  it("is looked for under the first row", () => {
    expect(at("| a | b |", "| c | d |", "| e | f |")).toEqual([1]);
    expect(at("| a | b |", "text")).toEqual([1]);
    expect(at("| a | b |", "", "text")).toEqual([1]);
    expect(at("| a |", "| --- |", "| b |", "", "| c |", "| d |")).toEqual([5]);
  });

  it.each(["|---|---|", "| --- | :---: |", ":---|---:", "  | ------ |  ", "---|"])("is %j", (divider) => {
    expect(at("| a | b |", divider)).toEqual([]);
  });

  it.each(["---", "|--|", "| :-: |", "|---||", "|", "||", "| -- - |", "| --- | b |"])("is not %j", (divider) => {
    expect(at("| a | b |", divider)).toEqual([1]);
  });

  it("is not missed where no line follows, or where the first row is one", () => {
    expect(at("| a | b |")).toEqual([]);
    expect(at("| --- |", "| a |")).toEqual([]);
    expect(at("| a", "b |", "|", "b")).toEqual([]);
  });
});

describe("alerts", () => {
  const at = (...lines: string[]) => linesOf("alerts", ...lines);

  it("are five words in capitals, alone on their line", () => {
    expect(at("> [!NOTE]", ">[!TIP]", " >  [!IMPORTANT]  ", "> [!WARNING]", "> [!CAUTION]")).toEqual([]);
  });

  it.each(["> [!note]", "> [!NOTICE]", "> [!NOTE] text", "[!NOTE]", "> text [!NOTE]", "> > [!TIP]", "see [!x"])(
    "are not %j",
    (line) => {
      expect(at(line)).toEqual([1]);
    },
  );

  it("are not looked for in badges", () => {
    expect(at("[![Build](a.svg)](b)", "array[!1]", "[! a]")).toEqual([]);
  });
});
