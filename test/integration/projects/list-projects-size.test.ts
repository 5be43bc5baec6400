import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { getProjects } from "../../support/project-api.ts";
import { anyName } from "../../support/projects.ts";
import { actAs, directDynamodb, realName } from "../../support/services.ts";

const STATUS = `large-${anyName()}`;
const ids = Array.from({ length: 20 }, (_, number) => `${STATUS}-${String(number).padStart(2, "0")}`);

beforeAll(async () => {
  actAs("projectService");
  for (const project_id of ids) {
    const Item = { project_id, registry: "project", status: STATUS, notes: "n".repeat(390_000) };
    await directDynamodb.send(new PutCommand({ TableName: realName("tables", "projects"), Item }));
  }
});

afterAll(async () => {
  const TableName = realName("tables", "projects");
  for (const project_id of ids) await directDynamodb.send(new DeleteCommand({ TableName, Key: { project_id } }));
});

it("ends a page before it is larger than a function may answer, and goes on behind it", async () => {
  const first = await getProjects("", { status: STATUS });
  expect(Buffer.byteLength(first.text)).toBeLessThanOrEqual(5 * 1024 * 1024 + 100_000);
  expect(first.body.count).toBe(13);
  const second = await getProjects("", { status: STATUS, cursor: first.body.next_cursor ?? "" });
  expect(second.body).not.toHaveProperty("next_cursor");
  const listed = [...first.body.projects, ...second.body.projects].map(({ project_id }) => project_id);
  expect(listed).toEqual(ids);
});
