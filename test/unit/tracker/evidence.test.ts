import { describe, expect, it } from "@jest/globals";
import {
  asCriterion,
  checkEvidence,
  checkRecord,
  criteriaOf,
  evidenceAttributes,
  evidenceSuffix,
  featureWarnings,
} from "../../../domain/tracker/evidence.ts";
import { aRecord, refusalOf } from "../../support/tracker-values.ts";

const SHA = "0123456789abcdef0123456789abcdef01234567";

describe("what a gate wants of the request", () => {
  it("is nothing where there is no gate", () => {
    expect(() => checkEvidence(undefined, {})).not.toThrow();
  });

  it("is a reason for a move back", () => {
    expect(refusalOf(() => checkEvidence("revert-reason", {})).message).toContain("revert_reason");
    expect(() => checkEvidence("revert-reason", { revert_reason: "wrong branch" })).not.toThrow();
  });

  it("is a whole commit for a push", () => {
    expect(refusalOf(() => checkEvidence("commit", {})).message).toContain("transition_evidence.commit_sha");
    for (const short of ["abc", SHA.slice(1), `${SHA}0`, SHA.replace("0", "g"), `${SHA}\n`]) {
      expect(refusalOf(() => checkEvidence("commit", { commit_sha: short })).message).toContain("40-char hex");
    }
    expect(() => checkEvidence("commit", { commit_sha: SHA })).not.toThrow();
  });

  it("is the merge for main", () => {
    expect(refusalOf(() => checkEvidence("merge", {})).message).toContain("merge_evidence");
    expect(() => checkEvidence("merge", { merge_evidence: "PR 12" })).not.toThrow();
  });

  it("is the deployment for deployed", () => {
    expect(refusalOf(() => checkEvidence("deployment", {})).message).toContain("deployment_ref");
    expect(() => checkEvidence("deployment", { deployment_ref: "v1.2.0" })).not.toThrow();
  });

  it("is told together with what to do about it", () => {
    expect(refusalOf(() => checkEvidence("merge", {})).details).toEqual({
      field: "merge_evidence",
      next_action: "Send transition_evidence.merge_evidence: the merge or pull request.",
    });
  });
});

describe("what a gate wants of the record", () => {
  it("is evidence for an issue that closes", () => {
    for (const evidence of [undefined, [], "seen it", null]) {
      const issue = aRecord({ record_type: "issue", evidence });
      expect(refusalOf(() => checkRecord("issue-evidence", issue)).message).toContain("evidence is required");
    }
    const issue = aRecord({ record_type: "issue", evidence: [{ description: "x", steps_to_duplicate: ["y"] }] });
    expect(() => checkRecord("issue-evidence", issue)).not.toThrow();
  });

  const met = { description: "works", evidence: "run 1", evidence_acceptance: true };

  it("is a user story for a feature that completes", () => {
    for (const user_story of [undefined, "  "]) {
      const feature = aRecord({ record_type: "feature", user_story, acceptance_criteria: [met] });
      expect(refusalOf(() => checkRecord("feature-complete", feature)).message).toContain("user_story");
    }
  });

  it("is at least one criterion for a feature that completes", () => {
    for (const acceptance_criteria of [undefined, [], "works"]) {
      const feature = aRecord({ record_type: "feature", user_story: "As", acceptance_criteria });
      expect(refusalOf(() => checkRecord("feature-complete", feature)).message).toContain("acceptance_criteria");
    }
  });

  it("is that every criterion of a feature is accepted; the open ones are listed", () => {
    const feature = aRecord({
      record_type: "feature",
      user_story: "As",
      acceptance_criteria: [met, { ...met, description: "is fast", evidence_acceptance: false }, "an old plain text"],
    });
    const refusal = refusalOf(() => checkRecord("feature-complete", feature));
    expect(refusal.message).toContain("not all acceptance criteria validated");
    expect(refusal.message.split("\n").slice(1)).toEqual(["[1] is fast", "[2] an old plain text"]);
    expect(refusal.details.open_criteria).toEqual([
      { index: 1, description: "is fast" },
      { index: 2, description: "an old plain text" },
    ]);
  });

  it("is not fooled by something that only looks like an acceptance", () => {
    for (const evidence_acceptance of ["true", 1, {}, null]) {
      const feature = aRecord({
        record_type: "feature",
        user_story: "As",
        acceptance_criteria: [{ ...met, evidence_acceptance }],
      });
      expect(() => checkRecord("feature-complete", feature)).toThrow("not all acceptance criteria validated");
    }
  });

  it("is fulfilled by a story and accepted criteria", () => {
    const feature = aRecord({ record_type: "feature", user_story: "As", acceptance_criteria: [met, met] });
    expect(() => checkRecord("feature-complete", feature)).not.toThrow();
  });
});

describe("warnings about a feature", () => {
  it("name each field that is missing, once", () => {
    const warnings = featureWarnings(aRecord({ record_type: "feature" }));
    expect(warnings).toEqual([expect.stringContaining("user_story"), expect.stringContaining("acceptance_criteria")]);
  });

  it("are none where nothing is missing", () => {
    expect(featureWarnings(aRecord({ record_type: "feature", user_story: "As", acceptance_criteria: ["x"] }))).toEqual(
      [],
    );
  });
});

describe("what stays of the evidence", () => {
  it("is everything but the reason of a move back", () => {
    const evidence = {
      commit_sha: SHA,
      merge_evidence: "PR 12",
      deployment_ref: "v1",
      revert_reason: "no",
      owner: "o",
    };
    expect(evidenceAttributes(evidence)).toEqual({ commit_sha: SHA, merge_evidence: "PR 12", deployment_ref: "v1" });
  });

  it("does not wipe what was stored before", () => {
    expect(evidenceAttributes({})).toEqual({});
  });

  it("is told in the history, in a fixed order and cut", () => {
    expect(evidenceSuffix({})).toBe("");
    expect(evidenceSuffix({ commit_sha: SHA })).toBe(" [evidence: commit: 0123456789ab]");
    expect(
      evidenceSuffix({
        revert_reason: "r".repeat(100),
        merge_evidence: "m".repeat(100),
        deployment_ref: "d".repeat(100),
        commit_sha: SHA,
        owner: "nobody",
        repo: "asks",
      }),
    ).toBe(
      ` [evidence: commit: 0123456789ab, deploy: ${"d".repeat(100)}, merge: ${"m".repeat(80)}, revert: ${"r".repeat(80)}]`,
    );
  });

  it("is never cut through a character", () => {
    const suffix = evidenceSuffix({ merge_evidence: `${"m".repeat(79)}😀😀`, revert_reason: `${"r".repeat(79)}😀😀` });
    expect(suffix.isWellFormed()).toBe(true);
  });
});

describe("asCriterion", () => {
  it("takes the plain texts of older features as criteria that are not met", () => {
    expect(asCriterion("works")).toEqual({ description: "works", evidence: "", evidence_acceptance: false });
  });

  it("makes a criterion of whatever is stored", () => {
    const empty = { description: "", evidence: "", evidence_acceptance: false };
    for (const odd of [null, 5, [], {}, { description: 5, evidence: [], evidence_acceptance: "true" }]) {
      expect(asCriterion(odd)).toEqual(empty);
    }
  });

  it("is applied to every criterion of a record", () => {
    expect(
      criteriaOf(aRecord({ acceptance_criteria: ["a", { description: "b", evidence_acceptance: true }] })),
    ).toEqual([
      { description: "a", evidence: "", evidence_acceptance: false },
      { description: "b", evidence: "", evidence_acceptance: true },
    ]);
  });
});
