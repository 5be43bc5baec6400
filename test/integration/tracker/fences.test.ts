import { afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { byKey, issueKey } from "../../support/agent-keys.ts";
import { moveClock } from "../../support/clock.ts";
import { makeProject } from "../../support/projects.ts";
import { type CallOptions, call, create, patch, pathOf, type TrackerAnswer } from "../../support/tracker-api.ts";
import {
  requestOf,
  type Scene,
  sceneOf,
  type TrackerChange,
  takenBy,
  trackerChanges,
  withoutSample,
} from "../../support/tracker-changes.ts";
import { linksOf, snapshot, stored } from "../../support/tracker-rows.ts";

let project: string;
/** An agent's key: its writes must say who makes them, by a name or by a fence. */
let agent: CallOptions;

beforeAll(async () => {
  project = (await makeProject()).project_id;
  agent = { as: "stranger", headers: byKey((await issueKey()).secret) };
});

afterEach(() => {
  jest.restoreAllMocks();
});

const LEASE_SECONDS = 60;
const letLeaseEnd = () => moveClock((LEASE_SECONDS + 1) * 1_000);

const fenced = trackerChanges.filter(({ operation }) => operation.fenced);
const titled = fenced.map((change) => [change.title, change] as const);

/** Sends a change with further words in its body. */
function send(change: TrackerChange, scene: Scene, more: object = {}, options: CallOptions = {}) {
  const { method, path, body, query } = requestOf(change, scene);
  return call(method, path, { ...body, ...more }, { ...options, ...(query && { query }) });
}

const withFence = (fence: number, { headers, ...options }: CallOptions = {}): CallOptions => ({
  ...options,
  headers: { ...headers, "X-Lease-Fence": String(fence) },
});

/** Everything that a change of the record could have written. */
const everything = async ({ id, other }: Scene) => ({
  record: await snapshot(project, id),
  other: await snapshot(project, other),
  links: [await linksOf(id), await linksOf(other)],
});

async function expectNothingWritten(scene: Scene, work: () => Promise<TrackerAnswer>): Promise<TrackerAnswer> {
  const before = await everything(scene);
  const answer = await work();
  expect(await everything(scene)).toEqual(before);
  return answer;
}

it("every operation that takes a fence is under test", () => {
  expect(withoutSample((operation) => operation.fenced)).toEqual([]);
  expect(new Set(fenced.map(({ operation }) => operation.id)).size).toBeGreaterThanOrEqual(8);
});

describe.each(titled)("%s", (_title, change) => {
  it("of a holder that slept until another one had taken over is refused, and nothing is written", async () => {
    const scene = await sceneOf(change, project, LEASE_SECONDS);
    letLeaseEnd();
    const newer = await takenBy("codex", scene, LEASE_SECONDS);
    expect([scene.lease.fence, newer.fence]).toEqual([1, 2]);
    for (const ways of [
      () => send(change, scene, { provider: "claude" }, withFence(1)),
      () => send(change, scene, { provider: "claude", fence: 1 }),
    ]) {
      const answer = await expectNothingWritten(scene, ways);
      expect([answer.status, answer.body.error_envelope.code]).toEqual([409, "STALE_FENCE"]);
      expect(answer.body.error_envelope.details).toEqual({
        fence: 1,
        current_fence: 2,
        holder: {
          session_id: "codex",
          since: expect.any(String),
          lease_expires_at: newer.expires_at,
          seconds_left: expect.any(Number),
          last_heartbeat_at: null,
        },
        next_action: expect.stringContaining("claims/next"),
      });
    }
  });

  it("is refused with an old fence also where nobody holds the record any more", async () => {
    const scene = await sceneOf(change, project, LEASE_SECONDS);
    letLeaseEnd();
    await takenBy("codex", scene, LEASE_SECONDS);
    moveClock(3 * LEASE_SECONDS * 1_000);
    const answer = await expectNothingWritten(scene, () => send(change, scene, {}, withFence(1)));
    expect([answer.status, answer.body.error_envelope.code]).toEqual([409, "STALE_FENCE"]);
    expect(answer.body).not.toHaveProperty("holder");
  });

  it("passes with the newest fence, without a name, for an agent's key; after the lease has ended too", async () => {
    const isCheckout = change.title.includes("checkout)") || change.operation.id === "checkoutRecord";
    const scene = await sceneOf(change, project, LEASE_SECONDS);
    const alive = await send(change, scene, {}, withFence(1, agent));
    // Whoever holds a record cannot take it once more, but it is not for the fence that this is refused.
    if (isCheckout) expect([alive.status, alive.body.reason]).toEqual([409, "SESSION_LOCKED"]);
    else expect([alive.status < 300, alive.body.error]).toEqual([true, undefined]);

    const later = await sceneOf(change, project, LEASE_SECONDS);
    letLeaseEnd();
    const ended = await send(change, later, {}, withFence(1, agent));
    expect([ended.status < 300, ended.body.error]).toEqual([true, undefined]);
  });

  it("of a holder that sends no fence passes after its lease has ended, while nobody has a newer one", async () => {
    const scene = await sceneOf(change, project, LEASE_SECONDS);
    letLeaseEnd();
    const answer = await send(change, scene, { provider: "claude" });
    expect([answer.status < 300, answer.body.error]).toEqual([true, undefined]);
  });
});

describe("a fence", () => {
  it("is refused where it is higher than any that was granted", async () => {
    const id = await create(project, "task");
    const log = (fence: number) => call("POST", `${pathOf(project, id)}/log`, { description: "x", fence });
    expect((await log(1)).body.error_envelope.code).toBe("STALE_FENCE");
    expect((await log(0)).status).toBe(200);
  });

  it("is refused before what the change wants is looked at, and before its version is", async () => {
    const id = await create(project, "task");
    await takenBy("claude", { project, id }, LEASE_SECONDS);
    const answer = await patch(project, id, { field: "status", value: "deployed" }, withFence(7));
    expect(answer.body.error_envelope.code).toBe("STALE_FENCE");
    const stale = await patch(
      project,
      id,
      { field: "priority", value: "P1" },
      withFence(7, { headers: { "If-Match": '"9"' } }),
    );
    expect(stale.body.error_envelope.code).toBe("STALE_FENCE");
  });

  it("is told by reads and by no write of a field", async () => {
    const id = await create(project, "task");
    expect((await stored(project, id)).fence).toBe(0);
    const answer = await patch(project, id, { field: "fence", value: 9 });
    expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining("system-managed")]);
  });
});
