import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { type FaultSweep, type RunOutcome, sweepFaults } from "../../support/fault-sweep.ts";
import { makeProject } from "../../support/projects.ts";
import { call, create, LEAST, patch, pathOf, read, type TrackerAnswer } from "../../support/tracker-api.ts";
import { chainOf, expectAllIntact, expectIntact, linksOf, stored } from "../../support/tracker-rows.ts";

beforeAll(() => {
  // A client waits a random time before it repeats a call; the shortest is long enough here.
  jest.spyOn(Math, "random").mockReturnValue(0);
});

afterAll(() => {
  jest.restoreAllMocks();
});

/** Every call of the operation has failed, and has lost its answer, at least so many times. */
async function sweep<Input>(atLeast: number, operation: FaultSweep<Input, TrackerAnswer>): Promise<void> {
  const swept = await sweepFaults(operation);
  for (const [fault, calls] of Object.entries(swept)) expect([fault, calls >= atLeast]).toEqual([fault, true]);
  expect(Object.keys(swept)).toHaveLength(3);
}

/** An answer below 500 is the operation's own; everything else is a failure that the caller has seen. */
async function answered(answer: Promise<TrackerAnswer>): Promise<TrackerAnswer> {
  const { status, text, body } = await answer;
  if (status >= 500) expect(body.error_envelope).toMatchObject({ code: expect.any(String), retryable: true });
  if (status >= 500) throw new Error(text);
  return answer;
}

const succeeded = (outcome: RunOutcome<TrackerAnswer>) => outcome.status === "fulfilled" && outcome.value.status < 300;

describe("whichever AWS call fails or loses its answer", () => {
  it("a record is created once or not at all, and an end that does not know of it is told as a warning", async () => {
    interface Input {
      project: string;
      targets: string[];
      key: string;
    }
    const post = ({ project, targets, key }: Input) =>
      call("POST", `/${project}/task`, { ...LEAST.task, related: targets }, { headers: { "Idempotency-Key": key } });
    const created = async ({ project, targets }: Input) => {
      const records = await expectAllIntact(project);
      const tasks = records.filter(({ record_type }) => record_type === "task");
      expect(tasks.length).toBeLessThanOrEqual(1);
      const unaware: string[] = [];
      for (const target of targets) {
        const { related_task_ids: named = [] } = await stored(project, target);
        if (isDeepStrictEqual(named, [])) unaware.push(target);
        else expect(named).toEqual(tasks.map(({ item_id }) => item_id));
      }
      return { id: tasks[0]?.item_id, unaware };
    };
    await sweep<Input>(5, {
      arrange: async () => {
        const project = (await makeProject()).project_id;
        return { project, targets: [await create(project, "issue"), await create(project, "issue")], key: project };
      },
      act: (input) => answered(post(input)),
      invariants: async (input, outcome) => {
        const { id, unaware } = await created(input);
        if (!succeeded(outcome)) return;
        expect(id).toBeDefined();
        const warnings = outcome.status === "fulfilled" ? String(outcome.value.body.bidi_warnings ?? "") : "";
        expect(unaware.filter((target) => !warnings.includes(target))).toEqual([]);
      },
      retry: async (input) => {
        const again = await post(input);
        // Where the answer could not be kept, a repeat is told to wait until the first run cannot be alive any more.
        if (again.status === 409) expect(again.body.error_envelope.code).toBe("IDEMPOTENCY_IN_FLIGHT");
        else expect([again.status, again.body.record_id]).toEqual([201, (await created(input)).id]);
        expect((await created(input)).id).toBeDefined();
      },
    });
  }, 120_000);

  /** A task of its own for each run. */
  let project: string;
  const task = async () => {
    project ??= (await makeProject()).project_id;
    return create(project, "task");
  };

  it("a field is set or not, and a repeat sets it", async () => {
    const set = (id: string) => patch(project, id, { field: "priority", value: "P0" });
    await sweep<string>(2, {
      arrange: task,
      act: (id) => answered(set(id)),
      invariants: async (id, outcome) => {
        const row = await stored(project, id);
        await expectIntact(project, row);
        if (succeeded(outcome)) expect(row).toMatchObject({ priority: "P0", sync_version: 2 });
        else expect([undefined, "P0"]).toContain(row.priority);
      },
      retry: async (id) => {
        expect((await set(id)).status).toBe(200);
        expect((await stored(project, id)).priority).toBe("P0");
        await expectIntact(project, await stored(project, id));
      },
    });
  }, 60_000);

  it("a status moves or not, and a repeat finds it moved", async () => {
    const move = (id: string) => patch(project, id, { field: "status", value: "in-progress" });
    await sweep<string>(2, {
      arrange: task,
      act: (id) => answered(move(id)),
      invariants: async (id, outcome) => {
        const row = await stored(project, id);
        await expectIntact(project, row);
        if (succeeded(outcome)) expect(row).toMatchObject({ status: "in-progress", sync_version: 2 });
      },
      retry: async (id) => {
        expect((await move(id)).status).toBe(200);
        expect((await stored(project, id)).status).toBe("in-progress");
        await expectIntact(project, await stored(project, id));
      },
    });
  }, 60_000);

  it("a record is held once or not at all, and whoever asked again knows that it is the holder", async () => {
    const checkout = (id: string) => call("POST", `${pathOf(project, id)}/checkout`, { provider: "claude" });
    await sweep<string>(1, {
      arrange: task,
      act: (id) => answered(checkout(id)),
      invariants: async (id, outcome) => {
        const row = await stored(project, id);
        await expectIntact(project, row);
        expect([row.active_agent_session, row.fence]).toEqual(row.active_agent_session ? [true, 1] : [false, 0]);
        if (outcome.status === "fulfilled") expect(outcome.value.body.lease).toMatchObject({ fence: 1 });
      },
      retry: async (id) => {
        const again = await checkout(id);
        if (again.status !== 200) expect(again.body).toMatchObject({ holder: { session_id: "claude" } });
        expect(await stored(project, id)).toMatchObject({ active_agent_session_id: "claude", fence: 1 });
        await expectIntact(project, await stored(project, id));
      },
    });
  }, 60_000);

  it("a log is added once", async () => {
    const log = (id: string) =>
      call("POST", `${pathOf(project, id)}/log`, { description: "half of it" }, { headers: { "Idempotency-Key": id } });
    const logs = async (id: string) =>
      (await read(project, id)).history.filter(({ status }) => status === "worklog").length;
    await sweep<string>(4, {
      arrange: task,
      act: (id) => answered(log(id)),
      invariants: async (id, outcome) => {
        await expectIntact(project, await stored(project, id));
        const count = await logs(id);
        expect(count).toBeLessThanOrEqual(1);
        if (succeeded(outcome)) expect(count).toBe(1);
      },
      retry: async (id) => {
        const again = await log(id);
        if (again.status !== 200) expect(again.body.error_envelope.code).toBe("IDEMPOTENCY_IN_FLIGHT");
        expect(await logs(id)).toBe(1);
        await expectIntact(project, await stored(project, id));
      },
    });
  }, 60_000);

  it("a record is reopened, whatever becomes of the event", async () => {
    const reopen = (id: string) => patch(project, id, { action: "reopen" });
    await sweep<string>(3, {
      arrange: async () => {
        const id = await task();
        await patch(project, id, { action: "close" });
        return id;
      },
      act: (id) => answered(reopen(id)),
      invariants: async (id, outcome) => {
        const row = await stored(project, id);
        await expectIntact(project, row);
        if (succeeded(outcome)) expect(row).toMatchObject({ status: "open", sync_version: 3 });
      },
      retry: async (id) => {
        expect((await reopen(id)).body.updated_status).toBe("open");
        expect(await stored(project, id)).toMatchObject({ status: "open", sync_version: 3 });
      },
    });
  }, 60_000);

  it("issues from elsewhere are imported once, with their edges at both ends", async () => {
    // Both edges wait for a record that comes later.
    const dependencies = [{ external_id: "epic", kind: "related" }];
    const records = [
      { external_id: "child", type: "task", title: "Child", status: "open", parent: "epic", dependencies },
      { external_id: "epic", type: "task", title: "Epic", status: "closed" },
    ];
    const bring = (id: string) => call("POST", `/${id}/imports`, { records });
    /** Edges that are told at one end but not at the other. */
    const halfEdges = async (ids: readonly string[]) => {
      const links = await Promise.all(ids.map(async (id) => (await linksOf(id)).map(({ link }) => ({ id, link }))));
      const edges = links.flat().map(({ id, link }) => {
        const [direction, kind, other] = link.split("#");
        return direction === "out" ? `${id} ${kind} ${other}` : `${other} ${kind} ${id}`;
      });
      return [...new Set(edges)].filter((edge) => edges.filter((other) => other === edge).length !== 2);
    };
    const check = async (id: string) => {
      const rows = await expectAllIntact(id);
      const names = rows.map(({ external_id }) => external_id);
      expect(names).toEqual([...new Set(names)]);
      expect(await halfEdges(rows.map(({ item_id }) => item_id))).toEqual([]);
      return new Map(rows.map((row) => [String(row.external_id), row]));
    };
    await sweep<string>(10, {
      arrange: async () => (await makeProject()).project_id,
      act: (id) => answered(bring(id)),
      invariants: async (id) => void (await check(id)),
      retry: async (id) => {
        const again = await bring(id);
        expect([again.status, again.body.records.map(({ result }) => result)]).toEqual([
          200,
          expect.not.arrayContaining(["failed"]),
        ]);
        const rows = await check(id);
        const [child, epic] = ["child", "epic"].map((name) => rows.get(name));
        expect(rows.size).toBe(2);
        expect(child).toMatchObject({ parent: epic?.item_id, related_task_ids: [epic?.item_id] });
        expect(child).not.toHaveProperty("awaited_dependencies");
        expect(epic).toMatchObject({ status: "closed", related_task_ids: [child?.item_id] });
        const entries = (await chainOf(id, String(child?.item_id))).length;
        const third = await bring(id);
        expect(third.body.records.map(({ result }) => result)).toEqual(["unchanged", "unchanged"]);
        expect(await chainOf(id, String(child?.item_id))).toHaveLength(entries);
      },
    });
  }, 300_000);
});
