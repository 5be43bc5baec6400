import { describe, expect, it } from "@jest/globals";
import { imported } from "../../../domain/tracker/import-format.ts";
import { relatedFrom } from "../../../scripts/export/dependencies.ts";
import { type ListedRecord, namesOf } from "../../../scripts/export/names.ts";
import { exportedRecord } from "../../../scripts/export/record.ts";

function listed(item_id: string, fields: Record<string, unknown> = {}): ListedRecord {
  const record_type = { TSK: "task", ISS: "issue", FTR: "feature" }[item_id.split("-")[1] ?? ""] ?? "task";
  return {
    item_id,
    record_type,
    title: `Title of ${item_id}`,
    status: "open",
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-02T00:00:00Z",
    sync_version: 3,
    ...fields,
  };
}

function exportOf(...records: ListedRecord[]) {
  const lines = records.map((record) => exportedRecord(record, namesOf(records), relatedFrom(records)));
  return JSON.parse(JSON.stringify(lines)) as Record<string, unknown>[];
}

describe("an exported record", () => {
  it("is called what it was called where it came from, else by its id", () => {
    const names = exportOf(listed("ABC-TSK-001", { external_id: "bd-1" }), listed("ABC-TSK-002"));
    expect(names.map(({ external_id }) => external_id)).toEqual(["bd-1", "ABC-TSK-002"]);
  });

  it("is something that the import takes", () => {
    const feature = listed("ABC-FTR-001", {
      status: "in-progress",
      user_story: "As a person ...",
      acceptance_criteria: [{ description: "works", evidence: "seen", evidence_acceptance: true }],
      primary_task: "ABC-TSK-001",
      commit_sha: "0".repeat(40),
      update: "please look",
      labels: ["a"],
    });
    const [line] = exportOf(feature, listed("ABC-TSK-001"));
    expect(imported(line as never).further).toEqual({
      acceptance_criteria: [{ description: "works", evidence: "seen", evidence_acceptance: true }],
      commit_sha: "0".repeat(40),
      primary_task: "ABC-TSK-001",
      update: "please look",
      user_story: "As a person ...",
    });
  });

  it("leaves out what the system keeps, who works on it, and what is blank", () => {
    const [line] = exportOf(
      listed("ABC-TSK-001", {
        write_source: { channel: "mutation_api" },
        history: [],
        history_truncated: true,
        fence: 3,
        active_agent_session: true,
        active_agent_session_id: "claude",
        assigned_to: "",
        category: null,
        coordination: false,
      }),
    );
    expect(Object.keys(line ?? {})).toEqual(["external_id", "type", "title", "status", "created_at", "updated_at"]);
  });

  it("last changed elsewhere, unless something has happened to it here", () => {
    const brought = { external_updated_at: "2020-01-01T00:00:00Z", imported_version: 3 };
    const [same, changed] = exportOf(
      listed("ABC-TSK-001", brought),
      listed("ABC-TSK-002", { ...brought, sync_version: 4 }),
    );
    expect([same?.updated_at, changed?.updated_at]).toEqual(["2020-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]);
  });

  it("has a closing time only while it is closed", () => {
    const closed_at = "2026-01-02T00:00:00Z";
    const [closed, reopened] = exportOf(
      listed("ABC-TSK-001", { status: "closed", closed_at }),
      listed("ABC-TSK-002", { closed_at }),
    );
    expect([closed?.closed_at, reopened?.closed_at]).toEqual([closed_at, undefined]);
  });

  it.each([
    [
      "a person",
      { status: "close_audit", description: "Closed via Enceladus PWA", closed_time: "2026-03-01T00:00:00Z" },
    ],
    ["an agent", { status: "worklog", description: "Field 'status' set to 'closed' [provider=claude]" }],
  ])("was closed when %s closed it here", (_, note) => {
    const history = [
      { timestamp: "2026-02-01T00:00:00Z", status: "created", description: "imported from bd-1: Title" },
      { timestamp: "2026-03-01T00:00:00Z", ...note },
      { timestamp: "2026-04-01T00:00:00Z", status: "worklog", description: "well done" },
    ];
    const [line] = exportOf(listed("ABC-TSK-001", { status: "closed", closed_at: "2026-01-02T00:00:00Z", history }));
    expect(line?.closed_at).toBe("2026-03-01T00:00:00Z");
  });
});

describe("exported dependencies", () => {
  it("are edges, edges that still wait, and what only older attributes say; each once and by name", () => {
    const [line] = exportOf(
      listed("ABC-TSK-001", {
        dependencies: [
          { to: "ABC-FTR-001", kind: "parent" },
          { to: "ABC-TSK-002", kind: "blocks" },
        ],
        depends_on: [{ type: "task", ids: ["ABC-TSK-002", "ABC-TSK-003"] }],
        awaited_dependencies: [{ external_id: "bd-9", kind: "discovered_from" }],
      }),
      listed("ABC-TSK-002", { external_id: "bd-2" }),
      listed("ABC-TSK-003"),
      listed("ABC-FTR-001", { external_id: "bd-f" }),
    );
    expect(line?.dependencies).toEqual([
      { external_id: "ABC-TSK-003", kind: "blocks" },
      { external_id: "bd-2", kind: "blocks" },
      { external_id: "bd-9", kind: "discovered_from" },
      { external_id: "bd-f", kind: "parent" },
    ]);
    expect(line?.parent).toBeUndefined();
  });

  it("tell a relation at the end where its edge starts", () => {
    const [one, other] = exportOf(
      listed("ABC-TSK-001", {
        dependencies: [{ to: "ABC-TSK-002", kind: "related" }],
        related_task_ids: ["ABC-TSK-002"],
      }),
      listed("ABC-TSK-002", { related_task_ids: ["ABC-TSK-001"] }),
    );
    expect([one?.dependencies, other?.dependencies]).toEqual([
      [{ external_id: "ABC-TSK-002", kind: "related" }],
      undefined,
    ]);
  });

  it("do not say since when they are there, nor say it twice", () => {
    const [line] = exportOf(
      listed("ABC-TSK-001", {
        dependencies: [{ to: "ABC-TSK-002", kind: "blocks", created_at: "2026-01-03T00:00:00Z" }],
        depends_on: [{ type: "task", ids: ["ABC-TSK-002"] }],
        blocked_by: "ABC-TSK-002",
        open_blockers: ["ABC-TSK-002"],
        blocked_parents: ["ABC-TSK-003"],
        has_dependants: true,
      }),
      listed("ABC-TSK-002"),
    );
    expect(line?.dependencies).toEqual([{ external_id: "ABC-TSK-002", kind: "blocks" }]);
    expect(line).not.toHaveProperty("attributes");
  });

  it("leave the words of people in blocked_by, and no ids that would mean something else elsewhere", () => {
    const dependencies = ["ABC-TSK-002", "ABC-TSK-003"].map((to) => ({ to, kind: "blocks" }));
    const [line] = exportOf(
      listed("ABC-TSK-001", { dependencies, blocked_by: "ABC-TSK-002, the lawyers, abc-tsk-003, QQQ-TSK-001" }),
      listed("ABC-TSK-002"),
      listed("ABC-TSK-003"),
    );
    expect(line?.attributes).toEqual({ blocked_by: "the lawyers, QQQ-TSK-001" });
  });

  it("to records of another project keep their ids, and say so; the parent of the field too", () => {
    const [line] = exportOf(
      listed("ABC-TSK-001", {
        dependencies: [
          { to: "XYZ-TSK-001", kind: "parent" },
          { to: "ABC-TSK-002", kind: "parent" },
          { to: "XYZ-ISS-001", kind: "blocks" },
        ],
        depends_on: [{ type: "issue", ids: ["XYZ-ISS-001", "XYZ-ISS-002"] }],
        parent: "XYZ-TSK-001",
      }),
      listed("ABC-TSK-002"),
    );
    expect(line?.dependencies).toEqual([
      { external_id: "XYZ-ISS-001", kind: "blocks", in_another_project: true },
      { external_id: "XYZ-ISS-002", kind: "blocks" },
      { external_id: "ABC-TSK-002", kind: "parent" },
      { external_id: "XYZ-TSK-001", kind: "parent", in_another_project: true },
    ]);
    // Of several parents the named one comes last, as it is.
    expect(imported(line as never).edges.at(-1)).toEqual({
      external_id: "XYZ-TSK-001",
      kind: "parent",
      in_another_project: true,
    });
  });

  it("tell a relation without an edge at the end that comes first", () => {
    const [one, other] = exportOf(
      listed("ABC-TSK-001", { related_issue_ids: ["ABC-ISS-001"] }),
      listed("ABC-ISS-001", { related_task_ids: ["ABC-TSK-001"] }),
    );
    expect([one?.dependencies, other?.dependencies]).toEqual([
      [{ external_id: "ABC-ISS-001", kind: "related" }],
      undefined,
    ]);
  });

  it("say which of several parents the field names", () => {
    const dependencies = ["ABC-TSK-002", "ABC-TSK-003"].map((to) => ({ to, kind: "parent" }));
    const [line] = exportOf(
      listed("ABC-TSK-001", { dependencies, parent: "ABC-TSK-003" }),
      listed("ABC-TSK-002"),
      listed("ABC-TSK-003"),
    );
    expect(line?.parent).toBe("ABC-TSK-003");
  });
});
