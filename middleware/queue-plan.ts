import type { SQSRecord } from "aws-lambda";
import type * as z from "zod";

/** Tells which messages of a batch belong together. */
export type GroupBy<Message> = (message: Message) => string;

/** Messages that are worked on together, the oldest first; there is always one. */
export type Messages<Message> = readonly [Message, ...Message[]];

/** Messages of a batch that stand or fall together, or one that cannot be read. */
export interface QueuePart<Message> {
  records: readonly [SQSRecord, ...SQSRecord[]];
  content: { messages: Messages<Message> } | { unreadable: string };
  /** The part that has to be done before this one, since a FIFO queue keeps the two in order. */
  after: QueuePart<Message> | undefined;
}

type Content<Message> = { message: Message } | { unreadable: string };

/** Tells what is wrong without repeating what the body says: it may hold secrets, and this goes into the log. */
function read<Schema extends z.ZodType>(body: string, schema: Schema): Content<z.output<Schema>> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { unreadable: `${body.length} characters that are no JSON` };
  }
  const { success, data, error } = schema.safeParse(value);
  if (success) return { message: data };
  return { unreadable: error.issues.map(({ path, code }) => `${path.join(".") || "body"}: ${code}`).join("; ") };
}

/** The group that a FIFO queue keeps in order. A queue of the other kind may have groups too, but keeps no order. */
function orderedGroup({ eventSourceARN, attributes }: SQSRecord): string | undefined {
  return eventSourceARN.endsWith(".fifo") ? attributes.MessageGroupId : undefined;
}

/**
 * Divides a batch into what is worked on together, in the order of the first message of each part. Messages of two groups
 * of a FIFO queue are never worked on together.
 * @param groupBy without it each message is a part of its own
 */
export function planDelivery<Schema extends z.ZodType>(
  records: readonly SQSRecord[],
  schema: Schema,
  groupBy?: GroupBy<z.output<Schema>>,
): QueuePart<z.output<Schema>>[] {
  const parts = new Map<string | symbol, QueuePart<z.output<Schema>>>();
  const latestOf = new Map<string, QueuePart<z.output<Schema>>>();
  for (const record of records) {
    const group = orderedGroup(record);
    const content = read(record.body, schema);
    const isJoinable = "message" in content && groupBy !== undefined;
    const key = isJoinable ? JSON.stringify([group, groupBy(content.message)]) : Symbol();
    const known = parts.get(key);
    if (known && "message" in content && "messages" in known.content) {
      known.records = [...known.records, record];
      known.content = { messages: [...known.content.messages, content.message] };
      continue;
    }
    const part: QueuePart<z.output<Schema>> = {
      records: [record],
      content: "message" in content ? { messages: [content.message] } : content,
      after: group === undefined ? undefined : latestOf.get(group),
    };
    parts.set(key, part);
    // What can never be read holds up nobody: the messages behind it would be put aside with it, as often as they came.
    if (group !== undefined && "message" in content) latestOf.set(group, part);
  }
  return [...parts.values()];
}
