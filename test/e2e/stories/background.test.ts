import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { ApiCaller } from "../../support/api-caller.ts";
import { runScript } from "../../support/command.ts";
import { eventually } from "../../support/eventually.ts";
import { system } from "../../support/shared-system.ts";

const { endpoints } = system;
const settings = { region: endpoints.region, credentials: endpoints.aws };
const s3 = new S3Client({ ...settings, endpoint: endpoints.aws.s3, forcePathStyle: true });
const sqs = new SQSClient({ ...settings, endpoint: endpoints.aws.sqs });
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({ ...settings, endpoint: endpoints.aws.dynamodb }));
const service = ApiCaller.service(system);
const person = ApiCaller.person(system);

beforeAll(() => person.createProject("night-shift", "NGS"));

afterAll(() => {
  for (const client of [s3, sqs, dynamodb]) client.destroy();
});

async function injectFault(fault: object): Promise<void> {
  const answer = await fetch(`${endpoints.apiUrl}/local/faults`, { method: "POST", body: JSON.stringify(fault) });
  expect(answer.status).toBe(201);
}

/** Without the manners that callers of a healthy system may expect. */
async function createProject(name: string, prefix: string, parent?: string): Promise<number> {
  const headers = {
    "Content-Type": "application/json",
    Cookie: endpoints.users[0]?.cookie ?? "",
    "Idempotency-Key": name,
  };
  const body = JSON.stringify({ name, prefix, summary: "A project", ...(parent && { parent }) });
  return (await fetch(`${endpoints.apiUrl}/api/v1/projects`, { method: "POST", headers, body })).status;
}

describe("what nobody calls for", () => {
  it.each(["documentUpkeep", "governanceAudit", "deployFinalize"])("%s does at its hour", async (key) => {
    const event = {
      id: `hour-of-${key}`,
      source: "aws.events",
      "detail-type": "Scheduled Event",
      time: new Date().toISOString(),
      resources: [],
      detail: {},
    };
    const path = `/2015-03-31/functions/${endpoints.functions[key]}/invocations`;
    const answer = await fetch(`${endpoints.lambdaUrl}${path}`, { method: "POST", body: JSON.stringify(event) });
    expect([answer.status, answer.headers.get("x-amz-function-error")]).toEqual([200, null]);
  });

  const search = async (query: string) =>
    (await service.get(`/api/v1/documents/search?${query}`)).body.documents as Record<string, unknown>[];
  const titles = async (query: string) => (await search(query)).map(({ title }) => title);
  const TITLE = "Governance: night-rules.md";

  it("makes a governance file a document whose words are found, until the file is gone", async () => {
    const at = { Bucket: endpoints.buckets.assets, Key: "governance/live/night-rules.md" };
    await s3.send(new PutObjectCommand({ ...at, Body: "# Night\n\nWake the quokka.\n" }));
    await eventually(
      () => titles("project=devops&keyword=governance-file"),
      (found) => found.includes(TITLE),
      60_000,
    );
    const byWords = () => titles("project=devops&text=wake+quokka");
    await eventually(byWords, (found) => found.includes(TITLE), 60_000);
    expect(await titles("keyword=governance-file")).toContain(TITLE);
    expect(await runScript("reindex", ["--project", "devops", "--data", system.dataDir])).toMatchObject({ code: 0 });
    expect(await byWords()).toContain(TITLE);
    await s3.send(new DeleteObjectCommand(at));
    await eventually(byWords, (found) => !found.includes(TITLE), 60_000);
  });

  it("makes the reference of a project a document, at the latest when it is searched for", async () => {
    expect(await search("project=night-shift&keyword=project-reference")).toMatchObject([
      { project_id: "night-shift" },
    ]);
  });

  it("prepares what a project wants: of the store and of the bucket, and says what is not there", async () => {
    const Bucket = endpoints.buckets.assets;
    const { body } = await service.call("PUT", "/api/v1/documents", {
      body: { project_id: "night-shift", title: "Shifts", content: "# Shifts\n" },
    });
    const wanted = ["docs/lamps.md", "governance/live/lamps.md", "docs/missing.md"];
    for (const Key of wanted.slice(0, 2)) await s3.send(new PutObjectCommand({ Bucket, Key, Body: "# Lamps\n" }));
    const additional_docs = [
      ...wanted.map((s3_key) => ({ filename: s3_key, source_type: "s3", s3_key })),
      { filename: "shifts.md", source_type: "docstore", document_id: body.document_id },
    ];
    await dynamodb.send(
      new UpdateCommand({
        TableName: endpoints.tables.projects,
        Key: { project_id: "night-shift" },
        UpdateExpression: "SET doc_prep_config = :config",
        ExpressionAttributeValues: { ":config": { max_docs: 5, additional_docs } },
      }),
    );
    const { functions, lambdaUrl } = endpoints;
    const path = `/2015-03-31/functions/${functions.docPrep}/invocations`;
    const event = { httpMethod: "POST", pathParameters: { projectName: "night-shift" }, body: "{}" };
    const answer = await fetch(`${lambdaUrl}${path}`, { method: "POST", body: JSON.stringify(event) });
    const { statusCode, body: text } = (await answer.json()) as { statusCode: number; body: string };
    expect(statusCode).toBe(200);
    for (const name of ["docs/lamps.md", "governance/live/lamps.md", "docs/missing.md", "shifts.md"]) {
      expect(text).toContain(name);
    }
  });
});

describe("what goes wrong", () => {
  it("by naming a parent that there is not keeps a project from being created, and by one that there is does not", async () => {
    expect(await createProject("orphaned", "ORP", "no-such-parent")).toBeGreaterThanOrEqual(400);
    expect(await createProject("sheltered", "SHL", "night-shift")).toBe(201);
  });

  it("on the way to a project leaves nothing of it, so that it can be created after all", async () => {
    await injectFault({
      function: "projectService",
      service: "s3",
      match: "reference/unborn.md",
      error: "AccessDenied",
    });
    expect(await createProject("unborn", "UNB")).toBeGreaterThanOrEqual(500);
    expect((await person.get("/api/v1/projects/unborn")).status).toBe(404);
    expect(await createProject("unborn", "UNB")).toBe(201);
  });

  it("with an event of a project keeps nobody from creating it: the event waits to be sent again", async () => {
    const waiting = async () => {
      const QueueUrl = endpoints.queues["enceladus-events-dlq"];
      const AttributeNames = ["ApproximateNumberOfMessages" as const];
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
      return Number(Attributes?.ApproximateNumberOfMessages);
    };
    const before = await waiting();
    const fault = { function: "projectService", service: "eventbridge", match: "unheard", error: "InternalException" };
    await injectFault({ ...fault, times: 3 });
    expect(await createProject("unheard", "UNH")).toBe(201);
    expect(await waiting()).toBeGreaterThan(before);
  });
});
