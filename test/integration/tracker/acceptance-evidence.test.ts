import { beforeAll, describe, expect, it } from "@jest/globals";
import { makeProject } from "../../support/projects.ts";
import { call, create, pathOf, read, set } from "../../support/tracker-api.ts";
import { chainOf, expectAllIntact, putRow, snapshot, stored } from "../../support/tracker-rows.ts";

let project: string;

beforeAll(async () => {
  project = (await makeProject()).project_id;
});

const show = (id: string, body: object) => call("POST", `${pathOf(project, id)}/acceptance-evidence`, body);

async function expectRefused(id: string, body: object, error: string) {
  const before = await snapshot(project, id);
  const answer = await show(id, body);
  expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining(error)]);
  expect(answer.body.error_envelope.code).toBe("INVALID_INPUT");
  expect(await snapshot(project, id)).toEqual(before);
}

describe("evidence for a criterion", () => {
  it("is kept with it, and all criteria are told", async () => {
    const id = await create(project, "feature");
    const first = await show(id, {
      criterion_index: 1,
      evidence: " run 1 ",
      evidence_acceptance: true,
      provider: "claude",
    });
    expect(first.status).toBe(200);
    expect(first.body).toEqual({
      success: true,
      record_id: id,
      criterion_index: 1,
      evidence_acceptance: true,
      updated_at: expect.any(String),
      criteria_summary: [
        { index: 0, description: "it works", evidence_acceptance: false },
        { index: 1, description: "it is fast", evidence_acceptance: true },
      ],
      all_criteria_accepted: false,
      completion_eligible: false,
    });
    expect(await stored(project, id)).toMatchObject({
      acceptance_criteria: [
        { description: "it works", evidence: "", evidence_acceptance: false },
        { description: "it is fast", evidence: "run 1", evidence_acceptance: true },
      ],
      last_update_note: "Acceptance criterion [1] evidence accepted [provider=claude]: it is fast",
    });
    const second = await show(id, { criterion_index: "0", evidence: "run 2", evidence_acceptance: "yes" });
    expect(second.body).toMatchObject({ criterion_index: 0, all_criteria_accepted: true, completion_eligible: true });
    expect((await chainOf(project, id)).map(({ operation }) => operation)).toEqual([
      "create",
      "acceptance_evidence",
      "acceptance_evidence",
    ]);
  });

  it("may be there before it is accepted, and be taken back", async () => {
    const id = await create(project, "feature");
    await show(id, { criterion_index: 0, evidence: "half of it" });
    expect((await read(project, id)).history.at(-1)?.description).toBe(
      "Acceptance criterion [0] evidence updated: it works",
    );
    const evidenceOf = async () => ((await stored(project, id)).acceptance_criteria as object[])[0];
    expect(await evidenceOf()).toEqual({ description: "it works", evidence: "half of it", evidence_acceptance: false });
    await show(id, { criterion_index: 0, evidence_acceptance: false });
    expect(await evidenceOf()).toEqual({ description: "it works", evidence: "", evidence_acceptance: false });
  });

  it("is accepted with something to show only", async () => {
    const id = await create(project, "feature");
    for (const evidence of [undefined, null, "", "  "]) {
      await expectRefused(
        id,
        { criterion_index: 0, evidence, evidence_acceptance: true },
        "without providing evidence",
      );
    }
  });

  it.each([[undefined], [null], ["one"], [1.5], [""], [true], [[0]]])(
    "is for a criterion by its number, not by %j",
    async (index) => {
      const id = await create(project, "feature");
      await expectRefused(id, { criterion_index: index, evidence: "x" }, "criterion_index");
    },
  );

  it.each([[2], ["2"], [-1], ["-1"], [999999999]])("is for a criterion that is there, not for %j", async (index) => {
    const id = await create(project, "feature");
    await expectRefused(id, { criterion_index: index, evidence: "x" }, "out of range");
  });

  it.each(["task", "issue"] as const)("is not for a %s", async (type) => {
    await expectRefused(await create(project, type), { criterion_index: 0, evidence: "x" }, "only applies to features");
  });

  it("is not for a feature without criteria", async () => {
    const item_id = "OLD-FTR-030";
    await putRow({
      project_id: project,
      record_id: `feature#${item_id}`,
      record_type: "feature",
      item_id,
      title: "x",
      status: "planned",
    });
    await expectRefused(item_id, { criterion_index: 0, evidence: "x" }, "no acceptance_criteria");
  });

  it("makes something of the plain texts of older features", async () => {
    const item_id = "OLD-FTR-031";
    const row = {
      record_type: "feature",
      item_id,
      title: "x",
      status: "planned",
      acceptance_criteria: ["old", "older"],
    };
    await putRow({ project_id: project, record_id: `feature#${item_id}`, ...row });
    await show(item_id, { criterion_index: 1, evidence: "run 1", evidence_acceptance: true });
    expect((await stored(project, item_id)).acceptance_criteria).toEqual([
      { description: "old", evidence: "", evidence_acceptance: false },
      { description: "older", evidence: "run 1", evidence_acceptance: true },
    ]);
  });

  it("is told in a few words of the criterion, never cut through a character", async () => {
    const id = await create(project, "feature", {
      acceptance_criteria: `${"x".repeat(79)}😀${"y".repeat(19)}😀${"z".repeat(50)}`,
    });
    const answer = await show(id, { criterion_index: 0, evidence: "run 1" });
    expect(answer.body.criteria_summary).toEqual([
      { index: 0, description: `${"x".repeat(79)}😀${"y".repeat(19)}😀`, evidence_acceptance: false },
    ]);
    expect((await stored(project, id)).last_update_note).toBe(
      `Acceptance criterion [0] evidence updated: ${"x".repeat(79)}😀`,
    );
  });

  it("given at once for each criterion is kept for each", async () => {
    const criteria = Array.from({ length: 12 }, (_, index) => `criterion ${index}`);
    const id = await create(project, "feature", { acceptance_criteria: criteria });
    const answers = await Promise.all(
      criteria.map((_, index) =>
        show(id, { criterion_index: index, evidence: `run ${index}`, evidence_acceptance: true }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(criteria.map(() => 200));
    expect(answers.filter(({ body }) => body.all_criteria_accepted)).toHaveLength(1);
    expect((await stored(project, id)).acceptance_criteria).toEqual(
      criteria.map((description, index) => ({ description, evidence: `run ${index}`, evidence_acceptance: true })),
    );
  });

  it("is for the criterion that was meant: where criteria change at the same time it is refused or goes to the right one", async () => {
    for (let round = 0; round < 6; round += 1) {
      const id = await create(project, "feature", { acceptance_criteria: ["meant", "other"] });
      const [shown] = await Promise.all([
        show(id, { criterion_index: 0, evidence: "run 1", evidence_acceptance: true }),
        set(project, id, "acceptance_criteria", ["other", "meant"]),
      ]);
      const accepted = (
        (await stored(project, id)).acceptance_criteria as { description: string; evidence: string }[]
      ).filter(({ evidence }) => evidence !== "");
      // Whoever comes first: the evidence stays with what stood at the index when it was given.
      if (shown.status === 200) expect(accepted).toHaveLength(1);
      else
        expect([shown.status, shown.body.error, accepted]).toEqual([
          409,
          expect.stringContaining("modified concurrently"),
          [],
        ]);
    }
  });
});

it("every piece of evidence is one entry of a whole chain", async () => {
  const { project_id } = await makeProject();
  const id = await create(project_id, "feature");
  for (const evidence of ["a", "b", ""]) {
    await call("POST", `${pathOf(project_id, id)}/acceptance-evidence`, { criterion_index: 0, evidence });
  }
  await expectAllIntact(project_id);
});
