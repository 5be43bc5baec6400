import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { type DeployAnswer, deploy, patchState, postRequest, submit } from "../../support/deploy-api.ts";
import { ownDeployQueue } from "../../support/deploy-queue.ts";
import { publishedState, requestRows, stateRow } from "../../support/deploy-rows.ts";
import { type FaultSweep, type RunOutcome, sweepFaults } from "../../support/fault-sweep.ts";
import { anyName, makeProject } from "../../support/projects.ts";
import { actAs } from "../../support/services.ts";

let queue: Awaited<ReturnType<typeof ownDeployQueue>>;

beforeAll(async () => {
  actAs("deployIntake");
  queue = await ownDeployQueue();
  // A client waits a random time before it repeats a call; the shortest is long enough here.
  jest.spyOn(Math, "random").mockReturnValue(0);
});

afterAll(() => {
  jest.restoreAllMocks();
});

/** Every call of the operation has failed, and has lost its answer, at least so many times. */
async function sweep<Input>(atLeast: number, operation: FaultSweep<Input, DeployAnswer>): Promise<void> {
  const swept = await sweepFaults(operation);
  expect(Object.keys(swept)).toHaveLength(3);
  for (const [fault, calls] of Object.entries(swept)) expect([fault, calls >= atLeast]).toEqual([fault, true]);
}

/** An answer below 500 is the operation's own; everything else is a failure that the caller has seen. */
async function answered(answer: Promise<DeployAnswer>): Promise<DeployAnswer> {
  const { status, text, body } = await answer;
  if (status >= 500) expect(body.error_envelope).toMatchObject({ code: expect.any(String), retryable: true });
  if (status >= 500) throw new Error(text);
  return answer;
}

const succeeded = (outcome: RunOutcome<DeployAnswer>) => outcome.status === "fulfilled" && outcome.value.status === 200;

interface Keyed {
  project: string;
  key: string;
}

const keyed = async (): Promise<Keyed> => ({ project: (await makeProject()).project_id, key: anyName() });
const withKey = ({ key }: Keyed) => ({ headers: { "Idempotency-Key": key } });

/** What a repeat may meet where the answer could not be kept: the first run may be alive. */
function expectInFlight({ body }: DeployAnswer): void {
  expect(body.error_envelope.code).toBe("IDEMPOTENCY_IN_FLIGHT");
}

describe("whichever AWS call fails or loses its answer", () => {
  it("a request with a key is stored once or not at all, and whoever got an answer knows it", async () => {
    await sweep<Keyed>(4, {
      arrange: keyed,
      act: (input) => answered(postRequest(input.project, {}, withKey(input))),
      invariants: async ({ project }, outcome) => {
        const rows = await requestRows(project);
        expect(rows.length).toBeLessThanOrEqual(1);
        if (!succeeded(outcome)) return;
        const { request_id, message } = outcome.status === "fulfilled" ? outcome.value.body : { message: "" };
        expect(rows).toMatchObject([{ request_id, status: "pending" }]);
        const sent = await queue.take(project);
        // A message whose answer got lost is there all the same.
        if (!message.includes("could not be triggered")) expect(sent).toMatchObject([{ once: request_id }]);
      },
      retry: async (input) => {
        const again = await postRequest(input.project, {}, withKey(input));
        const rows = await requestRows(input.project);
        if (again.status === 409) expectInFlight(again);
        else expect([again.status, rows]).toMatchObject([200, [{ request_id: again.body.request_id }]]);
        expect(rows).toHaveLength(1);
      },
    });
  }, 120_000);

  it("a request that is taken up by a second run is the same request, and its message is the same message", async () => {
    const { project, key } = await keyed();
    const { submitRequest } = await import("../../../domain/deployments/submit-request.ts");
    const { newRequest } = await import("../../../domain/deployments/new-request.ts");
    const request = newRequest.parse({ project_id: project, change_type: "patch", summary: "x" });
    const by = { principal: "somebody", visible: "all" } as const;
    const runs = await Promise.all(Array.from({ length: 5 }, () => submitRequest(request, by, key)));
    const late = await submitRequest(request, by, key);
    const [row] = await requestRows(project);
    expect(await requestRows(project)).toHaveLength(1);
    for (const run of [...runs, late]) expect(run.request_id).toBe(row?.request_id);
    expect(await queue.take(project)).toMatchObject([{ once: row?.request_id }]);
  });

  it("a state is set or not, and a repeat sets and publishes it", async () => {
    await sweep<string>(5, {
      arrange: async () => (await makeProject()).project_id,
      act: (project) => answered(patchState(project, { state: "PAUSED", reason: "a freeze" })),
      invariants: async (project, outcome) => {
        if (!succeeded(outcome)) return;
        expect(await stateRow(project)).toMatchObject({ state: "PAUSED" });
        expect(await publishedState(project)).toMatchObject({ state: "PAUSED", reason: "a freeze" });
      },
      retry: async (project) => {
        const { status, body } = await patchState(project, { state: "PAUSED", reason: "a freeze" });
        expect(status).toBe(200);
        expect(await publishedState(project)).toMatchObject({ state: "PAUSED", paused_since: body.paused_since });
      },
    });
  }, 120_000);

  it("with If-Match too: nobody is told that another was faster where there was none", async () => {
    const tagged = async (project: string) => (await deploy("GET", `/state/${project}`)).headers.ETag ?? "";
    const swept = await sweepFaults<{ project: string; tag: string }, DeployAnswer>({
      // The others are those of any change of the state.
      faults: ["answer lost once"],
      arrange: async () => {
        const project = (await makeProject()).project_id;
        return { project, tag: await tagged(project) };
      },
      act: ({ project, tag }) => answered(patchState(project, { state: "PAUSED" }, { headers: { "If-Match": tag } })),
      invariants: async (_, outcome) => {
        if (outcome.status === "fulfilled") expect(outcome.value.status).toBe(200);
      },
      retry: async ({ project }) => {
        const { status } = await patchState(
          project,
          { state: "PAUSED" },
          { headers: { "If-Match": await tagged(project) } },
        );
        expect([status, (await publishedState(project))?.state]).toEqual([200, "PAUSED"]);
      },
    });
    expect(swept["answer lost once"]).toBeGreaterThanOrEqual(5);
  }, 120_000);

  it("a project that becomes active has its requests looked at, at the latest by a repeat", async () => {
    await sweep<string>(7, {
      arrange: async () => {
        const project = (await makeProject()).project_id;
        await submit(project, { auto_trigger: false });
        return project;
      },
      act: (project) => answered(patchState(project, { state: "ACTIVE" })),
      invariants: async (project, outcome) => {
        if (!succeeded(outcome) || outcome.status !== "fulfilled") return;
        const sent = await queue.take(project);
        if (outcome.value.body.pending_requests_triggered === 1) expect(sent).toHaveLength(1);
      },
      retry: async (project) => {
        expect((await patchState(project, { state: "ACTIVE" })).body.pending_requests_triggered).toBe(1);
        expect(await queue.take(project)).toMatchObject([{ body: { trigger: "state_activated" } }]);
      },
    });
  }, 120_000);

  it("a trigger that was answered was sent, and with a key once", async () => {
    await sweep<Keyed>(4, {
      arrange: keyed,
      act: (input) => answered(deploy("POST", `/trigger/${input.project}`, {}, withKey(input))),
      invariants: async (_, outcome) => {
        if (outcome.status === "fulfilled") expect(outcome.value.status).toBe(200);
      },
      retry: async (input) => {
        const again = await deploy("POST", `/trigger/${input.project}`, {}, withKey(input));
        if (again.status === 409) expectInFlight(again);
        else expect(again.status).toBe(200);
        expect(await queue.take(input.project)).toHaveLength(1);
      },
    });
  }, 120_000);

  it("a request is cancelled or pending, and a repeat with its key is told that it is cancelled", async () => {
    await sweep<Keyed & { id: string }>(3, {
      arrange: async () => {
        const input = await keyed();
        return { ...input, id: (await submit(input.project, { auto_trigger: false })).request_id };
      },
      act: (input) =>
        answered(deploy("POST", `/cancel/${input.id}`, {}, { ...withKey(input), query: { project: input.project } })),
      invariants: async ({ project }, outcome) => {
        const [row] = await requestRows(project);
        expect(row?.pending_key === undefined).toBe(row?.status === "cancelled");
        if (outcome.status === "fulfilled") expect([outcome.value.status, row?.status]).toEqual([200, "cancelled"]);
      },
      retry: async (input) => {
        const call = { ...withKey(input), query: { project: input.project } };
        const again = await deploy("POST", `/cancel/${input.id}`, {}, call);
        if (again.status === 409) expectInFlight(again);
        else expect([again.status, again.body.status]).toEqual([200, "cancelled"]);
        expect(await requestRows(input.project)).toMatchObject([{ status: "cancelled" }]);
      },
    });
  }, 120_000);
});
