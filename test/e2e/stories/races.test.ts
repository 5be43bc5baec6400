import { beforeAll, describe, expect, it } from "@jest/globals";
import { ApiCaller } from "../../support/api-caller.ts";
import { system } from "../../support/shared-system.ts";

let agent: ApiCaller;

beforeAll(async () => {
  agent = ApiCaller.service(system);
  await ApiCaller.person(system).createProject("race", "RAC");
  await agent.post("/api/v1/tracker/race/task", { title: "The prize", acceptance_criteria: ["one winner"] });
});

/** How often each value is there. */
function tally(values: readonly number[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

describe("two hundred agents who want one task", () => {
  it("are one winner and 199 who learn who it is", async () => {
    const path = "/api/v1/tracker/race/task/RAC-TSK-001";
    const attempts = Array.from({ length: 200 }, (_, index) =>
      agent.post(`${path}/checkout`, { provider: "claude", session_id: `session-${index}` }),
    );
    const answers = await Promise.all(attempts);
    expect(tally(answers.map(({ status }) => status))).toEqual({ 200: 1, 409: 199 });
    const winner = answers.find(({ status }) => status === 200)?.body.active_agent_session_id;
    const { body } = await agent.get(path);
    expect(body.record).toMatchObject({ active_agent_session: true, active_agent_session_id: winner, fence: 1 });
    for (const { status, body: refusal } of answers) {
      if (status === 409) expect(refusal.error).toContain(String(winner));
    }
  });
});

describe("five hundred records created at once", () => {
  it("have five hundred consecutive ids", async () => {
    const attempts = Array.from({ length: 500 }, (_, index) =>
      agent.post("/api/v1/tracker/race/issue", {
        title: `Issue ${index}`,
        evidence: [{ description: "seen", steps_to_duplicate: ["look"] }],
      }),
    );
    const answers = await Promise.all(attempts);
    expect(tally(answers.map(({ status }) => status))).toEqual({ 201: 500 });
    const ids = answers.map(({ body }) => String(body.record_id)).sort();
    expect(ids).toEqual(
      Array.from({ length: 500 }, (_, index) => `RAC-ISS-${String(index + 1).padStart(3, "0")}`).sort(),
    );
  });
});
