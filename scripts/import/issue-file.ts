import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { parse } from "csv-parse/sync";
import { UserError } from "../api/user-error.ts";

/** One issue of a file as it stands there. */
export interface Row {
  /** Where it stands, for messages: `line 12`. */
  place: string;
  value: Readonly<Record<string, unknown>>;
}

export const FORMATS = ["beads", "jsonl", "github", "csv"] as const;
export type Format = (typeof FORMATS)[number];

export interface IssueFile {
  name: string;
  format: Format;
  rows: Row[];
}

/** `npm run export > FILE` begins with what npm says about itself; lines keep their numbers. */
const SAID_BY_NPM = /^(?:\s*\n|> .*\n)+/;

async function textOf(path: string): Promise<string> {
  try {
    const text = (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
    return text.replace(SAID_BY_NPM, (lines) => lines.replaceAll(/[^\n]+/g, ""));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new UserError(`There is no file ${path}.`);
    if (code === "EISDIR") throw new UserError(`${path} is a folder; a file is wanted.`);
    throw new UserError(`${path} cannot be read (${(error as Error).message}).`);
  }
}

function asRow(name: string, place: string, value: unknown): Row {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UserError(`${name}, ${place}: an object is wanted, this is ${JSON.stringify(value).slice(0, 60)}.`);
  }
  return { place, value: value as Row["value"] };
}

function linesOf(name: string, text: string): Row[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const place = `line ${index + 1}`;
    try {
      return [asRow(name, place, JSON.parse(line))];
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw new UserError(`${name}, ${place}: this is not JSON (${(error as Error).message}).`);
    }
  });
}

function arrayOf(name: string, text: string): Row[] {
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${name}: this is not JSON (${(error as Error).message}).`);
  }
  return (values as unknown[]).map((value, index) => asRow(name, `entry ${index + 1}`, value));
}

function csvOf(name: string, text: string): Row[] {
  try {
    const rows: { record: Record<string, string>; info: { lines: number } }[] = parse(text, {
      columns: (header: string[]) => header.map((column) => column.trim().toLowerCase()),
      skip_empty_lines: true,
      info: true,
    });
    return rows.map(({ record, info }) => ({ place: `the row that ends on line ${info.lines}`, value: record }));
  } catch (error) {
    throw new UserError(`${name}: this is not CSV (${(error as Error).message}).`);
  }
}

/** What the keys of an issue tell about where it comes from. */
function formatOf({ value }: Row): Format | undefined {
  const has = (...keys: string[]) => keys.every((key) => key in value);
  if (has("external_id", "type")) return "jsonl";
  if (has("number", "state")) return "github";
  if (has("issue_type") || has("id", "title", "status")) return "beads";
  return undefined;
}

function jsonFormat(name: string, rows: readonly Row[]): Format {
  const [first] = rows;
  if (!first) throw new UserError(`${name} holds no issues.`);
  const format = formatOf(first);
  if (!format) {
    throw new UserError(
      `It cannot be told from ${name} what kind of issues it holds (${first.place} has the keys ` +
        `${Object.keys(first.value).slice(0, 8).join(", ")}). Say it with --format ${FORMATS.join("|")}.`,
    );
  }
  return format;
}

/**
 * Reads a file of issues, whole.
 * @param wanted the format; undefined: told by the file's ending and by what is in it
 * @throws UserError that names the line at fault
 */
export async function readIssueFile(path: string, wanted: Format | undefined): Promise<IssueFile> {
  const text = await textOf(path);
  const name = basename(path);
  const begins = text.trimStart()[0];
  if (begins === undefined) throw new UserError(`${name} is empty.`);
  const isCsv = wanted === "csv" || (wanted === undefined && (/\.csv$/i.test(name) || !["{", "["].includes(begins)));
  if (isCsv) {
    const rows = csvOf(name, text);
    if (rows.length === 0) throw new UserError(`${name} holds no issues.`);
    return { name, format: "csv", rows };
  }
  const rows = begins === "[" ? arrayOf(name, text) : linesOf(name, text);
  return { name, format: wanted ?? jsonFormat(name, rows), rows };
}
