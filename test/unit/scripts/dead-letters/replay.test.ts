import { describe, expect, it } from "@jest/globals";
import type { Letter } from "../../../../scripts/dead-letters/letter.ts";
import { type Replay, type ReplayBox, type ReplayOptions, replay } from "../../../../scripts/dead-letters/replay.ts";

const letter = (id: string, groupId?: string): Letter => ({
  id,
  receiptHandle: id,
  body: id,
  attributes: {},
  sentAt: new Date(0),
  groupId,
  trouble: undefined,
  back: { to: "nowhere", because: "" },
});

/** A queue in memory, as far as a replay can see it; what real queues do is tested with those. */
function boxOf(letters: Letter[], atOnce = 10) {
  const waiting = [...letters];
  const removed: string[] = [];
  const givenBack: string[] = [];
  const box: ReplayBox = {
    take: async (most) => waiting.splice(0, Math.min(most, atOnce)),
    hold: async () => undefined,
    remove: async ({ id }) => void removed.push(id),
    giveBack: async (kept) => void givenBack.push(...kept.map(({ id }) => id)),
  };
  return { box, removed, givenBack };
}

const ids = (letters: readonly Letter[]) => letters.map(({ id }) => id);
const told = ({ replayed, failed, waiting }: Replay) => ({
  replayed: ids(replayed),
  failed: failed.map(({ letter: { id }, because }) => `${id}: ${because}`),
  waiting: ids(waiting),
});
const all: ReplayOptions = { most: 100, lookAtMost: 100 };
const failsFor =
  (...bad: string[]) =>
  async ({ id }: Letter) => {
    if (bad.includes(id)) throw new Error("refused");
  };

describe("a replay", () => {
  it("removes what was accepted and gives back what was not", async () => {
    const { box, removed, givenBack } = boxOf(["a", "b", "c"].map((id) => letter(id)));
    const outcome = await replay(box, failsFor("b"), all);
    expect(told(outcome)).toStrictEqual({ replayed: ["a", "c"], failed: ["b: refused"], waiting: [] });
    expect([removed, givenBack]).toStrictEqual([["a", "c"], ["b"]]);
  });

  it("lets nothing overtake a failed message of its group, and gives the group back in its order", async () => {
    const { box, givenBack } = boxOf([letter("a1", "A"), letter("b1", "B"), letter("a2", "A"), letter("a3", "A")], 2);
    const outcome = await replay(box, failsFor("a1"), all);
    expect(told(outcome)).toStrictEqual({ replayed: ["b1"], failed: ["a1: refused"], waiting: ["a2", "a3"] });
    expect(givenBack).toStrictEqual(["a1", "a2", "a3"]);
  });

  it("tries so many as were asked for, and gives the others back", async () => {
    const { box, removed, givenBack } = boxOf(["a", "b", "c", "d"].map((id) => letter(id)));
    await replay(box, failsFor("a"), { ...all, most: 2 });
    expect([removed, givenBack]).toStrictEqual([["b"], ["a", "c", "d"]]);
  });

  it("looks for those that were named, and no further when it has them", async () => {
    const { box, removed, givenBack } = boxOf(
      ["a", "b", "c", "d"].map((id) => letter(id)),
      1,
    );
    await replay(box, failsFor(), { ...all, ids: new Set(["b"]) });
    expect([removed, givenBack]).toStrictEqual([["b"], ["a"]]);
  });

  it("does not run after what comes back while it runs", async () => {
    let n = 0;
    const endless: ReplayBox = { ...boxOf([]).box, take: async () => [letter(`letter-${n++}`)] };
    const { replayed } = await replay(endless, failsFor(), { most: 100, lookAtMost: 3 });
    expect(replayed).toHaveLength(3);
  });

  it("stops after the letter in hand, and gives the rest back", async () => {
    const { box, removed, givenBack } = boxOf(["a", "b", "c"].map((id) => letter(id)));
    const stop = new AbortController();
    await replay(box, async () => stop.abort(), { ...all, signal: stop.signal });
    expect([removed, givenBack]).toStrictEqual([["a"], ["b", "c"]]);
  });

  it("says of a letter that was sent but could not be removed that it is there twice", async () => {
    const { box } = boxOf([letter("a")]);
    const broken: ReplayBox = { ...box, remove: async () => Promise.reject(new Error("throttled")) };
    const { failed } = await replay(broken, failsFor(), all);
    expect(failed[0]?.because).toBe("it was sent back, but could not be removed here: throttled");
  });

  it("does not send what somebody else has taken meanwhile", async () => {
    const { box } = boxOf([letter("a")]);
    const taken: ReplayBox = { ...box, hold: async () => Promise.reject(new Error("not in flight")) };
    const sent: string[] = [];
    const { failed } = await replay(taken, async ({ id }) => void sent.push(id), all);
    expect([sent, failed.length]).toStrictEqual([[], 1]);
  });
});
