import { describe, expect, it } from "@jest/globals";
import { acceptEntry, type PutEventsEntry, readEntries } from "../../../scripts/local/event-bus/put-events.ts";

const place = { buses: new Set(["default", "enceladus"]), account: "000000000000", region: "us-east-1" };
const entry = (overrides: PutEventsEntry = {}): PutEventsEntry => ({
  Source: "enceladus.tracker",
  DetailType: "record.created",
  Detail: '{"id":"A-1"}',
  EventBusName: "enceladus",
  ...overrides,
});

describe("a PutEvents request", () => {
  it.each([
    ["without entries", {}, "ValidationException"],
    ["with an empty list", { Entries: [] }, "ValidationException"],
    ["with eleven entries", { Entries: Array.from({ length: 11 }, () => entry()) }, "ValidationException"],
    ["that is no object", [], "ValidationException"],
    ["with a number for text", { Entries: [{ ...entry(), Source: 5 }] }, "SerializationException"],
    ["with text for entries", { Entries: "x" }, "SerializationException"],
  ])("%s is refused as a whole", (_, body, type) => {
    expect(() => readEntries(body)).toThrow(expect.objectContaining({ type }));
  });

  it("may hold 1 MB in all, counted as AWS counts", () => {
    const overhead = Buffer.byteLength("enceladus.tracker" + "record.created" + '{"a":""}');
    const body = (extra: number) => ({
      Entries: [entry({ Detail: `{"a":"${"x".repeat(1_048_576 - overhead + extra)}"}` })],
    });
    expect(readEntries(body(0))).toHaveLength(1);
    expect(() => readEntries(body(1))).toThrow("Total size of the entries in the request is over the limit.");
    expect(() => readEntries({ Entries: [{ ...body(0).Entries[0], Time: 1 }] })).toThrow("over the limit");
  });
});

describe("an entry", () => {
  it("becomes the envelope that targets receive", () => {
    const { result, event } = acceptEntry(entry({ Resources: ["arn:x"], Time: 1_700_000_000 }), place);
    expect(event).toEqual({
      bus: "enceladus",
      envelope: {
        version: "0",
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        "detail-type": "record.created",
        source: "enceladus.tracker",
        account: "000000000000",
        time: "2023-11-14T22:13:20Z",
        region: "us-east-1",
        resources: ["arn:x"],
        detail: { id: "A-1" },
      },
    });
    expect(result).toEqual({ EventId: event?.envelope.id });
  });

  it("goes to the default bus without a name, and may name the bus by its ARN", () => {
    const { EventBusName: _, ...nameless } = entry();
    expect(acceptEntry(nameless, place).event?.bus).toBe("default");
    const arn = "arn:aws:events:us-east-1:000000000000:event-bus/enceladus";
    expect(acceptEntry(entry({ EventBusName: arn }), place).event?.bus).toBe("enceladus");
  });

  it.each([
    ["without a source", { Source: "" }, "InvalidArgument", "Source is a required argument"],
    ["without a detail type", { DetailType: "" }, "InvalidArgument", "DetailType is a required argument"],
    ["without a detail", { Detail: "" }, "InvalidArgument", "Detail is a required argument"],
    ["with a detail that is no JSON", { Detail: "{" }, "MalformedDetail", "Detail is malformed."],
    ["with a detail that is no object", { Detail: "[1]" }, "MalformedDetail", "Detail is malformed."],
    ["from AWS itself", { Source: "aws.codebuild" }, "NotAuthorizedForSourceException", "Not authorized"],
    ["for a bus that is not there", { EventBusName: "x" }, "ResourceNotFoundException", "x does not exist"],
  ])("%s is refused alone", (_, overrides, code, message) => {
    const { result, event } = acceptEntry(entry(overrides), place);
    expect(result).toEqual({ ErrorCode: code, ErrorMessage: expect.stringContaining(message) });
    expect(event).toBeUndefined();
  });
});
