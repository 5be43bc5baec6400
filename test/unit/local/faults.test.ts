import { describe, expect, it } from "@jest/globals";
import { Fault, FaultList, type IncomingCall, isSubset } from "../../../scripts/local/wire/faults.ts";

let calls = 0;
function call(parts: Partial<IncomingCall> & { body?: unknown } = {}): IncomingCall {
  const { body = {}, ...rest } = parts;
  calls += 1;
  return {
    service: "dynamodb",
    operation: "PutItem",
    function: "f",
    invocation: `${calls}`,
    request: () => body,
    ...rest,
  };
}

function listWith(...faults: object[]): FaultList {
  const list = new FaultList();
  for (const fault of faults) list.add(Fault.parse(fault));
  return list;
}

/** Which of the calls in a row the fault happens to. */
const happenings = (list: FaultList, row: IncomingCall[]) => row.map((one) => list.take(one) !== undefined);

describe("which calls a fault happens to", () => {
  it("happens once unless it says how often", () => {
    expect(happenings(listWith({ service: "dynamodb", error: "X" }), [call(), call()])).toEqual([true, false]);
    expect(happenings(listWith({ service: "dynamodb", error: "X", times: 2 }), [call(), call(), call()])).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("lets the first ones pass that it is told to skip", () => {
    const list = listWith({ service: "dynamodb", error: "X", skip: 2 });
    expect(happenings(list, [call(), call(), call(), call()])).toEqual([false, false, true, false]);
  });

  it("leaves other services and operations alone, and does not count them", () => {
    const list = listWith({ service: "dynamodb", operation: "PutItem", error: "X", skip: 1 });
    const row = [call({ service: "s3" }), call({ operation: "GetItem" }), call(), call()];
    expect(happenings(list, row)).toEqual([false, false, false, true]);
  });

  it("looks into the request by a part of it or by a text in it", () => {
    const body = { TableName: "rooms", Item: { id: { S: "1" } }, More: [1, { a: 2 }] };
    expect(
      listWith({ service: "dynamodb", match: { Item: { id: { S: "1" } } }, error: "X" }).take(call({ body })),
    ).toBeDefined();
    expect(
      listWith({ service: "dynamodb", match: { Item: { id: { S: "2" } } }, error: "X" }).take(call({ body })),
    ).toBeUndefined();
    expect(listWith({ service: "dynamodb", match: '"rooms"', error: "X" }).take(call({ body }))).toBeDefined();
    expect(listWith({ service: "dynamodb", match: "cellar", error: "X" }).take(call({ body }))).toBeUndefined();
  });

  it("takes the oldest of several that fit", () => {
    const list = listWith({ service: "dynamodb", error: "First" }, { service: "dynamodb", error: "Second" });
    expect([list.take(call())?.error, list.take(call())?.error]).toEqual(["First", "Second"]);
  });

  it("forgets all when it is cleared", () => {
    const list = listWith({ service: "dynamodb", error: "X" });
    list.clear();
    expect(list.take(call())).toBeUndefined();
  });
});

describe("what a fault must say", () => {
  it.each([
    [{ service: "dynamodb" }, /one of error, dropAnswer, delayMs and build/],
    [{ service: "post", error: "X" }, /service|Invalid option/],
    [{ service: "s3", error: "X", times: 0 }, /times|>=1/],
    [{ service: "s3", error: "<script>" }, /error/],
    [{ service: "s3", error: "X", dropAnswer: true }, /exclude each other/],
    [{ service: "s3", error: "X", often: 1 }, /often/],
  ])("refuses %j", (fault, reason) => {
    const { error } = Fault.safeParse(fault);
    expect(JSON.stringify(error?.issues)).toMatch(reason);
  });
});

describe("a part of a request", () => {
  it.each([
    [{}, { a: 1 }, true],
    [{ a: { b: 1 } }, { a: { b: 1, c: 2 } }, true],
    [{ a: undefined }, {}, true],
    [{ a: 1 }, {}, false],
    [[1], [1, 2], true],
    [[2], [1, 2], false],
    [{}, [], false],
    [{ a: 1 }, null, false],
  ])("%j in %j: %s", (pattern, value, expected) => {
    expect(isSubset(pattern, value)).toBe(expected);
  });
});

describe("how a build goes", () => {
  const start = (parts: Parameters<typeof call>[0] = {}) =>
    call({ service: "codebuild", operation: "StartBuild", ...parts });

  it("is a success after three seconds where only a part is said", () => {
    expect(listWith({ service: "codebuild", build: {} }).takeBuild(start())).toEqual({
      status: "SUCCEEDED",
      afterMs: 3_000,
      event: "once",
    });
  });

  it("is for the next build and no call; several wait in a row", () => {
    const list = listWith(
      { service: "codebuild", build: { status: "FAILED" } },
      { service: "codebuild", build: { event: "lost" }, times: 2 },
    );
    expect(list.take(start())).toBeUndefined();
    const taken = [1, 2, 3, 4].map(() => list.takeBuild(start()));
    expect(taken.map((outcome) => outcome && [outcome.status, outcome.event])).toEqual([
      ["FAILED", "once"],
      ["SUCCEEDED", "lost"],
      ["SUCCEEDED", "lost"],
      undefined,
    ]);
  });

  it("can be for the builds of one function, or of a request", () => {
    const list = listWith(
      { service: "codebuild", build: { status: "FAULT" }, function: "g" },
      { service: "codebuild", build: { status: "FAILED" }, match: "SPEC-2" },
    );
    expect(list.takeBuild(start({ body: { idempotencyToken: "SPEC-1" } }))).toBeUndefined();
    expect(list.takeBuild(start({ body: { idempotencyToken: "SPEC-2" } }))).toMatchObject({ status: "FAILED" });
    expect(list.takeBuild(start({ function: "g" }))).toMatchObject({ status: "FAULT" });
  });

  it("leaves what happens to the call to other faults", () => {
    const list = listWith(
      { service: "codebuild", build: { status: "FAILED" } },
      { service: "codebuild", operation: "StartBuild", dropAnswer: true },
    );
    expect(list.take(start())).toMatchObject({ dropAnswer: true });
    expect(list.takeBuild(start())).toMatchObject({ status: "FAILED" });
  });

  it.each([
    ["of another service", { service: "s3", build: {} }],
    ["of no service", { build: {} }],
    ["of another operation", { service: "codebuild", operation: "StopBuild", build: {} }],
    ["with an error", { service: "codebuild", error: "X", build: {} }],
    ["in a status that no build ends in", { service: "codebuild", build: { status: "IN_PROGRESS" } }],
    ["after hours", { service: "codebuild", build: { afterMs: 900_001 } }],
    ["with an unknown field", { service: "codebuild", build: { phase: "BUILD" } }],
  ])("is refused %s", (_, fault) => {
    expect(Fault.safeParse(fault).success).toBe(false);
  });
});
