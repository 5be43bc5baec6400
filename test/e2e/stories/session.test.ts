import { describe, expect, it } from "@jest/globals";
import { system } from "../../support/shared-system.ts";
import { WebVisitor } from "../../support/web-visitor.ts";

async function send(visitor: WebVisitor, method: string, path: string, body?: object) {
  const headers = body && { "content-type": "application/json" };
  const init = { method, ...(headers && { headers }), ...(body && { body: JSON.stringify(body) }) };
  const answer = await visitor.send(`${system.endpoints.apiUrl}${path}`, init);
  const text = await answer.text();
  return { status: answer.status, body: text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : {} };
}

describe("F15: one session from its first page to its end", () => {
  const visitor = new WebVisitor();
  const project = { name: "round-trip", prefix: "RND", summary: "There and back" };
  const task = { title: "Set sail", acceptance_criteria: ["the sail is set"] };

  it("begins at the callback", async () => {
    const { users, apiUrl } = system.endpoints;
    const { username = "", password = "" } = users[0] ?? {};
    const { url, answer } = await visitor.open(`${apiUrl}/enceladus/`);
    const back = await visitor.signIn(url, await answer.text(), { username, password });
    const callback = await visitor.send(back.headers.get("location") ?? "");
    expect([callback.status, callback.headers.get("location")]).toEqual([302, "/enceladus/"]);
  });

  it("reads and writes", async () => {
    expect(await send(visitor, "GET", "/api/v1/projects/round-trip")).toMatchObject({ status: 404 });
    expect(await send(visitor, "POST", "/api/v1/projects", project)).toMatchObject({ status: 201 });
    expect(await send(visitor, "POST", "/api/v1/tracker/round-trip/task", task)).toMatchObject({ status: 201 });
  });

  it("goes on after its id token is gone, as the browser drops it at its Max-Age", async () => {
    visitor.setCookie("enceladus_id_token=; Path=/; Max-Age=0", system.endpoints.apiUrl);
    expect(await send(visitor, "POST", "/api/v1/tracker/round-trip/task", task)).toMatchObject({ status: 401 });
    expect(await send(visitor, "POST", "/api/v1/auth/refresh")).toMatchObject({
      status: 200,
      body: { success: true, expires_in: 3_600 },
    });
    expect(await send(visitor, "POST", "/api/v1/tracker/round-trip/task", task)).toMatchObject({ status: 201 });
  });

  it("F13: ends with its revocation: reads, writes and refreshes are 401, and nothing goes in circles", async () => {
    expect(await send(visitor, "POST", "/api/v1/auth/revoke")).toMatchObject({
      status: 200,
      body: { success: true, revoked: true },
    });
    expect(await send(visitor, "GET", "/api/v1/projects")).toMatchObject({ status: 401 });
    expect(await send(visitor, "POST", "/api/v1/tracker/round-trip/task", task)).toMatchObject({ status: 401 });
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(await send(visitor, "POST", "/api/v1/auth/refresh")).toMatchObject({
        status: 401,
        body: { error: "No refresh token. Please sign in again." },
      });
    }
  });

  it("F13: a dead token is taken away by the first refusal, so that the second finds none", async () => {
    visitor.setCookie("enceladus_refresh_token=dead; Path=/", system.endpoints.apiUrl);
    expect((await send(visitor, "POST", "/api/v1/auth/refresh")).body).toMatchObject({ error: "refresh_failed" });
    expect((await send(visitor, "POST", "/api/v1/auth/refresh")).body).toMatchObject({
      error: "No refresh token. Please sign in again.",
    });
  });
});
