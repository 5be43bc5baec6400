import { describe, expect, it } from "@jest/globals";
import { masked, maskedBody } from "../../../../scripts/dead-letters/mask.ts";

describe("what a person sees of a dead letter", () => {
  it("has no secret that its name gives away", () => {
    expect(
      maskedBody('{"callback_token":"abc","nested":[{"X-Coordination-Internal-Key":"k","Authorization":"x"}],"n":1}'),
    ).toStrictEqual({
      callback_token: "(hidden)",
      nested: [{ "X-Coordination-Internal-Key": "(hidden)", Authorization: "(hidden)" }],
      n: 1,
    });
  });

  it.each([
    `id eyJ${"a".repeat(20)}.eyJ${"b".repeat(20)}.sig-nature`,
    "id Bearer abcdefgh12345678",
    `id AKIA${"A".repeat(16)}`,
    `id ghp_${"abcdefghijklmnop"}`,
    "id enceladus_id_token=abc.def",
  ])("has no secret that its looks give away: %s", (text) => {
    expect(masked(text)).toBe("id (hidden)");
    expect(masked({ deep: [text] })).toStrictEqual({ deep: ["id (hidden)"] });
  });

  it("keeps everything else", () => {
    const body = { project_id: "alpha", trigger: "deploy_request", keys: ["a", 1, null, true], token: "" };
    expect(masked(body)).toStrictEqual(body);
    expect(maskedBody("no JSON")).toBe("no JSON");
  });

  it.each(["eyJ-", "eyJaaaaaaaaaa.", "bearer ", "ghp_-", "enceladus_"])(
    "is told in a time that grows with its length only: %s",
    (part) => {
      const startedAt = performance.now();
      masked(part.repeat(100_000));
      // Squared it would be minutes.
      expect(performance.now() - startedAt).toBeLessThan(5_000);
    },
  );
});
