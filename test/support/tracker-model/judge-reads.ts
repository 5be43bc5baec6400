import { expect } from "@jest/globals";
import type { TrackerBody } from "../tracker-api.ts";
import type { Asked } from "./asked.ts";
import { isOver, MODEL_TYPES } from "./lifecycle.ts";
import { allBlockers, isLive, type ModelRecord, type Picture, readyRecords } from "./picture.ts";
import { done, refused, type Verdict } from "./verdict.ts";

interface Reason {
  code: string;
  holder?: { session_id: string };
  blockers?: { record_id: string }[];
}

function reasonsOf(picture: Picture, record: ModelRecord): string[] {
  const blockers = allBlockers(picture, record.id);
  return [
    ...(isOver(record.status) ? ["CLOSED"] : []),
    ...(isLive(record, picture.now) ? [`LEASED ${record.session?.holder}`] : []),
    ...(blockers.length > 0 ? [`BLOCKED ${blockers.join(" ")}`] : []),
  ];
}

function inWords({ code, holder, blockers }: Reason): string {
  const who = blockers?.map(({ record_id }) => record_id).sort() ?? holder?.session_id;
  return who === undefined ? code : `${code} ${[who].flat().join(" ")}`;
}

function judgeRecordRead(picture: Picture, record: ModelRecord, { what }: Asked): Verdict {
  const says: Record<string, (body: TrackerBody) => void> = {
    read: ({ record: { status, sync_version, fence, history } }) =>
      expect([status, sync_version, fence ?? 0, history.length]).toEqual([
        record.status,
        record.version,
        record.fence,
        record.notes,
      ]),
    explain: ({ ready, reasons }) => {
      const why = reasonsOf(picture, record);
      expect([ready, (reasons as Reason[]).map(inWords)]).toEqual([why.length === 0, why]);
    },
    history: ({ entries, next_cursor }) => {
      const numbers = (entries as { seq: number }[]).map(({ seq }) => seq);
      const newest = Array.from({ length: Math.min(100, record.version) }, (_, index) => record.version - index);
      expect([numbers, next_cursor === undefined]).toEqual([newest, record.version <= 100]);
    },
  };
  return done(picture, 200, says[what]);
}

/** What is read is what the model has. */
export function judgeRead(picture: Picture, asked: Asked): Verdict {
  const idsIn = ({ records }: TrackerBody) => records.map(({ item_id }) => item_id);
  if (asked.what === "ready") {
    const ready = readyRecords(picture, MODEL_TYPES).map(({ id }) => id);
    return done(picture, 200, (body) => expect(idsIn(body)).toEqual(ready));
  }
  if (asked.what === "list") {
    const all = [...picture.records.keys()].sort();
    return done(picture, 200, (body) =>
      expect(
        idsIn(body)
          .filter((id) => id !== picture.project)
          .sort(),
      ).toEqual(all),
    );
  }
  const record = picture.records.get(asked.id);
  return record ? judgeRecordRead(picture, record, asked) : refused(404, "NOT_FOUND");
}
