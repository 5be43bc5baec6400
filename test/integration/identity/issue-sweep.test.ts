import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";
import { byKey, getKeys, postKey } from "../../support/agent-keys.ts";
import { sweepFaults } from "../../support/fault-sweep.ts";
import { anyName, makeProject } from "../../support/projects.ts";
import { call } from "../../support/tracker-api.ts";

beforeAll(() => {
  // A client waits a random time before it repeats a call; the shortest is long enough here.
  jest.spyOn(Math, "random").mockReturnValue(0);
});

afterAll(() => {
  jest.restoreAllMocks();
});

/** The keys of an agent that are neither revoked nor lost. */
async function aliveKeysOf(agent: string): Promise<string[]> {
  const { body } = await getKeys();
  return body.keys.filter((key) => key.agent === agent && !key.revoked_at).map(({ id }) => id);
}

const mayRead = async (project: string, secret: string) =>
  (await call("GET", `/${project}`, undefined, { as: "stranger", headers: byKey(secret) })).status;

it("a key is issued or not, whichever AWS call fails or loses its answer; none is alive that nobody was told", async () => {
  const post = ({ agent, project }: { agent: string; project: string }) =>
    postKey({ agent, scopes: ["tracker:read"], projects: [project] });
  const swept = await sweepFaults({
    // A project that this container has not looked up.
    arrange: async () => ({ agent: anyName(), project: (await makeProject()).project_id }),
    act: async (input) => {
      const { status, body } = await post(input);
      if (status >= 500) expect(body.error_envelope).toMatchObject({ retryable: true });
      if (status !== 201) throw new Error(body.error);
      return body;
    },
    invariants: async ({ agent, project }, outcome) => {
      if (outcome.status === "rejected") expect(await aliveKeysOf(agent)).toEqual([]);
      else {
        expect(await aliveKeysOf(agent)).toEqual([outcome.value.key.id]);
        expect(await mayRead(project, outcome.value.secret)).toBe(200);
      }
    },
    retry: async (input) => {
      const again = await post(input);
      expect(again.status).toBe(201);
      expect(await mayRead(input.project, again.body.secret)).toBe(200);
    },
  });
  // The look at the project, the write; after a write that failed, taking it back.
  expect(swept).toEqual({ refused: 2, "answer lost": 2, "answer lost once": 2 });
}, 120_000);
