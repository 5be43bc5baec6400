import { alertSubject } from "@enceladus/shared/alerts";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { type AuditedRow, auditRules, judge, violationOf } from "../../../../domain/governance/index.ts";
import { singleAlert } from "../../../../domain/governance/write-audit/single-alert.ts";
import { newTally, shown, tally } from "../../../../domain/governance/write-audit/tally.ts";

const AT = Date.UTC(2026, 0, 5, 10);

beforeAll(() => {
  process.env.CORS_ORIGIN = "https://app.example.com/,http://127.0.0.1:3000";
});

function violation(after: AuditedRow, eventName = "MODIFY") {
  const write = { eventId: "e-1", eventName, before: undefined, after };
  const anomaly = judge(write, auditRules({}));
  if (typeof anomaly === "string") throw new Error(anomaly);
  return violationOf(write, anomaly, AT);
}

const ROW = {
  project_id: "moon",
  record_id: "task#MON-TSK-001",
  record_type: "task",
  item_id: "MON-TSK-001",
  updated_at: "2026-01-05T09:59:59Z",
  last_update_note: "x".repeat(300),
  write_source: { channel: "console", provider: "claude", dispatch_id: "DSP-1", principal: "agent:claude" },
};

describe("the alert about one write", () => {
  it("says what, where and who, and leads to the record", () => {
    expect(singleAlert(violation(ROW))).toStrictEqual({
      subject: "[SECURITY] Governance bypass detected: UNKNOWN_CHANNEL on MON-TSK-001",
      type: "GOVERNANCE_WRITE_ANOMALY",
      body: {
        alert_type: "GOVERNANCE_WRITE_ANOMALY",
        anomaly_type: "UNKNOWN_CHANNEL",
        message: 'MON-TSK-001 in project moon was changed by a write that came by the unknown channel "console".',
        record_id: "MON-TSK-001",
        project_id: "moon",
        link: "https://app.example.com/api/v1/tracker/moon/task/MON-TSK-001",
        who: { principal: "agent:claude", provider: "claude", channel: "console", dispatch_id: "DSP-1" },
        event_name: "MODIFY",
        write_source: ROW.write_source,
        updated_at: "2026-01-05T09:59:59Z",
        last_update_note: "x".repeat(200),
        detected_at: "2026-01-05T10:00:00Z",
        violation_id: expect.stringMatching(/^GOV-[0-9a-f]{20}$/),
        runbook: "docs/runbooks/a-write-without-attribution.md",
      },
    });
  });

  it("names the sort key, or nothing, of rows that have no more", () => {
    expect(singleAlert(violation({ record_id: "x#1" }, "INSERT")).body).toMatchObject({
      message: "x#1 in project unknown was put in by a write that has no write source.",
      record_id: "x#1",
      project_id: "unknown",
      link: null,
      who: { principal: "unknown", provider: "unknown", channel: "", dispatch_id: "" },
      write_source: null,
      updated_at: "",
      last_update_note: "",
    });
    expect(singleAlert(violation({})).body.record_id).toBe("unknown");
  });

  it("leads only to where a record can be, whatever its id is", () => {
    const link = (more: object) => singleAlert(violation({ ...ROW, ...more })).body.link;
    expect(link({ record_type: "secret" })).toBeNull();
    expect(link({ item_id: "../../evil?x#y", project_id: "a/b" })).toBe(
      "https://app.example.com/api/v1/tracker/a%2Fb/task/..%2F..%2Fevil%3Fx%23y",
    );
  });

  it("has an end, however long the texts of the row are", () => {
    const long = "é\u0000\n".repeat(50_000);
    const source = { channel: long, provider: long, extra: { long } };
    const { subject, body } = singleAlert(
      violation({ ...ROW, item_id: long, project_id: long, last_update_note: long, write_source: source }),
    );
    expect(alertSubject(subject)).toMatch(/^[ -~]{1,99}$/);
    expect(typeof body.write_source).toBe("string");
    expect(JSON.stringify(body).length).toBeLessThan(40_000);
  });
});

describe("a summary", () => {
  it("counts by type, project and channel, the most first, and names the first ten", () => {
    const rows = Array.from({ length: 12 }, (_, index) =>
      violation({ ...ROW, ...(index > 2 && { project_id: "mars", write_source: undefined }) }),
    );
    const summary = shown(tally(tally(newTally(), rows.slice(0, 5)), rows.slice(5)));
    expect(summary).toMatchObject({
      count: 12,
      by_type: { MISSING_WRITE_SOURCE: 9, UNKNOWN_CHANNEL: 3 },
      by_project: { mars: 9, moon: 3 },
      by_channel: { "(none)": 9, console: 3 },
    });
    expect(Object.keys(summary.by_project)).toStrictEqual(["mars", "moon"]);
    expect(summary.first_records).toHaveLength(10);
    expect(summary.first_records[0]).toMatchObject({ record_id: "MON-TSK-001", anomaly_type: "UNKNOWN_CHANNEL" });
  });

  it("has an end, however many names there are", () => {
    const rows = Array.from({ length: 500 }, (_, index) => violation({ ...ROW, project_id: `p${index}` }));
    const { by_project } = shown(tally(newTally(), rows));
    expect(Object.keys(by_project)).toHaveLength(31);
    expect(by_project["(others)"]).toBe(470);
  });
});

describe("a subject", () => {
  it.each([
    ["plain", "plain"],
    ["tab\tline\nfeed\u007f", "tab?line?feed?"],
    ["für \u{1F600}", "f?r ??"],
    ["x".repeat(200), "x".repeat(99)],
  ])("is ASCII without control characters, and short: %j", (text, subject) => {
    expect(alertSubject(text)).toBe(subject);
  });
});
