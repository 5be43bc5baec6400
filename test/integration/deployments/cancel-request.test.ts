import { beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { includeRequest, readRequest } from "../../../domain/deployments/request-store.ts";
import { transact } from "../../../domain/deployments/transaction.ts";
import { deploy, submit } from "../../support/deploy-api.ts";
import { ownDeployQueue } from "../../support/deploy-queue.ts";
import { putDeployRow, requestRows } from "../../support/deploy-rows.ts";
import { anyName, makeProject } from "../../support/projects.ts";
import { actAs, faultsMet, injectFault } from "../../support/services.ts";

let project: string;

beforeAll(async () => {
  actAs("deployIntake");
  await ownDeployQueue();
});

beforeEach(async () => {
  project = (await makeProject()).project_id;
});

const inProject = (more: Record<string, string> = {}) => ({ query: { project, ...more } });
const cancel = (id: string, headers: Record<string, string> = {}) =>
  deploy("POST", `/cancel/${id}`, undefined, { ...inProject(), headers });
const getRequest = (id: string, headers: Record<string, string> = {}) =>
  deploy("GET", `/request/${id}`, undefined, { ...inProject(), headers });

describe("to cancel a request", () => {
  it("takes it back for good, and says who did", async () => {
    const { request_id: id } = await submit(project);
    const { status, body } = await cancel(id);
    const end = {
      status: "cancelled",
      cancelled_by: expect.stringMatching(/./),
      completed_at: expect.stringMatching(/Z$/),
    };
    expect([status, body]).toEqual([200, { success: true, project_id: project, request_id: id, ...end }]);
    const [row] = await requestRows(project);
    expect(row).toMatchObject({ ...end, request_id: id });
    expect(row).not.toHaveProperty("pending_key");
    expect((await deploy("GET", `/pending/${project}`)).body.requests).toEqual([]);
  });

  it("is possible once: of ten at once one does, and the others are told what it is now", async () => {
    const { request_id: id } = await submit(project);
    const answers = await Promise.all(Array.from({ length: 10 }, () => cancel(id)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { body } of answers.filter(({ status }) => status !== 200)) {
      expect(body).toMatchObject({ error_envelope: { code: "CONFLICT" }, current_status: "cancelled" });
    }
  });

  it("with a key is the same answer again", async () => {
    const { request_id: id } = await submit(project);
    const headers = { "Idempotency-Key": anyName() };
    const first = await cancel(id, headers);
    expect((await cancel(id, headers)).text).toBe(first.text);
  });

  it("with If-Match takes back only the request that was read", async () => {
    const { request_id: id } = await submit(project);
    const read = (await getRequest(id)).headers.ETag ?? "";
    const [row] = await requestRows(project);
    await putDeployRow({ ...row, blocked_reason: "it clashes", blocked_at: "2026-01-01T00:00:00Z" });
    const refused = await cancel(id, { "If-Match": read });
    const now = (await getRequest(id)).headers.ETag ?? "";
    expect([refused.status, refused.body]).toMatchObject([
      412,
      { error_envelope: { code: "VERSION_CONFLICT" }, current_version: now.slice(1, -1), current_status: "pending" },
    ]);
    expect((await cancel("REQ-X", { "If-Match": now })).status).toBe(404);
    expect((await cancel(id, { "If-Match": now })).status).toBe(200);
  });

  it("with If-Match does not take back one that was passed over between the look and the write", async () => {
    const { request_id: id } = await submit(project);
    const [row] = await requestRows(project);
    const tag = (await getRequest(id)).headers.ETag ?? "";
    await injectFault({ service: "dynamodb", operation: "TransactWriteItems", match: project, delayMs: 300 });
    const cancelling = cancel(id, { "If-Match": tag });
    await faultsMet();
    await putDeployRow({ ...row, blocked_reason: "it clashes", blocked_at: "2026-01-01T00:00:00Z" });
    expect((await cancelling).status).toBe(412);
    expect(await requestRows(project)).toMatchObject([{ status: "pending", blocked_reason: "it clashes" }]);
  });

  it("or to include it: one of the two happens", async () => {
    for (let round = 0; round < 5; round += 1) {
      const { request_id: id } = await submit(project);
      const request = await readRequest(project, id);
      if (!request) throw new Error("no request");
      const [{ status }, included] = await Promise.all([cancel(id), transact([includeRequest(request, "SPEC-1")])]);
      const now = await readRequest(project, id);
      expect([status === 200, included.committed]).toEqual([now?.status === "cancelled", now?.status === "included"]);
      expect(now).not.toHaveProperty("pending_key");
    }
  });

  it("is refused for one that is included, with its spec", async () => {
    const { request_id: id } = await submit(project);
    const [row] = await requestRows(project);
    await putDeployRow({ ...row, status: "included", spec_id: "SPEC-1" });
    expect([(await cancel(id)).status, (await cancel(id)).body]).toMatchObject([
      409,
      { current_status: "included", spec_id: "SPEC-1" },
    ]);
  });

  it("is a 404 where there is none, and takes the project from the body too", async () => {
    const { request_id: id } = await submit(project);
    expect((await cancel("REQ-X")).status).toBe(404);
    expect((await deploy("POST", `/cancel/${id}`)).status).toBe(400);
    expect((await deploy("POST", `/cancel/${id}`, { project_id: project })).status).toBe(200);
  });
});
