import { gunzipSync, gzipSync } from "node:zlib";
import type { Contribution, PostingPlace } from "./contribution.ts";
import type { Entry } from "./entry.ts";
import type { Status } from "./posting.ts";

/** An entry as its row keeps it: what is long is compressed, 5,000 terms to some 40 KB. */
export interface EntryRow {
  document_id: string;
  revision: number;
  version: number;
  analysis: number;
  held?: Uint8Array | undefined;
  in_doubt?: Uint8Array | undefined;
  left_out?: number | undefined;
  gone_until?: number | undefined;
  /** When the database forgets the row: never while it is of use. */
  expires_at?: number | undefined;
}

type PackedTerm = [term: string, inTitle: number, inBody: number];
type PackedPlace = [projectId: string, status: Status, term: string];

interface Packed {
  projectId: string;
  status: Status;
  length: number;
  terms: PackedTerm[];
}

function pack(value: Packed | PackedPlace[]): Uint8Array {
  return gzipSync(JSON.stringify(value));
}

function unpack<Value>(bytes: Uint8Array): Value {
  return JSON.parse(gunzipSync(bytes).toString("utf8")) as Value;
}

function packedContribution({ projectId, status, length, terms }: Contribution): Uint8Array {
  const list = [...terms].map(([term, { inTitle, inBody }]): PackedTerm => [term, inTitle, inBody]);
  return pack({ projectId, status, length, terms: list });
}

/** The attributes of an entry's row, but for its key. */
export function rowOfEntry(entry: Entry): EntryRow {
  const { documentId, revision, version, analysis, held, inDoubt, goneUntil } = entry;
  const places = inDoubt.map(({ projectId, status, term }): PackedPlace => [projectId, status, term]);
  return {
    document_id: documentId,
    revision,
    version,
    analysis,
    held: held && packedContribution(held),
    in_doubt: places.length > 0 ? pack(places) : undefined,
    left_out: held?.leftOut || undefined,
    gone_until: goneUntil,
    expires_at: places.length === 0 ? goneUntil : undefined,
  };
}

/** The entry in a row. */
export function entryOfRow(row: EntryRow): Entry {
  const { document_id, revision, version, analysis, left_out, gone_until } = row;
  const held = row.held && unpack<Packed>(row.held);
  const places = row.in_doubt ? unpack<PackedPlace[]>(row.in_doubt) : [];
  return {
    documentId: document_id,
    revision,
    version,
    analysis,
    held: held && {
      ...held,
      terms: new Map(held.terms.map(([term, inTitle, inBody]) => [term, { inTitle, inBody }])),
      leftOut: left_out ?? 0,
    },
    inDoubt: places.map(([projectId, status, term]): PostingPlace => ({ projectId, status, term })),
    goneUntil: gone_until,
  };
}
