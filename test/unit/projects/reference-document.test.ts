import { describe, expect, it } from "@jest/globals";
import { referenceDocument, referenceRow } from "../../../domain/projects/reference-document.ts";

const at = "2026-01-02T03:04:05Z";
const lines = referenceDocument("alpha", at).split("\n");

describe("the reference document of a new project", () => {
  it("has the project's name in its one heading of the first level", () => {
    expect(lines.filter((line) => line.startsWith("# "))).toEqual(["# alpha: reference document"]);
  });

  it("has numbered sections", () => {
    const sections = lines.filter((line) => line.startsWith("## "));
    expect(sections).toEqual([
      "## 1. Executive summary",
      "## 2. Overview",
      "## 3. Architecture",
      "## 4. Conventions",
      "## 5. Update log",
    ]);
  });

  it("has its creation as the first row of the update log", () => {
    expect(lines).toContain(`| ${at} | Created the reference document of alpha |`);
  });

  it("has every placeholder filled in", () => {
    expect(lines.join("\n")).not.toContain("$");
    expect(referenceDocument("a-$&-b", at)).toContain("a-$&-b");
  });
});

it("lies where its row says", () => {
  expect(referenceRow("alpha", at, { bucket: "assets", prefix: "mobile/v1/reference" })).toMatchObject({
    record_id: "reference#alpha",
    s3_bucket: "assets",
    s3_key: "mobile/v1/reference/alpha.md",
  });
});
