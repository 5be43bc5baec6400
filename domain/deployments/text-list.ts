import * as z from "zod";

/**
 * A list of texts. A wrong list has one fault, however many of its entries are wrong.
 * @param most entries
 * @param longest characters of one of them, in UTF-16 units
 */
export function textList(most: number, longest = Number.POSITIVE_INFINITY) {
  const bound = Number.isFinite(longest) ? ` of at most ${longest} characters` : "";
  return z
    .array(z.unknown(), "must be a list of strings")
    .max(most, `must have at most ${most} entries`)
    .refine(
      (entries) => entries.every((entry) => typeof entry === "string" && entry.length <= longest),
      `must be a list of strings${bound}`,
    )
    .transform((entries) => entries as string[])
    .meta({ items: { type: "string" } });
}

/** The entries without spaces around them, each once, without blank ones. */
export function withoutBlanks(entries: readonly string[]): string[] {
  return [...new Set(entries.map((entry) => entry.trim()).filter((entry) => entry !== ""))];
}
