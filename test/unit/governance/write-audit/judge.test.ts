import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { auditRules, judge, violationOf } from "../../../../domain/governance/index.ts";
import { deliveriesOf } from "../../../../functions/governance-audit/deliveries.ts";

const STRICT = auditRules({ AUDIT_STALE_DETECTION: "true" });
const MILD = auditRules({});

/** A stream record with typed attributes, as a write of the function. */
function writeOf(eventName: string, NewImage?: unknown, OldImage?: unknown) {
  const record = { eventID: "e-1", eventSource: "aws:dynamodb", eventName, dynamodb: { NewImage, OldImage } };
  const write = deliveriesOf({ Records: [record] })[0]?.writes?.[0];
  if (!write) throw new Error("the record was not read");
  return write;
}

const S = (text: string) => ({ S: text });
const image = (write_source?: unknown, more: object = {}) => ({
  project_id: S("moon"),
  record_type: S("task"),
  item_id: S("MON-TSK-001"),
  ...(write_source !== undefined && { write_source }),
  ...more,
});
const stamp = (more: object = {}) => ({
  M: { channel: S("mutation_api"), timestamp: S("2026-01-05T10:00:00Z"), ...more },
});

function verdictOn(...write: Parameters<typeof writeOf>): string {
  const verdict = judge(writeOf(...write), MILD);
  return typeof verdict === "string" ? verdict : verdict.type;
}

describe("a write is clean", () => {
  it.each([
    "mcp_server",
    "tracker_cli",
    "mutation_api",
    "feed_publisher",
    "coordination_api",
    "deploy_finalize",
    "project_service",
    "bedrock_agent_actions",
    "github_integration",
  ])("by the channel %s, in a map or as a text", (channel) => {
    expect(verdictOn("INSERT", image({ M: { channel: S(channel) } }))).toBe("clean");
    expect(verdictOn("MODIFY", image(S(channel)))).toBe("clean");
  });

  it.each(["reference", "counter", "idempotency", "history_chunk", "outbox"])(
    "on a row of the kind %s, which the system keeps for itself",
    (kind) => {
      expect(verdictOn("INSERT", image(undefined, { record_type: S(kind) }))).toBe("clean");
    },
  );

  it("by the channels that the environment names, and by no others then", () => {
    const rules = auditRules({ KNOWN_WRITE_CHANNELS: " robot, , backup " });
    expect(judge(writeOf("INSERT", image(S("robot"))), rules)).toBe("clean");
    expect(judge(writeOf("INSERT", image(S("mutation_api"))), rules)).toMatchObject({ type: "UNKNOWN_CHANNEL" });
  });
});

describe("a write is not judged", () => {
  it.each([
    ["a removal", "REMOVE", image()],
    ["no name of an event", "", image()],
    ["no image", "INSERT", undefined],
    ["an image that is none", "MODIFY", "text"],
  ])("%s", (_, eventName, after) => {
    expect(verdictOn(eventName, after)).toBe("not judged");
  });
});

describe("a write is an anomaly", () => {
  it.each([
    ["no write source", undefined, "MISSING_WRITE_SOURCE"],
    ["a NULL for it", { NULL: true }, "MISSING_WRITE_SOURCE"],
    ["an empty text for it", S(""), "EMPTY_WRITE_SOURCE"],
    ["an empty map", { M: {} }, "EMPTY_WRITE_SOURCE"],
    ["a channel NULL", { M: { channel: { NULL: true } } }, "EMPTY_WRITE_SOURCE"],
    ["an empty channel", { M: { channel: S("") } }, "EMPTY_WRITE_SOURCE"],
    ["a strange channel", { M: { channel: S("console") } }, "UNKNOWN_CHANNEL"],
    ["a known channel in other letters", { M: { channel: S("Mutation_API") } }, "UNKNOWN_CHANNEL"],
    ["a known channel with a space", { M: { channel: S("mutation_api ") } }, "UNKNOWN_CHANNEL"],
    ["a strange text", S("console"), "UNKNOWN_CHANNEL"],
    ["a channel that is a map", { M: { channel: { M: { channel: S("mutation_api") } } } }, "UNKNOWN_CHANNEL"],
    ["a channel that is a list", { M: { channel: { L: [S("mutation_api")] } } }, "UNKNOWN_CHANNEL"],
    ["a channel that is a number", { M: { channel: { N: "5" } } }, "UNKNOWN_CHANNEL"],
    ["a write source that is a list", { L: [S("mutation_api")] }, "UNKNOWN_CHANNEL"],
    ["a write source that is a number", { N: "0" }, "UNKNOWN_CHANNEL"],
    ["a write source that is a truth", { BOOL: false }, "UNKNOWN_CHANNEL"],
  ])("with %s", (_, source, type) => {
    expect(verdictOn("INSERT", image(source))).toBe(type);
  });

  it("on a row of no type or of an unheard-of one", () => {
    expect(verdictOn("INSERT", { project_id: S("moon") })).toBe("MISSING_WRITE_SOURCE");
    expect(verdictOn("INSERT", image(undefined, { record_type: { L: [S("counter")] } }))).toBe("MISSING_WRITE_SOURCE");
  });

  it("and the message quotes the channel", () => {
    const write = writeOf("MODIFY", image({ M: { channel: { M: { a: { N: "1" } } } } }));
    const anomaly = judge(write, MILD);
    if (typeof anomaly === "string") throw new Error(anomaly);
    expect(violationOf(write, anomaly, 0).details.message).toBe(
      `MON-TSK-001 in project moon was changed by a write that came by the unknown channel "{"a":"1"}".`,
    );
  });
});

describe("a change under an older stamp", () => {
  const id = { write_id: S("W1") };
  const later = { updated_at: S("2026-01-05T10:00:01Z") };

  it("is an anomaly where stamps have ids, or where the time of the row changed", () => {
    const byId = writeOf("MODIFY", image(stamp(id), { title: S("b") }), image(stamp(id), { title: S("a") }));
    expect(judge(byId, STRICT)).toMatchObject({ type: "STALE_WRITE_SOURCE", channel: "mutation_api" });
    const byTime = writeOf("MODIFY", image(stamp(), later), image(stamp()));
    expect(judge(byTime, STRICT)).toMatchObject({ type: "STALE_WRITE_SOURCE" });
  });

  it("is none where that cannot be told, where the stamp is new, and where it is not looked for", () => {
    const untold = writeOf("MODIFY", image(stamp(), { title: S("b") }), image(stamp()));
    expect(judge(untold, STRICT)).toBe("clean");
    const restamped = writeOf("MODIFY", image(stamp({ write_id: S("W2") })), image(stamp(id)));
    expect(judge(restamped, STRICT)).toBe("clean");
    const stale = [image(stamp(id), later), image(stamp(id))] as const;
    expect(judge(writeOf("MODIFY", ...stale), MILD)).toBe("clean");
    expect(judge(writeOf("INSERT", ...stale), STRICT)).toBe("clean");
    expect(judge(writeOf("MODIFY", stale[0]), STRICT)).toBe("clean");
  });
});

describe("whatever a row holds", () => {
  const type = fc.constantFrom("S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "X", "__proto__");
  const anything = fc.anything({ maxDepth: 1, maxKeys: 3 });
  const { attribute } = fc.letrec((tie) => ({
    attribute: fc.oneof(
      { maxDepth: 5 },
      fc.dictionary(type, anything, { maxKeys: 2 }),
      fc.record({ S: fc.string({ unit: "binary" }) }),
      fc.record({ M: fc.dictionary(fc.oneof(fc.constant("channel"), fc.string()), tie("attribute"), { maxKeys: 3 }) }),
      fc.record({ L: fc.array(tie("attribute"), { maxLength: 3 }) }),
      anything,
    ),
  }));
  const names = fc.constantFrom("write_source", "record_type", "item_id", "record_id", "project_id", "updated_at", "x");
  const images = fc.oneof(fc.dictionary(names, attribute), anything);

  it("it is judged, and an anomaly is kept in short texts", () => {
    fc.assert(
      fc.property(fc.constantFrom("INSERT", "MODIFY", "REMOVE"), images, images, (eventName, after, before) => {
        const write = writeOf(eventName, after, before);
        const verdict = judge(write, STRICT);
        if (typeof verdict === "string") return;
        const { details, project_id, principal, provider } = violationOf(write, verdict, Date.now());
        const longest = Math.max(...[project_id, principal, provider, details.record_id].map(({ length }) => length));
        expect([longest < 260, JSON.stringify(details).length < 60_000]).toStrictEqual([true, true]);
      }),
      { numRuns: 200 },
    );
  });

  it("however deep it nests", () => {
    const depth = 20_000;
    const nested = JSON.parse(`${'{"L":['.repeat(depth)}{"S":"x"}${"]}".repeat(depth)}`) as unknown;
    expect(verdictOn("INSERT", image(nested))).toBe("UNKNOWN_CHANNEL");
  });
});
