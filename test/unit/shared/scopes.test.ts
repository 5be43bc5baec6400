import { type AuthContext, holdsScope, isVisible, projectsVisibleTo } from "@enceladus/shared/auth-context";
import { GRANTABLE_SCOPES, grants, isGrantable, type Scope } from "@enceladus/shared/scopes";
import { describe, expect, it } from "@jest/globals";

const GROUPS = ["tracker", "documents", "deploy", "coordination", "governance"];
const PEOPLE_ONLY: Scope[] = ["projects:read", "projects:write", "agents:admin"];

function agent(scopes: string[], projects: "all" | string[] = "all"): AuthContext {
  return { mode: "agent-key", sub: "agent:a", keyId: "K", agent: "a", scopes, projects, claims: {} };
}

describe("what a key may be given", () => {
  it("is every right of every group, each group as a whole, and a few rights besides", () => {
    const ofGroups = GROUPS.flatMap((group) => ["read", "write", "admin", "*"].map((right) => `${group}:${right}`));
    const others = ["feed:read", "reference:read", "monitor:read", "evidence:ci"];
    expect([...GRANTABLE_SCOPES]).toEqual([...ofGroups, ...others]);
  });

  it.each([
    ...PEOPLE_ONLY,
    "projects:*",
    "agents:*",
    "feed:*",
    "*",
    "*:*",
    "tracker",
    "Tracker:read",
    "constructor",
    "",
  ])("is not %j", (scope) => {
    expect(isGrantable(scope)).toBe(false);
  });
});

describe("a right", () => {
  it.each(GROUPS)("implies no other: %s", (group) => {
    const rights = ["read", "write", "admin"].map((right) => `${group}:${right}` as Scope);
    for (const granted of rights) expect(rights.filter((right) => grants([granted], right))).toEqual([granted]);
  });

  it.each(GROUPS)("is held by a key for the whole group, and only there: %s", (group) => {
    for (const other of GROUPS) {
      for (const right of ["read", "write", "admin"]) {
        expect(grants([`${group}:*`], `${other}:${right}` as Scope)).toBe(group === other);
      }
    }
  });

  it.each(PEOPLE_ONLY)("that is for people is held by no key, whatever is stored: %s", (scope) => {
    const stored = [...GRANTABLE_SCOPES, scope, `${scope.split(":")[0]}:*`, "*"];
    expect(holdsScope(agent(stored), scope)).toBe(false);
  });

  it("is held by people and by the internal key, whichever it is", () => {
    const people: AuthContext = { mode: "cognito", sub: "p", claims: {} };
    const service: AuthContext = { mode: "internal-key", sub: "internal-key", claims: {} };
    for (const scope of [...PEOPLE_ONLY, "tracker:admin", "evidence:ci"] as const) {
      expect([holdsScope(people, scope), holdsScope(service, scope)]).toEqual([true, true]);
    }
  });
});

describe("a project", () => {
  it("is visible to people, to the internal key, and to a key that has it or all", () => {
    const visibleTo = (caller: AuthContext) => isVisible(projectsVisibleTo(caller), "mine");
    expect(visibleTo({ mode: "cognito", sub: "p", claims: {} })).toBe(true);
    expect(visibleTo({ mode: "internal-key", sub: "internal-key", claims: {} })).toBe(true);
    expect(visibleTo(agent([], "all"))).toBe(true);
    expect(visibleTo(agent([], ["yours", "mine"]))).toBe(true);
    expect(visibleTo(agent([], ["yours", "min", "mine2", "*"]))).toBe(false);
    expect(visibleTo(agent([], []))).toBe(false);
  });
});
