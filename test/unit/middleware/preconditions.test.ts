import { normalizeEvent } from "@enceladus/middleware/http-event";
import { conditionHeaders, demandPrecondition, readPreconditions } from "@enceladus/middleware/preconditions";
import { DomainError } from "@enceladus/shared/errors";
import type { Preconditions } from "@enceladus/shared/preconditions";
import { afterEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";

const request = (headers: Record<string, string>) => normalizeEvent({ headers });
const read = (headers: Record<string, string>, body: Record<string, unknown> = {}) =>
  readPreconditions(request(headers), body);
const ifMatch = (header: string) => read({ "If-Match": header }).ifMatch;
const fence = (header: string | undefined, inBody?: unknown) =>
  read(header === undefined ? {} : { "X-Lease-Fence": header }, inBody === undefined ? {} : { fence: inBody }).fence;

/** Whatever is read is read, or refused as the caller's mistake. */
function readOrRefused(headers: Record<string, string>, body: Record<string, unknown>): Preconditions | undefined {
  try {
    return read(headers, body);
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    expect((error as DomainError).code).toBe("INVALID_INPUT");
    return undefined;
  }
}

describe("a change that depends on nothing", () => {
  it("has no preconditions", () => {
    expect(read({})).toEqual({});
    expect(read({}, { fence: null })).toEqual({});
  });
});

describe("If-Match", () => {
  it.each<[string, readonly string[] | "*"]>([
    ['"7"', ["7"]],
    ['"h-0123456789abcdef"', ["h-0123456789abcdef"]],
    ['"6", "7"', ["6", "7"]],
    [' "6"\t,"7" ', ["6", "7"]],
    ['"6",, "7",', ["6", "7"]],
    ['"a,b"', ["a,b"]],
    ['""', [""]],
    ["*", "*"],
    [" * ", "*"],
    ['"*"', ["*"]],
  ])("%s is %j", (header, tags) => {
    expect(ifMatch(header)).toEqual(tags);
  });

  it("leaves weak tags out: they match nothing", () => {
    expect(ifMatch('W/"7"')).toEqual([]);
    expect(ifMatch('W/"6", "7"')).toEqual(["7"]);
  });

  it.each([
    "",
    " ",
    ",",
    "7",
    '"7',
    '7"',
    '"6" "7"',
    '"6";"7"',
    '*, "7"',
    '"7", *',
    'w/"7"',
    "W/7",
    '"a b"',
    '"é"',
    '"a"b',
  ])("%j is refused, and the refusal says how it should look", (header) => {
    expect(() => ifMatch(header)).toThrow('entity tags in double quotes, such as "7", or *');
  });

  it("has at most 50 tags and 1,000 characters", () => {
    const tags = (count: number) => Array.from({ length: count }, (_, number) => `"${number}"`).join(",");
    expect(ifMatch(tags(50))).toHaveLength(50);
    expect(() => ifMatch(tags(51))).toThrow("at most 50");
    expect(ifMatch(`"${"x".repeat(998)}"`)).toHaveLength(1);
    expect(() => ifMatch(`"${"x".repeat(999)}"`)).toThrow();
  });

  it("gives back the tags that were listed, whatever they are", () => {
    const character = fc.constantFrom(..."!#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~");
    const tag = fc.string({ unit: character, maxLength: 15 });
    fc.assert(
      fc.property(fc.array(tag, { minLength: 1, maxLength: 50 }), fc.constantFrom(",", ", ", " ,\t"), (tags, comma) => {
        expect(ifMatch(tags.map((value) => `"${value}"`).join(comma))).toEqual(tags);
      }),
    );
  });
});

describe("the fence", () => {
  it("is in the header or in the body, or in both where they agree", () => {
    expect(fence("7")).toBe(7);
    expect(fence(undefined, 7)).toBe(7);
    expect(fence("7", 7)).toBe(7);
    expect(fence("0", 0)).toBe(0);
    expect(fence(String(Number.MAX_SAFE_INTEGER))).toBe(Number.MAX_SAFE_INTEGER);
  });

  it("is not guessed where header and body differ", () => {
    expect(() => fence("7", 8)).toThrow("differ");
  });

  it.each(["", "-1", "+1", "1.0", "1e3", "0x1", "07", "7,7", "many", "9007199254740993", "9".repeat(400)])(
    "is refused in the header as %j",
    (header) => {
      expect(() => fence(header)).toThrow("whole number");
    },
  );

  it.each([-1, 1.5, "7", true, [], {}, 2 ** 53, Number.NaN])("is refused in the body as %j", (value) => {
    expect(() => fence(undefined, value)).toThrow(/number/);
    expect(() => fence("7", value)).toThrow(/number/);
  });
});

describe("any preconditions at all", () => {
  it("are read or refused, never a failure", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.string({ unit: fc.constantFrom(...'"*,W/ \t7a') }),
    );
    fc.assert(
      fc.property(text, text, fc.oneof(fc.anything(), fc.integer()), (match, fenceHeader, fenceField) => {
        const found = readOrRefused({ "If-Match": match, "X-Lease-Fence": fenceHeader }, { fence: fenceField });
        if (found) expect(Number.isSafeInteger(found.fence)).toBe(true);
        readOrRefused({ "If-Match": match }, {});
        readOrRefused({}, { fence: fenceField });
      }),
      { numRuns: 2_000 },
    );
  });

  it("are read in a moment, however they are made", () => {
    const started = performance.now();
    for (const part of [" ", ",", '"', '" ', "W/", 'W/"', '"a" ', "\t,"]) {
      for (const length of [990, 500_000]) {
        readOrRefused({ "If-Match": part.repeat(length / part.length), "X-Lease-Fence": "0".repeat(length) }, {});
      }
    }
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe("the headers that belong to what was asked", () => {
  it("are the conditions, as they were sent", () => {
    const sent = {
      "If-Match": '"7"',
      "X-Lease-Fence": " 3",
      "If-None-Match": '"1"',
      Origin: "https://app.example.com",
    };
    expect(conditionHeaders(request(sent))).toEqual({ "if-match": '"7"', "x-lease-fence": " 3" });
    expect(conditionHeaders(request({}))).toEqual({});
  });
});

describe("strict concurrency", () => {
  const demand = (preconditions: Preconditions, body: Record<string, unknown> = {}) => {
    demandPrecondition(preconditions, body);
    return "accepted";
  };

  afterEach(() => {
    delete process.env.STRICT_CONCURRENCY;
  });

  it.each([undefined, "", "false"])("is off where the stage says %j", (setting) => {
    if (setting !== undefined) process.env.STRICT_CONCURRENCY = setting;
    expect(demand({})).toBe("accepted");
  });

  it("takes If-Match, also one that will not match, or an expected version", () => {
    process.env.STRICT_CONCURRENCY = "true";
    expect(demand({ ifMatch: ["7"] })).toBe("accepted");
    expect(demand({ ifMatch: [] })).toBe("accepted");
    expect(demand({ ifMatch: "*" })).toBe("accepted");
    expect(demand({}, { expected_version: 0 })).toBe("accepted");
  });

  it.each([{}, { expected_version: null }, { expected_version: "7" }, { expected_version: 1.5 }])(
    "demands one of them of a write with %j, and says what to do",
    (body) => {
      process.env.STRICT_CONCURRENCY = "true";
      expect(() => demand({ fence: 3 }, body)).toThrow(
        expect.objectContaining({
          code: "PRECONDITION_REQUIRED",
          details: { next_action: expect.stringContaining("If-Match") },
        }),
      );
    },
  );
});
