import { type DomainError, invalidInput } from "@enceladus/shared/errors";
import type { RE2JS } from "re2js";
import type { Pattern, Span } from "./pattern.ts";
import { writtenOutSize } from "./regex-size.ts";

/** Parts that a pattern may have with its repetitions written out. */
const MAX_SIZE = 2_000;

function refusal(field: string, message: string): DomainError {
  return invalidInput(`${field}: ${message}`, { fields: [{ field, message }] });
}

/**
 * A regular expression of a caller's, in the syntax of RE2: it is matched in linear time, so it has neither
 * look-around nor references back.
 * @param field which field of the request it came in
 * @throws DomainError INVALID_INPUT that names the field where it is no such expression, or too large a one
 */
async function compiled(field: string, pattern: string, isCaseSensitive: boolean): Promise<RE2JS> {
  if (writtenOutSize(pattern) > MAX_SIZE) {
    throw refusal(field, "the pattern is too large once its repetitions are written out");
  }
  // Loaded at the first pattern: most searches are for a text as it is.
  const { RE2JS, RE2JSSyntaxException, RE2JSException } = await import("re2js");
  try {
    return RE2JS.compile(pattern, isCaseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const reason = error instanceof RE2JSSyntaxException ? error.getDescription() : "not supported";
    throw refusal(field, `not a regular expression of RE2 (${reason})`);
  }
}

/** A regular expression to be found in each line by itself. @throws DomainError INVALID_INPUT as `compiled` has it */
export async function regexPattern(field: string, pattern: string, isCaseSensitive: boolean): Promise<Pattern> {
  const regex = await compiled(field, pattern, isCaseSensitive);
  return {
    isIn: (text, start, end) => regex.test(text.slice(start, end)),
    spansIn: (text, start, end, most) => {
      const matcher = regex.matcher(text.slice(start, end));
      const spans: Span[] = [];
      while (spans.length < most && matcher.find()) spans.push([matcher.start(), matcher.end()]);
      return spans;
    },
  };
}

/**
 * A regular expression, in any case, to be found anywhere in a heading.
 * @throws DomainError INVALID_INPUT as `compiled` has it
 */
export async function headingFilter(field: string, pattern: string): Promise<(heading: string) => boolean> {
  const regex = await compiled(field, pattern, false);
  return (heading) => regex.test(heading);
}
