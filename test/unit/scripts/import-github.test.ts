import { describe, expect, it } from "@jest/globals";
import { fromGithub } from "../../../scripts/import/github.ts";
import { Remarks } from "../../../scripts/import/remarks.ts";

const ISSUE = {
  number: 12,
  html_url: "https://github.com/octo/cat/issues/12",
  repository_url: "https://api.github.com/repos/octo/cat",
  title: "Crash at start",
  body: "It crashes.",
  state: "closed",
  state_reason: "completed",
  labels: [{ name: "bug" }, { name: "priority: high" }],
  assignees: [{ login: "ada" }, { login: "bob" }],
  created_at: "2025-01-01T10:00:00Z",
  updated_at: "2025-01-02T10:00:00Z",
  closed_at: "2025-01-02T10:00:00Z",
};

function mapped(fields: Record<string, unknown> = {}) {
  const remarks = new Remarks();
  return { draft: fromGithub({ ...ISSUE, ...fields }, remarks), remarks };
}

describe("an issue of GitHub", () => {
  it("is named after its repository and number", () => {
    const { draft, remarks } = mapped();
    expect(draft).toMatchObject({
      external_id: "octo/cat#12",
      type: "issue",
      title: "Crash at start",
      description: "It crashes.",
      status: "closed",
      priority: "P1",
      labels: ["bug", "priority: high"],
      created_at: "2025-01-01T10:00:00Z",
      closed_at: "2025-01-02T10:00:00Z",
      close_reason: "completed",
      attributes: { assigned_to: "ada", github_issue_url: ISSUE.html_url },
    });
    expect(remarks.lost).toEqual([{ what: "assignees beyond the first one", examples: ["octo/cat#12"] }]);
  });

  it.each([
    [["kind/feature"], "feature"],
    [["enhancement"], "feature"],
    [["type: bug", "enhancement"], "issue"],
    [["docs"], "task"],
  ])("with the labels %p is a %s", (labels, type) => {
    expect(mapped({ labels: labels.map((name) => ({ name })) }).draft?.type).toBe(type);
  });

  it("has the type that GitHub says, before what labels say", () => {
    expect(mapped({ type: { name: "Feature" } }).draft?.type).toBe("feature");
  });

  it("has the parent that its address names", () => {
    const parent_issue_url = "https://api.github.com/repos/octo/dog/issues/3";
    expect(mapped({ parent_issue_url }).draft?.parent).toBe("octo/dog#3");
  });

  it("may come from `gh issue list --json`, with its own names of the fields", () => {
    const { draft } = mapped({
      html_url: undefined,
      url: "https://github.com/octo/cat/issues/12",
      state: "OPEN",
      created_at: undefined,
      createdAt: "2025-01-03T10:00:00Z",
    });
    expect(draft).toMatchObject({ external_id: "octo/cat#12", status: "open", created_at: "2025-01-03T10:00:00Z" });
  });

  it("tells what it has beside, of which the file holds too little", () => {
    const lost = (fields: Record<string, unknown>) =>
      mapped({ assignees: [], ...fields }).remarks.lost.map(({ what }) => what);
    const beside = {
      comments: 3,
      milestone: { title: "1.0" },
      issue_dependencies_summary: { blocked_by: 1, blocking: 0 },
    };
    expect(lost(beside)).toEqual(["comments", "milestones", "dependencies, which GitHub only counts here"]);
    expect(lost({ comments: [{ body: "from gh" }] })).toEqual(["comments"]);
    expect(lost({ comments: 0, milestone: null, issue_dependencies_summary: { blocked_by: 0, blocking: 0 } })).toEqual(
      [],
    );
  });

  it("is no pull request", () => {
    const { draft, remarks } = mapped({ pull_request: { url: "https://api.github.com/repos/octo/cat/pulls/12" } });
    expect(draft).toBeUndefined();
    expect(remarks.lost).toEqual([{ what: "pull requests", examples: ["#12"] }]);
  });
});
