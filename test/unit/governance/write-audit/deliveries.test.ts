import { describe, expect, it } from "@jest/globals";
import { deliveriesOf } from "../../../../functions/governance-audit/deliveries.ts";

const record = (eventID?: string) => ({
  ...(eventID !== undefined && { eventID }),
  eventName: "INSERT",
  dynamodb: { NewImage: { title: { S: "x" } }, SequenceNumber: "7" },
});
const message = (body: unknown) => ({
  eventSource: "aws:sqs",
  messageId: "M-1",
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const write = { eventId: "e-1", eventName: "INSERT", before: undefined, after: { title: "x" } };

describe("the writes that an event tells of", () => {
  it("are a stream's records, each by its sequence number", () => {
    const event = { Records: [{ eventSource: "aws:dynamodb", ...record("e-1") }] };
    expect(deliveriesOf(event)).toStrictEqual([{ id: "7", source: "tracker-writes", writes: [write] }]);
  });

  it("are the records in messages, one or a list, by the message", () => {
    const event = { Records: [message(record("e-1")), message([record("e-1"), null, "x", record("e-1")])] };
    expect(deliveriesOf(event)).toStrictEqual([
      { id: "M-1", source: "tracker-writes-queue", writes: [write] },
      { id: "M-1", source: "tracker-writes-queue", writes: [write, write] },
    ]);
  });

  it.each([{ other: 1 }, "5", "null", '"text"', []])("are none in a message of something else: %j", (body) => {
    expect(deliveriesOf({ Records: [message(body)] })).toMatchObject([{ writes: [] }]);
  });

  it.each(["", "{", "no JSON"])("cannot be read in a message that is no JSON: %j", (body) => {
    expect(deliveriesOf({ Records: [message(body)] })).toMatchObject([{ id: "M-1", writes: undefined }]);
  });

  it.each([
    {},
    { Records: [] },
    { Records: "x" },
    { Records: [null] },
    { Records: [{ eventSource: "aws:s3" }] },
    { Records: [{ dynamodb: {} }] },
  ])("are none in events of others: %j", (event) => {
    expect(deliveriesOf(event)).toStrictEqual([]);
  });

  it("are the same ones where they have no id and the same content", () => {
    const other = { ...record(), eventName: "MODIFY" };
    const ids = [record(), record(), other].map(
      (body) => deliveriesOf({ Records: [message(body)] })[0]?.writes?.[0]?.eventId,
    );
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
  });
});

it("an image is read with numbers as text, and without what is no attribute", () => {
  const NewImage = {
    s: { S: "ü" },
    n: { N: "12345678901234567890" },
    b: { BOOL: false },
    z: { NULL: true },
    m: { M: { l: { L: [{ N: "1" }, { SS: ["a", "b"] }] } } },
    wrong: { S: 5 },
    strange: { Q: "x" },
    none: "x",
  };
  const event = { Records: [{ eventSource: "aws:dynamodb", eventName: "INSERT", dynamodb: { NewImage } }] };
  expect(deliveriesOf(event)[0]?.writes?.[0]?.after).toStrictEqual({
    s: "ü",
    n: "12345678901234567890",
    b: false,
    z: null,
    m: { l: ["1", ["a", "b"]] },
    wrong: undefined,
    strange: undefined,
    none: undefined,
  });
});
