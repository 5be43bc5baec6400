import { randomInt } from "node:crypto";
import { DomainError } from "@enceladus/shared/errors";
import { createProject, type NewProject, newProject } from "../../domain/projects/index.ts";

/** Three random capital letters. */
export function anyPrefix(): string {
  return String.fromCharCode(...[0, 0, 0].map(() => 65 + randomInt(26)));
}

/** A name that no other test uses. */
export function anyName(): string {
  return `p-${Date.now().toString(36)}-${randomInt(2 ** 40).toString(36)}`;
}

/** Makes a project of its own for a test, the way projects are made. */
export async function makeProject(fields: Partial<NewProject> = {}) {
  for (let attempts = 20; ; attempts -= 1) {
    const request = newProject.parse({
      name: anyName(),
      prefix: anyPrefix(),
      summary: "A project for a test",
      ...fields,
    });
    try {
      return (await createProject(request, { label: "test" })).project;
    } catch (error) {
      // There are only 17,576 prefixes, and the tests of all files draw from them.
      const drawAgain = error instanceof DomainError && error.details.prefix_owner && !fields.prefix && attempts > 0;
      if (!drawAgain) throw error;
    }
  }
}
