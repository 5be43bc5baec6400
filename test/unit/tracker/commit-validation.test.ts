import { describe, expect, it } from "@jest/globals";
import { repositoryOf } from "../../../domain/tracker/commit-validation.ts";

describe("the repository in an address", () => {
  it.each([
    ["https://github.com/owner/repo", { owner: "owner", repo: "repo" }],
    ["https://github.com/owner/repo.git", { owner: "owner", repo: "repo" }],
    ["https://github.com/owner/repo/tree/main", { owner: "owner", repo: "repo" }],
    ["ssh://git@github.com/owner/repo.git", { owner: "owner", repo: "repo" }],
    ["https://github.com/owner", undefined],
    ["https://github.com", undefined],
    ["owner/repo", undefined],
    ["", undefined],
    [null, undefined],
    [undefined, undefined],
  ])("%s is %j", (address, repository) => {
    expect(repositoryOf(address)).toEqual(repository);
  });
});
