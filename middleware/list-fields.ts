import * as z from "zod";

const NAME = "[a-z][a-z0-9_]{0,63}";
const MOST = 50;
const LIST = new RegExp(`^${NAME}(?:,${NAME}){0,${MOST - 1}}$`);

/**
 * The query parameter `fields` of a list: which fields of each entry are shown, at most 50 of them. Names that no entry
 * has are no mistake. Undefined stands for all.
 * @param always what is shown in any case, for the documentation
 */
export function listFields(always: string) {
  return z
    .string()
    .regex(LIST, `must be a comma list of at most ${MOST} names of fields, such as title,status`)
    .transform((list): readonly string[] => list.split(","))
    .optional()
    .meta({ description: `Comma list: only these fields of each entry, and always ${always}` });
}

/**
 * An entry of a list with the fields that were asked for, in its own order; what it does not have is left out.
 * @param fields undefined for all of them
 * @param always the fields that are shown in any case
 */
export function withFields<Entry extends object, Always extends keyof Entry & string>(
  entry: Entry,
  fields: readonly string[] | undefined,
  always: readonly Always[],
): Pick<Entry, Always> & Partial<Entry> {
  if (!fields) return entry;
  const wanted = new Set<string>([...always, ...fields]);
  const shown = Object.entries(entry).filter(([name]) => wanted.has(name));
  return Object.fromEntries(shown) as Pick<Entry, Always> & Partial<Entry>;
}
