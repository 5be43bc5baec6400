import { invalidInput, notFound } from "@enceladus/shared/errors";
import type * as z from "zod";

interface FieldProblem {
  field: string;
  message: string;
}

function problems(error: z.ZodError): FieldProblem[] {
  return error.issues.map((issue) => ({ field: issue.path.join("."), message: issue.message }));
}

/**
 * The value as the schema reads it.
 * @throws DomainError INVALID_INPUT that names every field at fault, in the order of the schema
 */
export function validated(schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return {};
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = problems(result.error);
  const message = fields.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join("; ");
  throw invalidInput(message, { fields });
}

/**
 * The path parameters as the schema reads them. A path that does not fit leads nowhere.
 * @throws DomainError NOT_FOUND
 */
export function validatedParams(schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return {};
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw notFound("No route matched.");
}
