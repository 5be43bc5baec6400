/** The percent-decoded text, or the text itself where the encoding is broken: a bad cookie is never a crash. */
function decodeLeniently(text: string): string {
  // A token has nothing to decode, and looking for that is quicker than decoding a kilobyte.
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function* pairs(lines: readonly string[]): Generator<[name: string, value: string]> {
  for (const line of lines) {
    for (const part of line.split(";")) {
      const separator = part.indexOf("=");
      if (separator > 0) yield [part.slice(0, separator).trim(), part.slice(separator + 1).trim()];
    }
  }
}

/**
 * The value of a cookie, percent-decoded: the first non-empty one of exactly this name, Cookie headers before the
 * event's cookie field.
 * @param lines header lines and entries, each may hold several `name=value` parts
 */
export function cookieValue(lines: readonly string[], name: string): string | undefined {
  for (const [found, value] of pairs(lines)) {
    if (found === name && value !== "") return decodeLeniently(value);
  }
  return undefined;
}

/** The names of all cookies, for a log that must not hold their values. */
export function cookieNames(lines: readonly string[]): string[] {
  return [...new Set([...pairs(lines)].map(([name]) => name))];
}
