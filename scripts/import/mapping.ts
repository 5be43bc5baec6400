import type { ImportRecord } from "../../domain/tracker/import-format.ts";
import { LIMITS } from "../../domain/tracker/text.ts";
import type { Row } from "./issue-file.ts";
import type { Remarks } from "./remarks.ts";

/** An issue in the words of the tracker; whether it holds up is checked later. */
export type Draft = { [Field in keyof ImportRecord]?: unknown };

/** Brings an issue of one format into the words of the tracker; undefined for one that is none. */
export type Mapping = (row: Row["value"], remarks: Remarks) => Draft | undefined;

export function textOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function objectsOf(value: unknown): Record<string, unknown>[] {
  return listOf(value).filter((entry): entry is Record<string, unknown> => typeof entry === "object" && entry !== null);
}

/** Without the fields that have no value. */
export function compact(fields: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== "");
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}

/** The labels that fit. */
export function labelsOf(values: readonly unknown[], id: string, remarks: Remarks): string[] {
  const texts = values.flatMap((value) => textOf(value)?.trim() ?? []);
  const short = texts.filter((label) => {
    const fits = [...label].length <= LIMITS.label;
    if (!fits) remarks.leftOut(`labels of more than ${LIMITS.label} characters`, id);
    return fits;
  });
  const unique = [...new Set(short)];
  if (unique.length > LIMITS.labels) remarks.leftOut(`labels beyond the first ${LIMITS.labels}`, id);
  return unique.slice(0, LIMITS.labels);
}

/** `P0` to `P4` from a number, `p1`, or a word. */
export function priorityOf(value: unknown): string | undefined {
  const text = textOf(value)?.trim().toLowerCase() ?? "";
  const level = /^p?([0-4])$/.exec(text)?.[1];
  if (level) return `P${level}`;
  return { critical: "P0", highest: "P0", urgent: "P0", high: "P1", medium: "P2", low: "P3", lowest: "P4" }[text];
}

/** The kind of record that a word for a kind of issue means. */
export function typeOf(word: string): ImportRecord["type"] {
  const plain = word.trim().toLowerCase();
  if (["bug", "issue", "defect", "incident"].includes(plain)) return "issue";
  return ["feature", "epic", "story", "enhancement"].includes(plain) ? "feature" : "task";
}
