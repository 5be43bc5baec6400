import type { Letter } from "./letter.ts";
import { type LetterBox, lettersOf } from "./letter-box.ts";
import { masked, maskedBody } from "./mask.ts";
import type { Clients } from "./place.ts";
import { wayInWords } from "./resend.ts";
import { recordsOf } from "./stream-records.ts";

/** How long letters are hidden from others while somebody looks at them: a look must not end before it has seen all. */
export const SHOW_HIDES_SECONDS = 30;

/** A letter as a person may see it. */
export interface ShownLetter {
  id: string;
  sent_at: string;
  group?: string;
  trouble?: string;
  goes_back: string;
  body: unknown;
  /** What its range of the stream holds, or why that cannot be told. */
  records?: unknown;
}

async function streamRecords({ back }: Letter, { streams, region }: Clients): Promise<unknown> {
  if (back.to !== "stream") return undefined;
  try {
    return (await recordsOf(streams, back, region)).map(({ event }) => masked(event));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function shown(letter: Letter, clients: Clients): Promise<ShownLetter> {
  const { id, sentAt, groupId, trouble, back, body } = letter;
  const records = await streamRecords(letter, clients);
  return {
    id,
    sent_at: sentAt.toISOString(),
    ...(groupId !== undefined && { group: groupId }),
    ...(trouble !== undefined && { trouble: String(masked(trouble)) }),
    goes_back: wayInWords(back),
    body: maskedBody(body),
    ...(records !== undefined && { records }),
  };
}

/**
 * The letters of a queue, which stay in it. Of a group of a FIFO queue only the first can be seen, ten at most: the queue
 * gives nothing of a group that it has given something of.
 */
export async function lookInto(box: LetterBox, most: number, clients: Clients): Promise<ShownLetter[]> {
  const seen: Letter[] = [];
  try {
    for await (const letters of lettersOf(box, most, SHOW_HIDES_SECONDS)) seen.push(...letters);
  } finally {
    await box.giveBack(seen);
  }
  const all: ShownLetter[] = [];
  for (const letter of seen) all.push(await shown(letter, clients));
  return all;
}

function indented(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value, undefined, 2);
  return text.replaceAll(/^/gm, "  ");
}

/** A letter in lines. */
export function letterText({ id, sent_at, group, trouble, goes_back, body, records }: ShownLetter): string {
  return [
    `${id}  sent ${sent_at}${group === undefined ? "" : `  group ${group}`}`,
    ...(trouble === undefined ? [] : [`  trouble: ${trouble}`]),
    `  goes back ${goes_back}`,
    indented(body),
    ...(records === undefined ? [] : ["  records:", indented(records)]),
  ].join("\n");
}
