import { DeleteCommand, PutCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { dynamodb } from "@enceladus/shared/dynamodb";
import { log } from "@enceladus/shared/log";
import { afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { newRequest, postProject } from "../../support/project-api.ts";
import { storedProject } from "../../support/project-rows.ts";
import { makeProject } from "../../support/projects.ts";
import { actAs, clearFaults, directDynamodb, faultsMet, injectFault, realName } from "../../support/services.ts";

/** Refused by AWS in a way that its client does not repeat. */
const REFUSED = { error: "AccessDeniedException", times: 1_000 };
const NOTHING = { project: undefined, reservation: undefined, reference: undefined, document: undefined };

beforeAll(() => actAs("projectService"));

afterEach(async () => {
  jest.restoreAllMocks();
  await clearFaults();
});

function put(table: string, Item: Record<string, unknown>) {
  return directDynamodb.send(new PutCommand({ TableName: realName("tables", table), Item }));
}

/** Timestamps have whole seconds: what is to share one begins at its start. */
function startOfSecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1_000 - (Date.now() % 1_000)));
}

/** The request, with something that happens between its checks and its transaction. */
async function postWhile(request: unknown, meanwhile: () => Promise<unknown>) {
  await injectFault({ service: "dynamodb", operation: "TransactWriteItems", delayMs: 400 });
  const answering = postProject(request);
  await faultsMet();
  await meanwhile();
  return answering;
}

describe("a project whose creation fails", () => {
  it.each(["GetItem", "Query"])("is a 500 when the registry cannot be read (%s)", async (operation) => {
    const request = newRequest();
    await injectFault({ service: "dynamodb", operation, ...REFUSED });
    const { status, body } = await postProject(request);
    expect(status).toBe(500);
    expect(body.error).toBe("Database read failed.");
    expect(body.error_envelope.code).toBe("INTERNAL_ERROR");
    expect(await storedProject(request)).toEqual(NOTHING);
  });

  it("leaves nothing behind when the registry cannot be written", async () => {
    const request = newRequest();
    await injectFault({ service: "dynamodb", operation: "TransactWriteItems", error: "AccessDeniedException" });
    const { status, body } = await postProject(request);
    expect(status).toBe(500);
    expect(body).toMatchObject({ failed_step: "projects_table", rolled_back: true });
    expect(await storedProject(request)).toEqual(NOTHING);
  });

  it("takes back what was written though its answer was lost", async () => {
    const request = newRequest();
    await injectFault({ nth: 4, dropAnswer: true, times: 1_000 });
    const { status, body } = await postProject(request);
    expect(status).toBe(500);
    expect(body).toMatchObject({ failed_step: "projects_table", rolled_back: true });
    expect(await storedProject(request)).toEqual(NOTHING);
  });

  it("leaves nothing behind when the reference row is there already, and a repeat makes no sense", async () => {
    const request = newRequest();
    const row = { project_id: request.name, record_id: `reference#${request.name}`, title: "of an operator" };
    await put("devops-project-tracker", row);
    const { status, body } = await postProject(request);
    expect(status).toBe(500);
    expect(body).toMatchObject({ failed_step: "tracker_reference_row", rolled_back: true });
    expect(body.error_envelope.retryable).toBe(false);
    expect(await storedProject(request)).toEqual({ ...NOTHING, reference: row });
  });

  it("gives name and prefix back when the document cannot be written", async () => {
    const request = newRequest();
    await injectFault({ service: "s3", operation: "PutObject", error: "AccessDenied" });
    const failed = await postProject(request);
    expect(failed.status).toBe(500);
    expect(failed.body).toMatchObject({ failed_step: "s3_reference_doc", rolled_back: true });
    expect(failed.body.error_envelope.retryable).toBe(true);
    expect(await storedProject(request)).toEqual(NOTHING);
    expect((await postProject(request)).status).toBe(201);
  });

  it("never writes over a document that is there", async () => {
    const request = newRequest();
    await injectFault({ nth: 5, dropAnswer: true, times: 1_000 });
    expect((await postProject(request)).body).toMatchObject({ failed_step: "s3_reference_doc" });
    const { document } = await storedProject(request);
    expect(document).toBeDefined();
    const again = await postProject(request);
    expect(again.body).toMatchObject({ initialization: { s3_reference_doc: "exists" } });
    expect((await storedProject(request)).document).toBe(document);
  });

  it("says so, and tells an operator, when it cannot be taken back", async () => {
    const critical = jest.spyOn(log(), "critical").mockImplementation(() => {});
    const request = newRequest();
    await injectFault({ service: "s3", operation: "PutObject", error: "AccessDenied" });
    await injectFault({ service: "dynamodb", operation: "TransactWriteItems", skip: 1, ...REFUSED });
    const { status, body } = await postProject(request);
    expect(status).toBe(500);
    expect(body).toMatchObject({ failed_step: "s3_reference_doc", rolled_back: false });
    expect(critical).toHaveBeenCalledTimes(1);
    expect(critical).toHaveBeenCalledWith(
      "project_rollback_failed",
      expect.objectContaining({ project_id: request.name, prefix: request.prefix }),
    );
  });

  it("is taken back at the third attempt", async () => {
    const request = newRequest();
    await injectFault({ service: "s3", operation: "PutObject", error: "AccessDenied" });
    await injectFault({ service: "dynamodb", operation: "TransactWriteItems", skip: 1, ...REFUSED, times: 2 });
    expect((await postProject(request)).body).toMatchObject({ rolled_back: true });
    expect(await storedProject(request)).toEqual(NOTHING);
  });

  it("leaves the project of the same name that the same person has made in the same second", async () => {
    const [failing, winning] = [newRequest(), newRequest()];
    winning.name = failing.name;
    await injectFault({ operation: "TransactWriteItems", delayMs: 400, error: "AccessDeniedException" });
    await startOfSecond();
    const failed = postProject(failing);
    await faultsMet();
    expect((await postProject(winning)).status).toBe(201);
    expect((await failed).body).toMatchObject({ failed_step: "projects_table", rolled_back: true });
    const { project, reference, document } = await storedProject(winning);
    expect(project).toMatchObject({ prefix: winning.prefix });
    expect(reference).toBeDefined();
    expect(document).toBeDefined();
  });

  it("succeeds all the same when the event bus is down", async () => {
    await injectFault({ service: "eventbridge", error: "InternalException", times: 1_000 });
    expect((await postProject(newRequest())).status).toBe(201);
  });
});

describe("a project that loses a race after its checks", () => {
  it("is told who has the name", async () => {
    const request = newRequest();
    const winner = { project_id: request.name, prefix: "ZZZ", status: "development", doc_prep_config: { max_docs: 3 } };
    const { status, body } = await postWhile(request, () => put("projects", winner));
    expect(status).toBe(409);
    expect(body).toHaveProperty("existing_project", {
      project_id: request.name,
      prefix: "ZZZ",
      status: "development",
    });
  });

  it("is told who has the prefix", async () => {
    const request = newRequest();
    const winner = { prefix: request.prefix, project_id: "the-winner", created_at: "2026-01-01T00:00:00Z" };
    const { status, body } = await postWhile(request, () => put("project-prefixes", winner));
    expect(status).toBe(409);
    expect(body.error).toBe(`Prefix '${request.prefix}' is already used by project 'the-winner'.`);
  });

  it("is told that the parent has gone", async () => {
    const { project_id } = await makeProject();
    const request = newRequest({ parent: project_id });
    const { status, body } = await postWhile(request, () =>
      directDynamodb.send(new DeleteCommand({ TableName: realName("tables", "projects"), Key: { project_id } })),
    );
    expect(status).toBe(400);
    expect(body.error).toContain(`'${project_id}' not found`);
    expect(await storedProject(request)).toEqual(NOTHING);
  });
});

describe("a project whose rows another transaction is at work on", () => {
  /** DynamoDB Local never answers with a conflict. */
  function conflictAt(attempts: number): { count: () => number } {
    const client = dynamodb();
    const send = client.send.bind(client) as (command: unknown) => Promise<never>;
    let conflicts = 0;
    jest.spyOn(client, "send").mockImplementation((async (command: unknown) => {
      if (!(command instanceof TransactWriteCommand) || conflicts === attempts) return send(command);
      conflicts += 1;
      const CancellationReasons = [{ Code: "TransactionConflict" }, { Code: "None" }, { Code: "None" }];
      throw Object.assign(new Error("conflict"), { name: "TransactionCanceledException", CancellationReasons });
    }) as never);
    return { count: () => conflicts };
  }

  it("is created once the other one is done", async () => {
    conflictAt(2);
    expect((await postProject(newRequest())).status).toBe(201);
  });

  it("is told who won, once that is known", async () => {
    const request = newRequest();
    conflictAt(1);
    setTimeout(() => put("projects", { project_id: request.name, prefix: "YYY", status: "planning" }), 15);
    expect((await postProject(request)).status).toBe(409);
  });

  it("is a 503 after the first attempt and five more", async () => {
    const conflicts = conflictAt(1_000);
    const { status, body, headers } = await postProject(newRequest());
    expect(status).toBe(503);
    expect(body.error_envelope).toMatchObject({ code: "UPSTREAM_ERROR", retryable: true });
    expect(headers["Retry-After"]).toBe("1");
    expect(conflicts.count()).toBe(6);
  });
});
