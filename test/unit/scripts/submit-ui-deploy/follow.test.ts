import { describe, expect, it } from "@jest/globals";
import { ApiError, type ApiRequest } from "../../../../scripts/api/client.ts";
import { UserError } from "../../../../scripts/api/user-error.ts";
import { follow } from "../../../../scripts/submit-ui-deploy/follow.ts";

/**
 * An API that answers as it is told: what a request and its spec go through in seconds or never (the real one does so in
 * test/e2e/stories/ui-deploy.test.ts).
 */
function scripted(...answers: (object | Error)[]) {
  const asked: string[] = [];
  const call = async ({ path }: ApiRequest) => {
    asked.push(path);
    const next = answers.shift();
    if (next === undefined || next instanceof Error) throw next ?? new Error("nobody asked for more");
    return next;
  };
  return { client: { call }, asked };
}

async function following(...answers: (object | Error)[]) {
  const said: string[] = [];
  const { client, asked } = scripted(...answers);
  const options = { project: "alpha", timeoutSeconds: 1, pollSeconds: 0.001, say: (text: string) => said.push(text) };
  const ending = await follow(client, "REQ-1", options);
  return { ...ending, said, asked };
}

const included = { status: "included", spec_id: "SPEC-1" };
const building = { status: "building", resolved_version: "1.2.3" };

describe("waiting for a request", () => {
  it("ends well when its spec is deployed, and says each thing once", async () => {
    const pending = { status: "pending" };
    const deployed = { ...building, status: "deployed" };
    const { ok, words, said, asked } = await following(pending, pending, included, building, included, deployed);
    expect({ ok, words }).toEqual({ ok: true, words: "SPEC-1 is deployed: version 1.2.3." });
    expect(said).toEqual(["REQ-1 is pending", "SPEC-1 is building version 1.2.3"]);
    expect(asked.slice(-2)).toEqual([
      "/api/v1/deploy/request/REQ-1?project=alpha",
      "/api/v1/deploy/status/SPEC-1?project=alpha",
    ]);
  });

  it("ends well, with a notice, where somebody else carries it out", async () => {
    const ending = await following(included, { status: "queued_non_ui" });
    expect(ending).toMatchObject({ ok: true, words: expect.stringContaining("left to somebody else") });
  });

  it.each(["failed", "cancelled"])("ends badly when its spec is %s, and says why", async (status) => {
    const ending = await following(included, { status, error_message: "no space" });
    expect(ending).toMatchObject({ ok: false, words: `SPEC-1 is ${status}: no space` });
  });

  it("sees a build that failed and gave the request back between two looks", async () => {
    const ending = await following({ status: "pending", last_spec_id: "SPEC-1" }, { status: "failed" });
    expect(ending).toMatchObject({ ok: false, words: "SPEC-1 is failed: no reason is given" });
  });

  it.each(["rejected", "failed", "cancelled"])("ends badly when the request is %s", async (status) => {
    const ending = await following({ status, rejection_reason: "it is odd" });
    expect(ending).toMatchObject({ ok: false, words: `REQ-1 is ${status}: it is odd` });
  });

  it("goes on over troubles that pass, and stops at those that do not", async () => {
    const busy = new ApiError(503, "busy", "GET answered 503: busy");
    const gone = new UserError("No API answers");
    const { ok, said } = await following(busy, gone, included, { ...building, status: "deployed" });
    expect({ ok, said }).toEqual({ ok: true, said: [busy.message, gone.message] });
    await expect(following(new ApiError(404, "no", "GET answered 404: no"))).rejects.toThrow("404");
  });

  it("is given up after its time, with what was last seen", async () => {
    const { client } = scripted(
      ...Array.from({ length: 99 }, () => ({ status: "pending", blocked_reason: "a clash" })),
    );
    const options = { project: "alpha", timeoutSeconds: 0.05, pollSeconds: 0.02, say: () => {} };
    await expect(follow(client, "REQ-1", options)).rejects.toThrow(
      "Nothing has come of it within 0.05 s. Last: REQ-1 is pending, passed over: a clash",
    );
  });
});
