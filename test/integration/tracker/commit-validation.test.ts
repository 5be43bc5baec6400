import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { makeProject } from "../../support/projects.ts";
import { create, patch, type TrackerAnswer } from "../../support/tracker-api.ts";
import { snapshot, stored } from "../../support/tracker-rows.ts";

/** What the GitHub integration of this test answers, by the first digit of the commit. */
const ANSWERS: Readonly<Record<string, [status: number, body: string]>> = {
  a: [200, '{"valid":true,"message":"commit exists"}'],
  b: [200, '{"valid":false,"reason":"commit_not_reachable"}'],
  c: [200, '{"valid":false}'],
  d: [500, '{"valid":true}'],
  e: [200, "<html>"],
  f: [200, "null"],
  1: [503, ""],
  2: [404, '{"valid":false,"reason":"repository_not_found"}'],
  3: [401, '{"success":false,"error":"Authentication required"}'],
  4: [200, '{"valid":"true"}'],
};
const SILENT = "9".repeat(40);
const sha = (digit: string) => digit.repeat(40);

const asked: { url: URL; key: string | undefined }[] = [];
const integration = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://integration");
  asked.push({ url, key: String(request.headers["x-coordination-internal-key"]) });
  const [status, body] = ANSWERS[url.searchParams.get("sha")?.charAt(0) ?? ""] ?? [];
  if (status !== undefined) response.writeHead(status).end(body);
});

let project: string;
let withRepository: string;
let silent: { startedAt: number; id: string; answer: Promise<TrackerAnswer> };

const push = (id: string, evidence: object, of = project) =>
  patch(of, id, { field: "status", value: "pushed", transition_evidence: evidence });
const committed = (of = project) => create(of, "task", { status: "committed" });

beforeAll(async () => {
  integration.listen(0, "127.0.0.1");
  await once(integration, "listening");
  process.env.GITHUB_INTEGRATION_API_BASE = `http://127.0.0.1:${(integration.address() as AddressInfo).port}/api/`;
  process.env.GITHUB_DEFAULT_OWNER = "default-owner";
  process.env.GITHUB_DEFAULT_REPO = "default-repo";
  project = (await makeProject()).project_id;
  withRepository = (await makeProject({ repo: "https://github.com/enceladus-org/backend.git" })).project_id;
  const id = await committed();
  // It takes five seconds, during which the others run.
  silent = { startedAt: Date.now(), id, answer: push(id, { commit_sha: SILENT }) };
});

afterAll(() => {
  integration.closeAllConnections();
  integration.close();
  process.env.GITHUB_INTEGRATION_API_BASE = "";
});

describe("a commit", () => {
  it("that is there passes, without a warning", async () => {
    const id = await committed();
    const answer = await push(id, { commit_sha: sha("A"), owner: "some one", repo: "some&thing" });
    expect(answer).toMatchObject({ status: 200, body: { updated_status: "pushed" } });
    expect(answer.body).not.toHaveProperty("warnings");
    const { url, key } = asked.at(-1) ?? {};
    expect(url?.pathname).toBe("/api/commits/validate");
    expect(Object.fromEntries(url?.searchParams ?? [])).toEqual({
      owner: "some one",
      repo: "some&thing",
      sha: sha("a"),
    });
    expect(key).toBe(process.env.COORDINATION_INTERNAL_API_KEY);
  });

  it("is looked up where the project keeps its code, else in the default repository", async () => {
    await push(await committed(withRepository), { commit_sha: sha("a") }, withRepository);
    expect(asked.at(-1)?.url.searchParams.get("owner")).toBe("enceladus-org");
    expect(asked.at(-1)?.url.searchParams.get("repo")).toBe("backend");
    await push(await committed(), { commit_sha: sha("a") });
    expect(asked.at(-1)?.url.searchParams.get("owner")).toBe("default-owner");
    expect(asked.at(-1)?.url.searchParams.get("repo")).toBe("default-repo");
  });

  it.each([
    ["b", "commit_not_reachable"],
    ["c", "commit_not_found"],
    ["2", "repository_not_found"],
  ])("that is not there is refused: %s… (%s)", async (digit, reason) => {
    const id = await committed();
    const before = await snapshot(project, id);
    const answer = await push(id, { commit_sha: sha(digit) });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toContain("GitHub commit validation failed");
    expect(answer.body.error).toContain(reason);
    expect(answer.body.error_envelope).toMatchObject({ code: "INVALID_INPUT", retryable: false });
    expect(await snapshot(project, id)).toEqual(before);
  });

  it.each(["d", "e", "f", "1", "3", "4"])("that nobody can tell about may be tried again later: %s…", async (digit) => {
    const id = await committed();
    const before = await snapshot(project, id);
    const answer = await push(id, { commit_sha: sha(digit) });
    expect(answer.status).toBe(502);
    expect(answer.body.error_envelope).toMatchObject({ code: "UPSTREAM_ERROR", retryable: true });
    expect(await snapshot(project, id)).toEqual(before);
  });

  it("is looked up once, and only for a push that is possible", async () => {
    const count = asked.length;
    const open = await create(project, "task");
    await push(open, { commit_sha: sha("a") });
    await push(await committed(), { commit_sha: "short" });
    await patch(project, open, {
      field: "status",
      value: "in-progress",
      transition_evidence: { commit_sha: sha("a") },
    });
    expect(asked).toHaveLength(count);
    const id = await committed();
    await Promise.all([push(id, { commit_sha: sha("a") }), patch(project, id, { field: "priority", value: "P0" })]);
    expect(asked).toHaveLength(count + 1);
    expect(await stored(project, id)).toMatchObject({ status: "pushed", priority: "P0" });
  });

  it("that is waited for in vain is given up after five seconds", async () => {
    const answer = await silent.answer;
    const seconds = (Date.now() - silent.startedAt) / 1_000;
    expect(answer.status).toBe(502);
    expect(seconds).toBeGreaterThan(4.5);
    expect(seconds).toBeLessThan(8);
    expect((await stored(project, silent.id)).status).toBe("committed");
  }, 15_000);
});
