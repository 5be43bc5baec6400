import { randomInt } from "node:crypto";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { createProject, type NewProject, newProject } from "../../domain/projects/index.ts";
import { directDynamodb, realName } from "./services.ts";

/** Prefixes are few (26^3), and tests run side by side: each test file draws its own from a counter that all share. */
const BLOCK = 100;

async function drawBlock(): Promise<number[]> {
  const { Attributes } = await directDynamodb.send(
    new UpdateCommand({
      TableName: realName("tables", "idempotency"),
      Key: { id: "prefixes drawn by tests" },
      UpdateExpression: "ADD drawn :block",
      ExpressionAttributeValues: { ":block": BLOCK },
      ReturnValues: "UPDATED_NEW",
    }),
  );
  const end = Attributes?.drawn as number;
  return Array.from({ length: BLOCK }, (_, index) => end - BLOCK + index);
}

const drawn = await drawBlock();

function letters(number: number): string {
  const digits = [Math.floor(number / 676) % 26, Math.floor(number / 26) % 26, number % 26];
  return String.fromCharCode(...digits.map((digit) => 65 + digit));
}

/** A prefix that no other test uses. */
export function anyPrefix(): string {
  const next = drawn.pop();
  if (next === undefined) throw new Error(`a test file may use ${BLOCK} prefixes`);
  return letters(next);
}

/** A name that no other test uses. */
export function anyName(): string {
  return `p-${Date.now().toString(36)}-${randomInt(2 ** 40).toString(36)}`;
}

/** Makes a project of its own for a test, the way projects are made. */
export async function makeProject(fields: Partial<NewProject> = {}) {
  if (drawn.length === 0) drawn.push(...(await drawBlock()));
  const request = { name: anyName(), prefix: anyPrefix(), summary: "A project for a test", ...fields };
  return (await createProject(newProject.parse(request), { label: "test" })).project;
}
