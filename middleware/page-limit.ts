import * as z from "zod";

/**
 * The query parameter `limit` of a list.
 * @param most the largest page that a caller may ask for
 * @param message what is said of anything else
 */
export function pageLimit(most: number, message = `must be a number from 1 to ${most}`) {
  return z
    .string()
    .regex(new RegExp(`^\\d{1,${String(most).length}}$`), message)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= most, message)
    .optional();
}
