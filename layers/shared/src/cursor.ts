import { createHash } from "node:crypto";
import { invalidInput } from "./errors.ts";

/** What a cursor points at: the key of the last item delivered, plain JSON. */
export type CursorPosition = Record<string, string | number>;

function fingerprint(scope: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(scope) ?? "")
    .digest("base64url")
    .slice(0, 12);
}

/**
 * An opaque cursor. It only continues the list it came from: `scope` (project, filters) is bound in by its hash.
 * @param position where the next page starts
 * @param scope what was asked for; any JSON value, or nothing
 */
export function encodeCursor(position: CursorPosition, scope: unknown): string {
  return Buffer.from(JSON.stringify({ s: fingerprint(scope), p: position })).toString("base64url");
}

function isPosition(value: unknown): value is CursorPosition {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((part) => typeof part === "string" || typeof part === "number")
  );
}

/**
 * The position in a cursor that `encodeCursor` made for the same scope.
 * @throws DomainError INVALID_INPUT for a cursor that was altered or belongs to another list
 */
export function decodeCursor(cursor: string, scope: unknown): CursorPosition {
  let decoded: { s?: unknown; p?: unknown };
  try {
    decoded = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    throw invalidInput("Invalid pagination cursor.");
  }
  if (decoded?.s !== fingerprint(scope) || !isPosition(decoded.p)) throw invalidInput("Invalid pagination cursor.");
  return decoded.p;
}
