import { describe, expect, it } from "@jest/globals";
import { ApiCaller } from "../../support/api-caller.ts";
import { system } from "../../support/shared-system.ts";

const TASK = { title: "Dig a crater", acceptance_criteria: ["it is round"], provider: "claude" };

describe("an agent with a key of its own", () => {
  it("works in its project under its own name, sees no other project, and is out once the key is revoked", async () => {
    const person = ApiCaller.person(system);
    await person.createProject("moonbase", "MNB");
    await person.createProject("secret-base", "SCB");
    const hidden = (await person.post("/api/v1/tracker/secret-base/task", TASK)).body.record_id;

    const scopes = ["tracker:read", "tracker:write"];
    const issued = await person.post("/api/v1/agents/keys", { agent: "claude", scopes, projects: ["moonbase"] });
    expect(issued).toMatchObject({ status: 201, body: { key: { agent: "claude", projects: ["moonbase"] } } });
    const { id } = issued.body.key as { id: string };
    const agent = new ApiCaller(system, { Authorization: `Bearer ${issued.body.secret}` });

    const { record_id } = (await agent.post("/api/v1/tracker/moonbase/task", TASK)).body;
    const taken = await agent.post(`/api/v1/tracker/moonbase/task/${record_id}/checkout`, { provider: "claude" });
    expect(taken.status).toBe(200);
    const { record } = (await person.get(`/api/v1/tracker/moonbase/task/${record_id}`)).body;
    expect(record).toMatchObject({ write_source: { principal: "agent:claude", auth_mode: "agent-key" } });

    const foreign = await agent.get(`/api/v1/tracker/secret-base/task/${hidden}`);
    const nobodys = await agent.get(`/api/v1/tracker/nobodys-base/task/${hidden}`);
    expect([foreign.status, foreign.text.replaceAll("secret-base", "nobodys-base")]).toEqual([404, nobodys.text]);
    const refused = await agent.post("/api/v1/tracker/moonbase/imports", { records: [] });
    expect([refused.status, refused.body.required_scope]).toEqual([403, "tracker:admin"]);
    expect((await agent.get("/api/v1/projects")).status).toBe(401);

    expect((await person.call("DELETE", `/api/v1/agents/keys/${id}`)).status).toBe(200);
    const { keys } = (await person.get("/api/v1/agents/keys")).body;
    expect((keys as { id: string }[]).filter((key) => key.id === id)).toEqual([
      expect.objectContaining({ agent: "claude", revoked_at: expect.any(String), last_used_at: expect.any(String) }),
    ]);
    // A container that has not seen the key refuses it at once.
    expect((await agent.get("/api/v1/no/such/path")).status).toBe(401);
  });
});
