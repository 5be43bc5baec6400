import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { log } from "@enceladus/shared/log";
import { afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { newRequest, postProject } from "../../support/project-api.ts";
import { storedProject } from "../../support/project-rows.ts";
import { actAs, clearFaults, injectFault } from "../../support/services.ts";

beforeAll(() => actAs("projectService"));

afterEach(async () => {
  jest.restoreAllMocks();
  await clearFaults();
});

const withKey = () => ({ "Idempotency-Key": randomUUID() });

describe("creating a project with an Idempotency-Key", () => {
  it("answers a repeat with the first 201, where without the key it is a 409", async () => {
    const [request, headers] = [newRequest(), withKey()];
    const first = await postProject(request, headers);
    const again = await postProject(request, headers);
    expect(again).toMatchObject({ status: 201, text: first.text });
    expect(again.headers["Idempotency-Replayed"]).toBe("true");
    expect((await postProject(request)).status).toBe(409);
  });

  it("twenty times at once makes one project and one answer", async () => {
    const [request, headers] = [newRequest(), withKey()];
    const answered = async () => {
      for (;;) {
        const answer = await postProject(request, headers);
        if (answer.body.error_envelope?.code !== "IDEMPOTENCY_IN_FLIGHT") return answer;
        await wait(20);
      }
    };
    const answers = await Promise.all(Array.from({ length: 20 }, answered));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  it("finishes what an earlier run has left half done", async () => {
    jest.spyOn(log(), "critical").mockImplementation(() => {});
    const [request, headers] = [newRequest(), withKey()];
    await injectFault({ service: "s3", operation: "PutObject", error: "AccessDenied" });
    await injectFault({
      service: "dynamodb",
      operation: "TransactWriteItems",
      skip: 1,
      error: "AccessDeniedException",
      times: 3,
    });
    expect((await postProject(request, headers)).body).toMatchObject({ rolled_back: false });
    const half = await storedProject(request);
    expect(half).toMatchObject({ project: { project_id: request.name }, document: undefined });
    const again = await postProject(request, headers);
    expect(again.status).toBe(201);
    expect(again.body.project.created_at).toBe(half.project?.created_at);
    expect((await storedProject(request)).document).toContain(request.name);
  });
});
