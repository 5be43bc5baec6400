import { describe, expect, it } from "@jest/globals";
import { NON_UI_RULES } from "../../../domain/deployments/deployment-type.ts";
import { compactTimestamp, idOfMoment, newRequestId } from "../../../domain/deployments/ids.ts";
import { analyse, recorded } from "../../../domain/deployments/integration-analysis.ts";
import { completeConfig, judgeNonUiRequest } from "../../../domain/deployments/non-ui-config.ts";
import { aggregate, byType, firstThatFit } from "../../../domain/deployments/orchestrate/aggregate.ts";
import type { DeployRequest } from "../../../domain/deployments/request.ts";

function request(id: string, fields: Partial<DeployRequest> = {}): DeployRequest {
  return {
    project_id: "devops",
    record_id: `request#${id}`,
    record_type: "request",
    request_id: id,
    status: "pending",
    submitted_at: "2026-01-01T00:00:00Z",
    submitted_by: "test",
    change_type: "patch",
    summary: id,
    changes: [],
    related_record_ids: [],
    ...fields,
  };
}

describe("what requests have in common", () => {
  it("is nothing for one request, however often it names a thing", () => {
    const one = request("A", { files_changed: ["version.ts", "version.ts"], related_record_ids: ["X", "X"] });
    expect(analyse([one])).toMatchObject({ status: "pass", overlaps: [], warnings: [] });
  });

  it("is a warning for a file or a record", () => {
    const both = ["A", "B"].map((id) =>
      request(id, { files_changed: ["src/conversion.ts"], related_record_ids: ["X"] }),
    );
    expect(recorded(analyse(both))).toEqual({
      status: "warning",
      file_overlaps: [{ file: "src/conversion.ts", request_ids: ["A", "B"] }],
      warnings: ["File src/conversion.ts is changed by 2 requests.", "Record X is named by 2 requests."],
    });
  });

  it.each([
    ["src/Version.ts", undefined],
    ["version.ts", undefined],
    ["app/v.json", "app/v.json"],
  ])("keeps them apart where it is the file of the version (%s)", (file, configured) => {
    const requests = [request("A", { files_changed: [file] }), request("B", { files_changed: [file] }), request("C")];
    const analysis = analyse(requests, configured);
    expect(analysis.status).toBe("fail");
    expect([...analysis.clashing]).toEqual(["A", "B"]);
  });

  it("is kept within bounds", () => {
    const files = Array.from({ length: 300 }, (_, index) => `file${index}`);
    const kept = recorded(analyse([request("A", { files_changed: files }), request("B", { files_changed: files })]));
    expect([kept.file_overlaps.length, kept.warnings.length, kept.omitted]).toEqual([100, 100, 400]);
  });
});

describe("several requests as one", () => {
  it("say what each says, in order, and name each record once", () => {
    const all = [
      request("B", { summary: " two ", changes: ["b1", "b2"], related_record_ids: ["Y", "X"] }),
      request("A", { summary: "  ", changes: ["a"], related_record_ids: ["X"] }),
    ];
    expect(aggregate(all)).toEqual({
      included_request_ids: ["B", "A"],
      aggregated_changes: ["b1", "b2", "a"],
      aggregated_release_summary: "two",
      all_related_record_ids: ["X", "Y"],
    });
    expect(aggregate([request("A", { summary: "" })]).aggregated_release_summary).toBe("Automated deployment");
  });

  it("may write to a record that one of them may write to", () => {
    const one = request("A", { related_record_ids: ["X", "Y"], foreign_record_ids: ["X", "Y"] });
    const other = request("B", { related_record_ids: ["Y"] });
    expect(aggregate([one, other])).toMatchObject({ all_related_record_ids: ["X", "Y"], worklog_record_ids: ["Y"] });
  });

  it("are as many as a spec takes, by number and by size", () => {
    const many = Array.from({ length: 200 }, (_, index) => request(`${index}`));
    expect(firstThatFit(many)).toEqual(many.slice(0, 90));
    const large = many.map((one) => ({ ...one, changes: ["x".repeat(100_000)] }));
    expect(firstThatFit(large)).toHaveLength(2);
    const larger = many.map((one) => ({ ...one, changes: ["x".repeat(300_000)] }));
    expect(firstThatFit(larger)).toHaveLength(1);
  });

  it("are grouped by type, the type of the oldest first", () => {
    const groups = byType(
      [request("A", { deployment_type: "b" }), request("B"), request("C", { deployment_type: "b" })],
      "a",
    );
    expect([...groups].map(([type, group]) => [type, group.map(({ request_id }) => request_id)])).toEqual([
      ["b", ["A", "C"]],
      ["a", ["B"]],
    ]);
  });
});

describe("a deployment that no builder carries out", () => {
  const REGION = "us-east-1";

  it.each(Object.entries(NON_UI_RULES))("%s takes a target and checks of its kind", (type, rule) => {
    const [target = ""] = rule.targetPrefixes;
    const sent = { service_group: rule.serviceGroup, target_arn: `${target}x` };
    expect(completeConfig(type, sent, REGION)).toEqual({
      ...sent,
      target_region: REGION,
      rollback_on_failure: true,
      validation_checks: [...rule.requiredChecks],
    });
    expect([...rule.requiredChecks].sort()).toEqual(rule.requiredChecks);
    expect(() => completeConfig(type, { ...sent, service_group: "other" }, REGION)).toThrow(rule.serviceGroup);
    expect(() => completeConfig(type, { ...sent, target_arn: "arn:aws:nothing" }, REGION)).toThrow(target);
    expect(() => completeConfig(type, { ...sent, validation_checks: [] }, REGION)).toThrow(
      rule.requiredChecks.join(", "),
    );
    expect(() => completeConfig(type, undefined, REGION)).toThrow("required");
  });

  it("keeps what it is told", () => {
    const sent = {
      service_group: "s3",
      target_arn: "arn:aws:s3:::bucket",
      validation_checks: [" bucket_policy_check ", "", "mine"],
      target_region: "eu-central-1",
      rollback_on_failure: false,
    };
    expect(completeConfig("s3_asset_sync", sent, REGION)).toEqual({
      ...sent,
      validation_checks: ["bucket_policy_check", "mine"],
    });
  });

  it.each([undefined, "", "{", "[]", '{"service_group":1}'])(
    "is rejected later with the configuration %j",
    (non_ui_config) => {
      const judged = judgeNonUiRequest(
        request("A", { ...(non_ui_config !== undefined && { non_ui_config }) }),
        "s3_asset_sync",
        REGION,
      );
      expect(judged).toEqual({ rejected: expect.stringContaining("non_ui_config") });
    },
  );

  it.each([undefined, "no json", "{}", '[{"hook":"doc_prep","success":"yes"}]', "[null]"])(
    "is rejected later without the result of its hook (%j)",
    (pre_deploy_results) => {
      const non_ui_config = JSON.stringify({ service_group: "s3", target_arn: "arn:aws:s3:::b" });
      const fields = {
        non_ui_config,
        pre_deploy_hooks: ["doc_prep"],
        ...(pre_deploy_results !== undefined && { pre_deploy_results }),
      };
      expect(judgeNonUiRequest(request("A", fields), "s3_asset_sync", REGION)).toEqual({
        rejected: expect.stringContaining("doc_prep"),
      });
    },
  );
});

it("ids are made of the second, and tell apart what was made in it", () => {
  const now = Date.UTC(2026, 1, 3, 4, 5, 6, 789);
  expect(compactTimestamp(now)).toBe("20260203T040506Z");
  expect(newRequestId(now)).toMatch(/^REQ-20260203T040506Z-[0-9a-f]{6}$/);
  expect([1, 2].map((attempt) => idOfMoment("SPEC", now, attempt))).toEqual([
    "SPEC-20260203T040506Z",
    "SPEC-20260203T040506Z-2",
  ]);
});
