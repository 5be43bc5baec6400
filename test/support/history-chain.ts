import { createHash } from "node:crypto";

/** An entry as it is stored; what it has besides is covered by its hash too. */
interface Chained {
  seq: number;
  prev_hash: string;
  hash: string;
}

/** Canonical JSON (RFC 8785) as an auditor would write it: keys in the order of their UTF-16 units, no white space. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  const sorted = entries.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${sorted.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(",")}}`;
}

/**
 * The number of the first entry of a chain that does not fit: its number, its link to the entry before it or its own
 * hash is wrong; undefined when all fit. Written apart from the code that makes chains.
 */
export function firstBreak(entries: readonly Chained[]): number | undefined {
  let previous = "0".repeat(64);
  for (const [index, { hash, ...rest }] of entries.entries()) {
    const fits =
      rest.seq === index + 1 &&
      rest.prev_hash === previous &&
      createHash("sha256").update(canonical(rest)).digest("hex") === hash;
    if (!fits) return index + 1;
    previous = hash;
  }
  return undefined;
}
