import type { Draft, Mapping } from "./mapping.ts";

const FIELDS = new Set([
  "external_id",
  "type",
  "title",
  "description",
  "status",
  "priority",
  "labels",
  "created_at",
  "updated_at",
  "closed_at",
  "close_reason",
  "parent",
  "dependencies",
  "attributes",
]);

/** A record in the tracker's own words, as an export writes it. */
export const fromJsonl: Mapping = (row, remarks): Draft => {
  for (const field of Object.keys(row)) {
    if (!FIELDS.has(field)) remarks.leftOut(`the field "${field}"`, String(row.external_id));
  }
  return Object.fromEntries(Object.entries(row).filter(([field]) => FIELDS.has(field)));
};
