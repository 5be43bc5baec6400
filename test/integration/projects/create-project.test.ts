import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { newRequest, postProject } from "../../support/project-api.ts";
import { storedProject } from "../../support/project-rows.ts";
import { anyName, makeProject } from "../../support/projects.ts";
import { actAs, callsDuring, directDynamodb, directS3, realName } from "../../support/services.ts";

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

beforeAll(() => actAs("projectService"));

describe("creating a project", () => {
  it("makes the entry, the reservation, the reference row and the document, and shows the entry", async () => {
    const request = newRequest({ summary: "  All of it  " });
    const { name, prefix } = request;
    const answer = await postProject({ ...request, prefix: prefix.toLowerCase() });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      success: true,
      project: {
        project_id: name,
        prefix,
        path: `projects/${name}`,
        repo: null,
        summary: "All of it",
        status: "planning",
        parent: null,
        created_at: expect.stringMatching(TIMESTAMP),
        updated_at: answer.body.project.created_at,
        created_by: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
      initialization: {
        projects_table: "created",
        tracker_reference_row: "created",
        s3_reference_doc: "created",
      },
    });
    const { repo: _, parent: __, ...entry } = answer.body.project;
    const { created_at } = entry;
    expect(await storedProject(request)).toEqual({
      project: { ...entry, registry: "project" },
      reservation: { prefix, project_id: name, created_at, creation_id: expect.any(String) },
      reference: {
        project_id: name,
        record_id: `reference#${name}`,
        record_type: "reference",
        item_id: name,
        title: `${name} reference document`,
        status: "active",
        s3_key: `mobile/v1/reference/${name}.md`,
        s3_bucket: realName("buckets", "assets"),
        sync_version: 1,
        created_at,
        updated_at: created_at,
      },
      document: expect.stringContaining(`| ${created_at} |`),
    });
  });

  it("serves the document as Markdown that caches must ask about", async () => {
    const { project_id } = await makeProject();
    const head = await directS3.send(
      new HeadObjectCommand({ Bucket: realName("buckets", "assets"), Key: `mobile/v1/reference/${project_id}.md` }),
    );
    expect(head.ContentType).toBe("text/markdown; charset=utf-8");
    expect(head.CacheControl).toBe("max-age=0, s-maxage=300, must-revalidate");
  });

  it("keeps repository, parent and status, and lies below its parent", async () => {
    const parent = await makeProject();
    const request = newRequest({
      parent: parent.project_id,
      repo: "https://example.com/repo",
      status: "development",
      owner: "unknown fields are ignored",
    });
    const { status, body } = await postProject(request);
    expect(status).toBe(201);
    expect(body.project).toMatchObject({
      path: `projects/${parent.project_id}/${request.name}`,
      parent: parent.project_id,
      repo: "https://example.com/repo",
      status: "development",
    });
    expect(body.project).not.toHaveProperty("owner");
  });

  it("makes six AWS calls, seven with a parent", async () => {
    const parent = await makeProject();
    const calls = (await callsDuring(() => postProject(newRequest()))).map(({ operation }) => operation);
    expect(calls.sort()).toEqual(["GetItem", "GetItem", "PutEvents", "PutObject", "Query", "TransactWriteItems"]);
    expect(await callsDuring(() => postProject(newRequest({ parent: parent.project_id })))).toHaveLength(7);
  });

  it("tells the bus", async () => {
    const request = newRequest();
    const calls = await callsDuring(() => postProject(request));
    const sent = calls.find(({ service }) => service === "eventbridge")?.request;
    const { Entries: [entry] = [] } = sent as { Entries: unknown[] };
    const { Source, DetailType, Detail } = entry as Record<"Source" | "DetailType" | "Detail", string>;
    expect({ Source, DetailType }).toEqual({ Source: "enceladus.projects", DetailType: "project.created" });
    const { project } = await storedProject(request);
    expect(JSON.parse(Detail)).toEqual({
      project_id: request.name,
      prefix: request.prefix,
      status: "planning",
      parent: null,
      created_at: project?.created_at,
      created_by: project?.created_by,
    });
  });
});

describe("creating a project is refused", () => {
  it("with every fault of the request at once, in the order of the fields", async () => {
    const { status, body } = await postProject({
      name: "Nope",
      prefix: 7,
      status: "closed",
      parent: "?",
      repo: "ftp:",
    });
    expect(status).toBe(400);
    const fields = body.error_envelope.details.fields as { field: string; message: string }[];
    expect(fields.map(({ field }) => field)).toEqual(["name", "prefix", "summary", "status", "parent", "repo"]);
    expect(body.error).toBe(fields.map(({ field, message }) => `${field}: ${message}`).join("; "));
    expect(body.error_envelope.code).toBe("INVALID_INPUT");
  });

  it("when the name is taken, and shows who has it", async () => {
    const { project_id, prefix, status } = await makeProject();
    const answer = await postProject(newRequest({ name: project_id, parent: "not-there" }));
    expect(answer.status).toBe(409);
    expect(answer.body.error).toContain(`'${project_id}' already exists`);
    expect(answer.body).toHaveProperty("existing_project", { project_id, prefix, status });
    expect(answer.body).toHaveProperty("next_action");
  });

  it("when the prefix is taken, and names it and its owner", async () => {
    const { project_id, prefix } = await makeProject();
    const answer = await postProject(newRequest({ prefix, parent: "not-there" }));
    expect(answer.status).toBe(409);
    expect(answer.body.error).toContain(prefix);
    expect(answer.body.error).toContain(project_id);
  });

  it("when an entry older than the reservations has the prefix", async () => {
    const request = newRequest();
    const older = anyName();
    const Item = { project_id: older, prefix: request.prefix, status: "closed" };
    await directDynamodb.send(new PutCommand({ TableName: realName("tables", "projects"), Item }));
    const answer = await postProject(request);
    expect(answer.status).toBe(409);
    expect(answer.body.error).toContain(older);
  });

  it.each(["not-there", "itself"])("when the parent is not there (%s)", async (which) => {
    const request = newRequest();
    const parent = which === "itself" ? request.name : which;
    const answer = await postProject({ ...request, parent });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toContain(`'${parent}' not found`);
    expect(answer.body).toHaveProperty("fields", [{ field: "parent", message: expect.any(String) }]);
  });

  it("when the body is too large, no JSON, or no object", async () => {
    expect((await postProject(newRequest({ filler: "x".repeat(64 * 1024) }))).status).toBe(413);
    expect((await postProject("{")).body.error).toBe("Invalid JSON body.");
    expect((await postProject("[]")).body.error).toBe("JSON body must be an object.");
    expect((await postProject('{"name": "\\ud800"}')).body.error).toBe("Invalid JSON body.");
  });
});
