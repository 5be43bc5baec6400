import { mkdirSync, writeFileSync } from "node:fs";
import { arch, cpus, platform } from "node:os";
import { join } from "node:path";

/** A measured value, and the bar that it must not pass, if there is one. */
export interface Figure {
  value: number;
  /** How many digits behind the point mean anything. */
  digits: number;
  atMost?: number;
}

/** One line of the table: figures by the heading of their column, or a word. */
export interface Row {
  name: string;
  cells: Readonly<Record<string, Figure | string>>;
  /** What is behind the figures, for the JSON file only. */
  details?: unknown;
}

export interface Part {
  title: string;
  rows: readonly Row[];
}

function isFigure(cell: Figure | string | undefined): cell is Figure {
  return typeof cell === "object";
}

export function isAbove({ value, atMost }: Figure): boolean {
  return atMost !== undefined && !(value <= atMost);
}

/** Every figure above its bar, in words. */
export function above(parts: readonly Part[]): string[] {
  return parts.flatMap(({ title, rows }) =>
    rows.flatMap(({ name, cells }) =>
      Object.entries(cells)
        .filter((entry): entry is [string, Figure] => isFigure(entry[1]) && isAbove(entry[1]))
        .map(
          ([heading, { value, digits, atMost }]) =>
            `${title}, ${name}, ${heading}: ${value.toFixed(digits)} > ${atMost}`,
        ),
    ),
  );
}

function cellText(cell: Figure | string | undefined): string {
  if (!isFigure(cell)) return cell ?? "";
  const value = cell.value.toFixed(cell.digits);
  if (cell.atMost === undefined) return value;
  return `${value} <= ${cell.atMost} ${isAbove(cell) ? "ABOVE" : "ok   "}`;
}

/** A part as an aligned table. */
export function tableOf({ title, rows }: Part): string {
  const headings = [...new Set(rows.flatMap(({ cells }) => Object.keys(cells)))];
  const lines = [
    ["", ...headings],
    ...rows.map(({ name, cells }) => [name, ...headings.map((h) => cellText(cells[h]))]),
  ];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  const aligned = lines.map((line) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  return [title, ...aligned].join("\n");
}

/**
 * Writes what was measured as JSON, for comparisons over time.
 * @returns the file
 */
export function writeResults(directory: string, parts: readonly Part[], options: object, at = new Date()): string {
  const machine = { cpu: cpus()[0]?.model ?? "?", cpus: cpus().length, platform: platform(), arch: arch() };
  const file = join(directory, `${at.toISOString().slice(0, 19).replaceAll(":", "-")}.json`);
  mkdirSync(directory, { recursive: true });
  const results = { at: at.toISOString(), node: process.version, machine, options, above: above(parts), parts };
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
  return file;
}
