import { describe, expect, it } from "@jest/globals";
import {
  isListed,
  isPrefix,
  isProjectId,
  PROJECT_STATUSES,
  type Project,
  viewOf,
} from "../../../domain/projects/project.ts";

const project = (status: string) => ({ project_id: "alpha", status }) as Project;
const listed = (filter: Parameters<typeof isListed>[1]) =>
  PROJECT_STATUSES.filter((status) => isListed(project(status), filter));

describe("a list of projects", () => {
  it("shows all of them, the active ones, or those of one status", () => {
    expect(listed({ activeOnly: false })).toEqual(PROJECT_STATUSES);
    expect(listed({ activeOnly: true })).toEqual(["planning", "development", "active_production"]);
    expect(listed({ status: "planning", activeOnly: false })).toEqual(["planning"]);
  });

  it("goes by the status where both are given, and by nothing else than the exact one", () => {
    expect(listed({ status: "closed", activeOnly: true })).toEqual(["closed"]);
    expect(listed({ status: "Closed", activeOnly: false })).toEqual([]);
  });
});

it("shows null for a missing parent or repository, and passes the unknown through", () => {
  expect(viewOf({ ...project("planning"), extra: [1] })).toEqual({
    project_id: "alpha",
    status: "planning",
    parent: null,
    repo: null,
    extra: [1],
  });
});

it("knows the form of ids and prefixes, line ends included", () => {
  expect(["a", "a-1_b"].every(isProjectId)).toBe(true);
  expect(["", "A", "1a", "a\n", "a/b", "a".repeat(51)].some(isProjectId)).toBe(false);
  expect(isPrefix("ABC")).toBe(true);
  expect(["abc", "ABCD", "AB", "ABC\n", "ÄBC"].some(isPrefix)).toBe(false);
});
