/** A record as the API lists it; attributes that nobody here looks at are kept as they are. */
export type ListedRecord = Readonly<Record<string, unknown>> & {
  item_id: string;
  record_type: string;
  title: string;
  status: string;
};

/** How records are called in an export, by item id: as they were called where they came from, else by their id. */
export type Names = ReadonlyMap<string, string>;

export function namesOf(records: readonly ListedRecord[]): Names {
  return new Map(
    records.map(({ item_id, external_id }) => [item_id, typeof external_id === "string" ? external_id : item_id]),
  );
}

/** The name of a record; one that is not in the export keeps its id. */
export function nameOf(names: Names, itemId: string): string {
  return names.get(itemId) ?? itemId;
}
