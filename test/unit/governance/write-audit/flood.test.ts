import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  admit,
  CALM,
  claimFlood,
  type FloodState,
  MOST_SINGLE_ALERTS,
  settleFlood,
  WINDOW_MS,
} from "../../../../domain/governance/write-audit/flood.ts";

/** Anomalies at these times, one after the other: the floods that they were held back for, if any. */
function admitted(times: readonly number[], state: FloodState = CALM) {
  let current = state;
  const floods = times.map((at) => {
    const { state: next, flood } = admit(current, `v${at}`, at);
    current = next;
    return flood;
  });
  return { state: current, floods };
}

const burst = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);

describe("single alerts", () => {
  it("are twenty of a burst; the rest is one flood, named by its first anomaly", () => {
    const { floods } = admitted(burst(25));
    expect(floods).toStrictEqual([...Array(20).fill(undefined), ...Array(5).fill("v20")]);
  });

  it("go on when anomalies come more slowly", () => {
    const { state } = admitted(burst(25));
    // The twenty newest are at 5 to 24.
    const held = admit(state, "still", WINDOW_MS + 4);
    expect(held.flood).toBe("v20");
    expect(admit(state, "again", WINDOW_MS + 5).flood).toBeUndefined();
  });

  it("are never more than twenty in any window, and nothing is held back that is not above it", () => {
    const steps = fc.array(fc.integer({ min: 1, max: WINDOW_MS / 8 }), { maxLength: 150 });
    fc.assert(
      fc.property(steps, (gaps) => {
        let now = 0;
        const times = gaps.map((gap) => (now += gap));
        const { floods } = admitted(times);
        const lately = (at: number) => (other: number) => other < at && other > at - WINDOW_MS;
        for (const [index, at] of times.entries()) {
          const isSingle = floods[index] === undefined;
          expect(isSingle).toBe(times.filter(lately(at)).length < MOST_SINGLE_ALERTS);
          const singles = times.filter((_, other) => floods[other] === undefined);
          if (isSingle) expect(singles.filter(lately(at)).length).toBeLessThan(MOST_SINGLE_ALERTS);
        }
      }),
    );
  });

  it("are decided once: an anomaly that comes again is not counted again", () => {
    const { state } = admitted(burst(25));
    for (const id of ["v10", "v24"]) {
      const again = admit(state, id, 1_000);
      expect(again.state).toBe(state);
      expect(again.flood).toBe(id === "v24" ? "v20" : undefined);
    }
  });
});

describe("a flood", () => {
  it("goes on while anomalies are held back, and is another one after a window without", () => {
    const { state } = admitted([...burst(21), ...burst(21, WINDOW_MS - 1)]);
    expect(state.flood).toMatchObject({ id: "v20", lastAt: WINDOW_MS + 19 });
    expect(admitted(burst(21, 3 * WINDOW_MS), state).floods.at(-1)).toBe(`v${3 * WINDOW_MS + 20}`);
  });

  it("is told of by one at a time, and once", () => {
    const { state } = admitted(burst(21));
    const mine = claimFlood(state, "v20", { by: "me", until: 100 }, 0);
    expect(mine.turn).toBe("ours");
    expect(claimFlood(mine.state, "v20", { by: "you", until: 200 }, 99).turn).toBe("claimed");
    expect(claimFlood(mine.state, "v20", { by: "me", until: 200 }, 99).turn).toBe("ours");
    expect(claimFlood(mine.state, "v20", { by: "you", until: 200 }, 100).turn).toBe("ours");
    const told = settleFlood(mine.state, "v20", "me", 50);
    expect(claimFlood(told, "v20", { by: "you", until: 200 }, 199).turn).toBe("told");
    expect(admit(told, "v30", 30).state.flood).toStrictEqual({ id: "v20", lastAt: 30, announcedAt: 50 });
  });

  it("may be told of by the next one where it could not be told of", () => {
    const { state } = admitted(burst(21));
    const mine = claimFlood(state, "v20", { by: "me", until: 100 }, 0);
    expect(settleFlood(mine.state, "v20", "you", undefined)).toBe(mine.state);
    const released = settleFlood(mine.state, "v20", "me", undefined);
    expect(claimFlood(released, "v20", { by: "you", until: 200 }, 1).turn).toBe("ours");
  });

  it("that is over is not told of", () => {
    const { state } = admitted([...burst(21), ...burst(21, 3 * WINDOW_MS)]);
    expect(claimFlood(state, "v20", { by: "me", until: 1 }, 0)).toStrictEqual({ state, turn: "told" });
    expect(settleFlood(state, "v20", "me", 1)).toBe(state);
  });
});
