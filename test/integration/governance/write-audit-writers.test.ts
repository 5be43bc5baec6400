import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "@jest/globals";
import type { DynamoDBRecord } from "aws-lambda";
import { newRequest, postProject } from "../../support/project-api.ts";
import { directDynamodb, realName } from "../../support/services.ts";
import { call, create, LEAST, pathOf, set, walk } from "../../support/tracker-api.ts";
import { requestOf, sceneOf, trackerChanges, withoutSample } from "../../support/tracker-changes.ts";
import { putRow } from "../../support/tracker-rows.ts";
import { type Audit, auditRecords, followTracker, newAudit, type TrackerNews } from "../../support/write-audit.ts";

const IMPORTED = { type: "task", title: "x", status: "open", created_at: "2020-05-01T10:00:00Z" };

let current: Audit;
let tracker: TrackerNews;

beforeAll(async () => {
  current = await newAudit();
  tracker = await followTracker();
});

async function newProject(): Promise<string> {
  const answer = await postProject(newRequest());
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return answer.body.project.project_id;
}

/** In batches, as the stream delivers. */
async function auditAll(news: readonly DynamoDBRecord[]) {
  const sums = { processed: 0, clean: 0, anomalies: 0, failed: 0 };
  for (let start = 0; start < news.length; start += 25) {
    const answer = await auditRecords(news.slice(start, start + 25));
    sums.processed += answer.processed;
    sums.clean += answer.clean;
    sums.anomalies += answer.anomalies;
    sums.failed += answer.batchItemFailures.length;
  }
  return sums;
}

const kindsIn = (news: readonly DynamoDBRecord[]) =>
  new Set(news.map(({ dynamodb }) => dynamodb?.NewImage?.record_type?.S));

describe("whatever the platform writes itself", () => {
  it("is under test with every operation that changes something", () => {
    expect(withoutSample(() => true)).toEqual([]);
  });

  it("is clean: projects, each change, and what follows from it for other records", async () => {
    const projects: string[] = [];
    for (const change of trackerChanges) {
      const project = await newProject();
      projects.push(project);
      const scene = await sceneOf(change, project, change.sample.byHolder && 600);
      const { method, path, body, query } = requestOf(change, scene);
      const answer = await call(method, path, body, query && { query });
      expect([change.title, answer.status < 300, answer.body.error]).toEqual([change.title, true, undefined]);
    }
    const project = projects[0] ?? "";
    const [blocker, dependant] = [await create(project, "task"), await create(project, "task")];
    await set(project, dependant, "depends_on", [blocker]);
    await set(project, dependant, "parent", blocker);
    await create(project, "issue", { related: `${blocker}, ${dependant}` });
    await walk(project, blocker, "closed");
    await call("PATCH", pathOf(project, blocker), { action: "reopen" });
    await call("POST", `/${project}/imports`, {
      records: [
        { external_id: "later", ...IMPORTED, dependencies: [{ external_id: "latest", kind: "blocks" }] },
        { external_id: "latest", ...IMPORTED },
      ],
    });
    await call("POST", `/${project}/feature`, LEAST.feature, { as: "person" });

    const news = await tracker.of(projects);
    const kinds = ["task", "issue", "feature", "counter", "reference"];
    expect([...kindsIn(news)].sort()).toEqual(kinds.sort());
    const { processed, ...rest } = await auditAll(news);
    expect(rest).toEqual({ clean: processed, anomalies: 0, failed: 0 });
    expect(processed).toBeGreaterThan(5 * trackerChanges.length);
    expect(await current.alerts()).toEqual([]);
  }, 60_000);
});

it("a write past the platform is found, of whatever kind, and told of once", async () => {
  const project = await newProject();
  const id = await create(project, "task");
  const key = { project_id: project, record_id: `task#${id}` };
  const TableName = realName("tables", "devops-project-tracker");
  const row = (number: number, more: object) => ({
    project_id: project,
    record_id: `task#RAW-TSK-${number}`,
    record_type: "task",
    item_id: `RAW-TSK-${number}`,
    ...more,
  });
  await putRow(row(1, {}));
  await putRow(row(2, { write_source: { channel: "" } }));
  await putRow(row(3, { write_source: { channel: "console" } }));
  await putRow({ project_id: project, record_id: "no type at all" });
  await directDynamodb.send(
    new UpdateCommand({
      TableName,
      Key: key,
      UpdateExpression: "SET title = :title",
      ExpressionAttributeValues: { ":title": "changed in the console" },
    }),
  );
  await directDynamodb.send(
    new PutCommand({ TableName, Item: { ...key, record_id: "counter#x", record_type: "counter" } }),
  );
  const news = await tracker.of([project]);
  for (const batch of [news, [...news].reverse(), news]) {
    expect(await auditRecords(batch)).toMatchObject({ processed: news.length, anomalies: 5, batchItemFailures: [] });
  }
  const told = (await current.alerts()).map(({ body }) => `${body.anomaly_type} ${body.record_id}`);
  expect(told.sort()).toEqual([
    "EMPTY_WRITE_SOURCE RAW-TSK-2",
    "MISSING_WRITE_SOURCE RAW-TSK-1",
    "MISSING_WRITE_SOURCE no type at all",
    `STALE_WRITE_SOURCE ${id}`,
    "UNKNOWN_CHANNEL RAW-TSK-3",
  ]);
});
