import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Format, readIssueFile } from "../../../scripts/import/issue-file.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "enceladus-import-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(name: string, text: string, format?: Format) {
  const path = join(folder, name);
  await writeFile(path, text);
  return readIssueFile(path, format);
}

describe("the format of a file", () => {
  it.each([
    ["beads.jsonl", '{"id":"a","title":"x","status":"open"}', "beads"],
    ["beads.json", '[{"id":"a","issue_type":"bug"}]', "beads"],
    ["export.jsonl", '{"external_id":"a","type":"task"}', "jsonl"],
    ["github.json", '[{"number":1,"state":"open"}]', "github"],
    ["github.jsonl", '{"number":1,"state":"open"}\n', "github"],
    ["table.csv", "id,title\n1,One\n", "csv"],
    ["table.txt", "id,title\n1,One\n", "csv"],
  ])("of %s is told by what is in it", async (name, text, format) => {
    expect((await read(name, text)).format).toBe(format);
  });

  it("is what the caller says", async () => {
    expect((await read("odd.jsonl", '{"id":"a"}', "beads")).format).toBe("beads");
  });

  it("must be said where it cannot be told", async () => {
    await expect(read("odd.jsonl", '{"key":"a"}')).rejects.toThrow("Say it with --format beads|jsonl|github|csv");
  });
});

describe("the rows of a file", () => {
  it("know their lines; blank ones and a byte order mark do not count", async () => {
    const { rows } = await read("a.jsonl", '\uFEFF{"external_id":"a","type":"task"}\r\n\r\n{"external_id":"b"}\n');
    expect(rows).toEqual([
      { place: "line 1", value: { external_id: "a", type: "task" } },
      { place: "line 3", value: { external_id: "b" } },
    ]);
  });

  it("may stand below what npm says about itself", async () => {
    const said = "\n> enceladus@0.1.0 export\n> node scripts/export.ts --project demo\n\n";
    const { format, rows } = await read("a.jsonl", `${said}{"external_id":"a","type":"task"}\n`);
    expect([format, rows]).toEqual(["jsonl", [{ place: "line 5", value: { external_id: "a", type: "task" } }]]);
  });

  it("of a table may span lines; names of columns have no capitals", async () => {
    const { rows } = await read("a.csv", 'ID,Title,Body\n1,"One, two","a\nb"\n');
    expect(rows.map(({ value }) => value)).toEqual([{ id: "1", title: "One, two", body: "a\nb" }]);
  });

  it.each([
    ["broken.jsonl", '{"external_id":"a","type":"task"}\n{oops\n', "broken.jsonl, line 2: this is not JSON"],
    ["number.jsonl", '{"external_id":"a","type":"task"}\n7\n', "number.jsonl, line 2: an object is wanted, this is 7"],
    ["broken.json", "[{", "broken.json: this is not JSON"],
    ["broken.csv", "id,title\n1\n", "broken.csv: this is not CSV"],
    ["empty.jsonl", " \n", "empty.jsonl is empty"],
    ["empty.json", "[]", "empty.json holds no issues"],
    ["header.csv", "id,title\n", "header.csv holds no issues"],
  ])("of %s are refused", async (name, text, message) => {
    await expect(read(name, text)).rejects.toThrow(message);
  });

  it("must be there", async () => {
    await expect(readIssueFile(join(folder, "nowhere"), undefined)).rejects.toThrow("There is no file");
    await expect(readIssueFile(folder, undefined)).rejects.toThrow("is a folder");
  });
});
