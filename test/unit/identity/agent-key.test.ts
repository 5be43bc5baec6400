import { hashOfSecret } from "@enceladus/shared/agent-key";
import { GRANTABLE_SCOPES } from "@enceladus/shared/scopes";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { issuedView, listedView, newAgentKeyRequest, rowOf } from "../../../domain/identity/agent-key.ts";

const GOOD = { agent: "claude", scopes: ["tracker:read"], projects: ["enceladus"] };

/** What a request is refused for, field by field. */
function faults(request: unknown): [field: string, message: string][] {
  const result = newAgentKeyRequest.safeParse(request);
  return (result.error?.issues ?? []).map(({ path, message }) => [path.join("."), message]);
}

describe("a request for a key", () => {
  it("needs an agent, scopes and projects; it is good for 90 days unless it says otherwise", () => {
    expect(newAgentKeyRequest.parse(GOOD)).toEqual({ ...GOOD, expires_in_days: 90 });
    expect(newAgentKeyRequest.parse({ ...GOOD, expires_in_days: 1 }).expires_in_days).toBe(1);
    expect(newAgentKeyRequest.parse({ ...GOOD, expires_in_days: 365 }).expires_in_days).toBe(365);
  });

  it("is refused with every fault at once, in the order of the fields", () => {
    const fields = (request: unknown) => faults(request).map(([field]) => field);
    expect(fields({})).toEqual(["agent", "scopes", "projects"]);
    const wrong = { agent: 5, scopes: "tracker:read", projects: {}, expires_in_days: "90" };
    expect(fields(wrong)).toEqual(["agent", "scopes", "projects", "expires_in_days"]);
    expect(faults({}).map(([, message]) => message)).toEqual(["is required", "is required", "is required"]);
  });

  it.each(["a", "claude", "claude-code.2", "a_b", `a${"0".repeat(63)}`])("takes the name %j", (agent) => {
    expect(faults({ ...GOOD, agent })).toEqual([]);
  });

  it.each(["", "A", "0a", "-a", "a b", "a:b", "agent:a", "é", `a${"0".repeat(64)}`, "a\n", null])(
    "refuses the name %j",
    (agent) => {
      expect(faults({ ...GOOD, agent }).map(([field]) => field)).toEqual(["agent"]);
    },
  );

  it.each(["internal-key", "cognito", "root", "system", "unknown", "anonymous"])(
    "refuses a name that stands for somebody else: %s",
    (agent) => {
      expect(faults({ ...GOOD, agent })).toEqual([["agent", "is a reserved name"]]);
    },
  );

  it("names the scopes that it does not know, and those that there are", () => {
    const [[field, message] = []] = faults({ ...GOOD, scopes: ["tracker:read", "tracker:all", "projects:read", "x"] });
    expect(field).toBe("scopes");
    expect(message).toContain("'tracker:all', 'projects:read', 'x'");
    expect(message).not.toContain("'tracker:read'");
    for (const known of GRANTABLE_SCOPES) expect(message).toContain(known);
  });

  it("takes all scopes together, none of them twice, and not none", () => {
    expect(faults({ ...GOOD, scopes: [...GRANTABLE_SCOPES] })).toEqual([]);
    expect(faults({ ...GOOD, scopes: [] }).map(([field]) => field)).toEqual(["scopes"]);
    expect(faults({ ...GOOD, scopes: ["tracker:read", "tracker:read"] })).toEqual([
      ["scopes", "each may be named once: 'tracker:read'"],
    ]);
    expect(faults({ ...GOOD, scopes: ["tracker:read", 5] }).map(([field]) => field)).toEqual(["scopes.1"]);
  });

  it("takes one to a hundred projects, or `*` alone", () => {
    const projects = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);
    expect(faults({ ...GOOD, projects: projects(100) })).toEqual([]);
    expect(faults({ ...GOOD, projects: ["*"] })).toEqual([]);
    expect(faults({ ...GOOD, projects: projects(101) })).toEqual([["projects", "at most 100 are allowed"]]);
    expect(faults({ ...GOOD, projects: [] }).map(([field]) => field)).toEqual(["projects"]);
    expect(faults({ ...GOOD, projects: ["*", "a"] })).toEqual([["projects", "'*' stands for all projects, and alone"]]);
    expect(faults({ ...GOOD, projects: ["a", "b", "a"] })).toEqual([["projects", "each may be named once: 'a'"]]);
  });

  it.each([0, 366, -1, 1.5, 1e9, Number.NaN, "90", null, true])("refuses %j days", (expires_in_days) => {
    expect(faults({ ...GOOD, expires_in_days }).map(([field]) => field)).toEqual(["expires_in_days"]);
  });

  it("never throws, and never says more than a few hundred characters besides the known scopes", () => {
    const longest = GRANTABLE_SCOPES.join(", ").length + 1_000;
    fc.assert(
      fc.property(fc.anything(), fc.array(fc.string({ unit: "binary", maxLength: 3_000 })), (any, texts) => {
        for (const request of [
          any,
          { ...GOOD, scopes: texts, projects: texts, agent: texts[0] },
          { ...GOOD, scopes: any },
        ]) {
          for (const [, message] of faults(request)) expect(message.length).toBeLessThan(longest);
        }
      }),
    );
  });
});

describe("a new key", () => {
  const now = Date.parse("2026-01-01T12:00:00.500Z");
  const request = newAgentKeyRequest.parse({ ...GOOD, expires_in_days: 30 });
  const row = rowOf({ id: "ID", secret: "SECRET" }, request, "user-1", now);

  it("is stored with a hash in place of its secret, and expires in so many days", () => {
    expect(row).toEqual({
      id: "ID",
      secret_sha256: hashOfSecret("SECRET"),
      ...GOOD,
      created_at: "2026-01-01T12:00:00Z",
      created_by: "user-1",
      expires_at: "2026-01-31T12:00:00Z",
    });
    expect(JSON.stringify(row)).not.toContain("SECRET");
  });

  it("is told without the hash, and in lists with what has become of it", () => {
    const { secret_sha256: _, ...told } = row;
    expect(issuedView(row)).toEqual(told);
    expect(listedView(row)).toEqual({ ...told, last_used_at: null, revoked_at: null });
    const later = { ...row, last_used_at: "2026-01-02T00:00:00Z", revoked_at: "2026-01-03T00:00:00Z" };
    expect(listedView(later)).toMatchObject({ last_used_at: later.last_used_at, revoked_at: later.revoked_at });
  });
});
