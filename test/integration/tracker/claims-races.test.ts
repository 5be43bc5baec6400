import { setTimeout as wait } from "node:timers/promises";
import type { HttpHandler } from "@enceladus/middleware/http-function";
import { afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import pLimit from "p-limit";
import { moveClock } from "../../support/clock.ts";
import { trackerContainers } from "../../support/containers.ts";
import { makeProject } from "../../support/projects.ts";
import { putReady } from "../../support/ready-records.ts";
import { call, create, patch, pathOf, type TrackerAnswer } from "../../support/tracker-api.ts";
import { chainOf, expectIntact, rowsOf, stored } from "../../support/tracker-rows.ts";

/** Several, so that what one of them holds back for its own calls cannot hide a collision. */
const CONTAINERS = 6;
/** So many connections a container has. */
const AT_ONCE = 50;

let containers: [HttpHandler, ...HttpHandler[]];

beforeAll(async () => {
  containers = await trackerContainers(CONTAINERS);
}, 60_000);

afterEach(() => {
  jest.restoreAllMocks();
});

const containerOf = (index: number): HttpHandler => containers[index % CONTAINERS] ?? containers[0];
const times = <Result>(count: number, work: (index: number) => Promise<Result>): Promise<Result[]> => {
  const limits = containers.map(() => pLimit(AT_ONCE));
  return Promise.all(
    Array.from({ length: count }, (_, index) => (limits[index % CONTAINERS] ?? pLimit(1))(() => work(index))),
  );
};

interface Grant {
  id: string;
  fence: number;
  lease_id: string;
  session: string;
}

const claim = (project: string, session_id: string, via: HttpHandler, more: object = {}) =>
  call("POST", `/${project}/claims/next`, { session_id, ...more }, { via });

function grantIn({ body }: TrackerAnswer, session: string): Grant {
  const { fence, lease_id } = body.lease as { fence: number; lease_id: string };
  return { id: String(body.record?.item_id ?? body.record_id), fence, lease_id, session };
}

const failures = (answers: readonly TrackerAnswer[]) =>
  answers.filter(({ status }) => status >= 500).map(({ text }) => text);

/** So many workers, each of which claims until nothing is ready. */
async function workersClaim(project: string, workers: number, more: object = {}): Promise<Grant[]> {
  const grants = await times(workers, async (index) => {
    const mine: Grant[] = [];
    for (;;) {
      const session = `worker ${index}`;
      const answer = await claim(project, session, containerOf(index), more);
      if (answer.status !== 200) {
        expect([answer.status, answer.body.error_envelope.code]).toEqual([404, "NOTHING_READY"]);
        return mine;
      }
      mine.push(grantIn(answer, session));
    }
  });
  return grants.flat();
}

const idsOf = (grants: readonly Grant[]) => grants.map(({ id }) => id).toSorted();

describe("one record, and 200 who want it at once", () => {
  it("is granted to one of them, in each of 20 rounds, under a fence that rises", async () => {
    const project = (await makeProject()).project_id;
    const id = await create(project, "task");
    const path = `${pathOf(project, id)}/checkout`;
    const fences: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const answers = await times(200, (index) =>
        call("POST", path, { session_id: `agent ${index}` }, { via: containerOf(index) }),
      );
      const granted = answers.filter(({ status }) => status === 200);
      expect(granted).toHaveLength(1);
      const [winner] = granted as [TrackerAnswer];
      const session_id = String(winner.body.active_agent_session_id);
      for (const answer of answers.filter((one) => one !== winner)) {
        expect(answer).toMatchObject({ status: 409, body: { reason: "SESSION_LOCKED", holder: { session_id } } });
      }
      fences.push(grantIn(winner, session_id).fence);
      const released = await call("DELETE", path, { session_id }, { via: containerOf(round) });
      expect(released.status).toBe(200);
    }
    expect(fences).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    await expectIntact(project, await stored(project, id));
  }, 180_000);
});

describe("200 ready records, and 50 workers in several containers", () => {
  it("are each granted once; what dead workers had is granted again, once, under a higher fence", async () => {
    const project = (await makeProject()).project_id;
    const ids = (await putReady(project, 200)).toSorted();
    const first = await workersClaim(project, 50, { lease_seconds: 600 });
    expect(idsOf(first)).toEqual(ids);
    expect(new Set(first.map(({ lease_id }) => lease_id)).size).toBe(200);
    expect(new Set(first.map(({ fence }) => fence))).toEqual(new Set([1]));
    const workers = new Set(first.map(({ session }) => session));
    expect(workers.size).toBeGreaterThan(40);

    // Every fifth one never comes back; the others give back what they had, done.
    const dead = new Set([...workers].filter((_, index) => index % 5 === 0));
    const left = first.filter(({ session }) => dead.has(session));
    expect(left.length).toBeGreaterThan(0);
    const closed = await times(first.length, async (index) => {
      const { id, session, fence } = first[index] as Grant;
      if (dead.has(session)) return undefined;
      return patch(project, id, { action: "close", fence }, { via: containerOf(index + 1) });
    });
    expect(failures(closed.filter((answer) => answer !== undefined))).toEqual([]);
    expect(await workersClaim(project, 5)).toEqual([]);

    moveClock(601_000);
    const again = await workersClaim(project, 20);
    expect(idsOf(again)).toEqual(idsOf(left));
    expect(new Set(again.map(({ fence }) => fence))).toEqual(new Set([2]));
    const late = left[0] as Grant;
    const beat = await call("POST", `${pathOf(project, late.id)}/checkout/heartbeat`, { lease_id: late.lease_id });
    expect([beat.status, beat.body.error_envelope.code]).toEqual([409, "LEASE_LOST"]);
    for (const row of await rowsOf(project)) {
      const grants = again.some(({ id }) => id === row.item_id) ? 2 : 1;
      if (row.record_type === "task") expect([row.item_id, row.fence]).toEqual([row.item_id, grants]);
    }
  }, 180_000);
});

/**
 * A record is never granted to somebody while somebody else holds it: no lease ends by itself here, so that between two
 * grants there is a release.
 */
async function expectOneHolderAtATime(project: string, id: string): Promise<number> {
  let held = false;
  let fence = 0;
  for (const { operation, changes } of await chainOf(project, id)) {
    if (operation === "checkout") {
      expect([id, held]).toEqual([id, false]);
      const granted = changes.find(({ field }) => field === "fence");
      expect([granted?.from, granted?.to]).toEqual([fence, fence + 1]);
      fence += 1;
      held = true;
    }
    if (operation === "release") held = false;
  }
  return fence;
}

describe("claims, checkouts, heartbeats, releases and closing blockers, all at once", () => {
  it("never give one record to two", async () => {
    const project = (await makeProject()).project_id;
    const plain = await times(20, () => create(project, "task"));
    const pairs = await times(10, async () => {
      const [blocker, blocked, child] = [
        await create(project, "issue"),
        await create(project, "task"),
        await create(project, "task"),
      ];
      await call("PUT", `${pathOf(project, blocked)}/dependencies/${blocker}`, { kind: "blocks" });
      await call("PUT", `${pathOf(project, child)}/dependencies/${blocked}`, { kind: "parent" });
      return { blocker, blocked, child };
    });
    const waiting = pairs.flatMap(({ blocked, child }) => [blocked, child]);
    const answers: TrackerAnswer[] = [];
    const grants: Grant[] = [];
    const told = (answer: TrackerAnswer, session: string): TrackerAnswer => {
      answers.push(answer);
      if (answer.status === 200) grants.push(grantIn(answer, session));
      return answer;
    };
    const heldFor = async ({ id, lease_id, session }: Grant, via: HttpHandler, givesBack: boolean) => {
      const path = `${pathOf(project, id)}/checkout`;
      const beat = await call("POST", `${path}/heartbeat`, { lease_id }, { via });
      answers.push(beat);
      expect([beat.status, beat.body.error]).toEqual([200, undefined]);
      await wait(5);
      if (!givesBack) return;
      const back = await call("DELETE", path, { session_id: session, lease_id }, { via });
      answers.push(back);
      expect(back.status).toBe(200);
    };
    const claimers = times(24, async (index) => {
      const via = containerOf(index);
      for (let count = 0; count < 5; count += 1) {
        const session = `claimer ${index}`;
        const answer = told(await claim(project, session, via, { types: ["task"] }), session);
        if (answer.status === 200) await heldFor(grantIn(answer, session), via, count < 3);
      }
    });
    const takers = times(24, async (index) => {
      const via = containerOf(index + 1);
      for (let count = 0; count < 5; count += 1) {
        const session = `taker ${index}`;
        const id = [...plain, ...waiting][(index * 7 + count * 3) % 40] ?? "";
        const answer = told(
          await call("POST", `${pathOf(project, id)}/checkout`, { session_id: session }, { via }),
          session,
        );
        if (answer.status === 200) await heldFor(grantIn(answer, session), via, count < 3);
        else expect(["CONFLICT", "BLOCKED"]).toContain(answer.body.error_envelope.code);
      }
    });
    const closers = times(pairs.length, async (index) => {
      await wait(index * 20);
      const { blocker } = pairs[index] as (typeof pairs)[number];
      for (const action of ["close", "reopen", "close"]) {
        answers.push(await patch(project, blocker, { action }, { via: containerOf(index + 2) }));
      }
    });
    await Promise.all([claimers, takers, closers]);
    expect(failures(answers)).toEqual([]);
    expect(new Set(grants.map(({ id, fence }) => `${id} ${fence}`)).size).toBe(grants.length);
    let granted = 0;
    for (const id of [...plain, ...waiting]) {
      granted += await expectOneHolderAtATime(project, id);
      await expectIntact(project, await stored(project, id));
    }
    expect(granted).toBe(grants.length);

    // Whatever came in between: all blockers are closed, so that what nobody holds is ready, and is given once.
    const free = (await rowsOf(project)).filter(
      (row) => row.record_type === "task" && row.active_agent_session === false,
    );
    const rest = await workersClaim(project, 10);
    expect(idsOf(rest)).toEqual(free.map(({ item_id }) => item_id).toSorted());
  }, 180_000);

  it("a lease that is brought back and one that takes it over at once are one or the other", async () => {
    const project = (await makeProject()).project_id;
    const ids = await putReady(project, 30);
    const outcomes: string[] = [];
    const first = await times(30, async (index) => {
      const path = `${pathOf(project, ids[index] ?? "")}/checkout`;
      return grantIn(
        await call("POST", path, { session_id: "old", lease_seconds: 60 }, { via: containerOf(index) }),
        "old",
      );
    });
    moveClock(61_000);
    await times(30, async (index) => {
      const { id, lease_id } = first[index] as Grant;
      const path = `${pathOf(project, id)}/checkout`;
      const [beat, taken] = await Promise.all([
        call("POST", `${path}/heartbeat`, { lease_id, lease_seconds: 600 }, { via: containerOf(index) }),
        call("POST", path, { session_id: "new", lease_seconds: 600 }, { via: containerOf(index + 1) }),
      ]);
      const row = await stored(project, id);
      if (beat.status === 200) {
        expect([taken.status, taken.body.holder]).toEqual([409, expect.objectContaining({ session_id: "old" })]);
        expect(row).toMatchObject({ active_agent_session_id: "old", lease_id, fence: 1 });
        outcomes.push("brought back");
      } else {
        expect([beat.body.error_envelope.code, taken.status]).toEqual(["LEASE_LOST", 200]);
        expect(row).toMatchObject({ active_agent_session_id: "new", fence: 2 });
        outcomes.push("taken over");
      }
    });
    expect(outcomes).toHaveLength(30);
  });
});
