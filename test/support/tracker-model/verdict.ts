import type { TrackerBody } from "../tracker-api.ts";
import type { Asked } from "./asked.ts";
import { changed, isLive, type ModelRecord, type Picture } from "./picture.ts";
import type { Rows } from "./rows.ts";

/** Nothing changes. */
export interface Refused {
  isRefused: true;
  status: number;
  code: string;
  says?: (body: TrackerBody) => void;
}

/** It is done, all of it or nothing. */
export interface Done {
  isRefused: false;
  status: number;
  /** @param rows the records as they are stored afterwards: what the system has chosen freely stands there */
  after: (rows: Rows) => Picture;
  /** What else may have become of it where a call to AWS has failed. */
  orElse?: (rows: Rows) => Picture;
  says?: (body: TrackerBody, after: Picture) => void;
}

export type Verdict = Refused | Done;

export function refused(status: number, code: string, says?: Refused["says"]): Refused {
  return { isRefused: true, status, code, ...(says && { says }) };
}

/** It is done, and the picture afterwards is known beforehand. */
export function done(after: Picture, status = 200, says?: Done["says"]): Done {
  return { isRefused: false, status, after: () => after, ...(says && { says }) };
}

/** A change of the one record that is asked about. */
export function changes(picture: Picture, { id }: Asked, fields: Partial<ModelRecord>, leavesNote = true): Done {
  return done(changed(picture, id, fields, leavesNote));
}

/** What a caller believes of a record and what is not so. */
export function unmet(record: ModelRecord, { ifMatch, fence, expectedVersion }: Asked): Refused | undefined {
  if (fence !== undefined && fence !== record.fence) return refused(409, "STALE_FENCE");
  if (expectedVersion !== undefined && expectedVersion !== record.version) return refused(409, "VERSION_CONFLICT");
  const isMet = ifMatch === undefined || ifMatch === "*" || ifMatch.includes(record.version);
  return isMet ? undefined : refused(412, "VERSION_CONFLICT");
}

/** Whether somebody else holds the record. People pass, agents have to say who they are or bring the newest fence. */
export function locked(record: ModelRecord, { asker, fence }: Asked, now: number): Refused | undefined {
  if (!isLive(record, now)) return undefined;
  const mayPass = asker.session_id
    ? asker.session_id === record.session?.holder
    : asker.write_source === undefined || fence !== undefined;
  return mayPass ? undefined : refused(409, "CONFLICT");
}
