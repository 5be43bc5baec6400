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

const INTEGER = /^[+-]?\d{1,100}$/;

/**
 * The query parameter `limit` of a list that refuses none: anything but a whole number is like none, and what is out of
 * bounds becomes the bound.
 * @param otherwise the page of a caller who does not say
 * @param most the largest page
 */
export function clampedLimit(otherwise: number, most: number) {
  return z
    .string()
    .optional()
    .transform((text) => {
      const limit = text !== undefined && INTEGER.test(text.trim()) ? Number(text) : otherwise;
      return Math.min(Math.max(limit, 1), most);
    })
    .meta({ description: `Default ${otherwise}, at most ${most}` });
}
