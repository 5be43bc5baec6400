import { afterEach, describe, expect, it } from "@jest/globals";
import type { Writer } from "../../../domain/tracker/attribution.ts";
import { assertNotLocked, defaultLeaseSeconds, granted, holderOf, released } from "../../../domain/tracker/lease.ts";
import { aRecord, aWriter, refusalOf } from "../../support/tracker-values.ts";

const NOW = Date.parse("2026-02-03T04:05:06Z");
const held = granted(aRecord(), "claude", 600, NOW);

describe("a grant", () => {
  it("says who holds the record until when", () => {
    expect(held).toMatchObject({
      active_agent_session: true,
      active_agent_session_id: "claude",
      active_agent_session_at: "2026-02-03T04:05:06Z",
      lease_expires_at: "2026-02-03T04:15:06Z",
      lease_id: expect.stringMatching(/^[0-9A-Z]{26}$/),
      fence: 1,
    });
    expect(holderOf(held, NOW)).toEqual({
      session_id: "claude",
      since: "2026-02-03T04:05:06Z",
      lease_expires_at: "2026-02-03T04:15:06Z",
      seconds_left: 600,
      last_heartbeat_at: null,
    });
  });

  it("has a fence above all earlier ones, over releases and expiries", () => {
    let record = aRecord();
    const fences: (number | undefined)[] = [];
    for (let round = 0; round < 5; round += 1) {
      record = granted(record, `agent ${round}`, 60, NOW);
      fences.push(record.fence);
      if (round % 2 === 0) record = released(record);
      fences.push(record.fence);
    }
    expect(fences).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  });

  it("has an id of its own and no heartbeat of an earlier holder", () => {
    const again = granted({ ...held, lease_heartbeat_at: "2026-02-03T04:06:00Z" }, "codex", 60, NOW);
    expect(again.lease_id).not.toBe(held.lease_id);
    expect(again.lease_heartbeat_at).toBeUndefined();
  });
});

describe("the holder", () => {
  it("is nobody on a free record", () => {
    expect(holderOf(aRecord(), NOW)).toBeUndefined();
    expect(holderOf(aRecord({ active_agent_session: false, active_agent_session_id: "claude" }), NOW)).toBeUndefined();
    expect(holderOf(released(held), NOW)).toBeUndefined();
  });

  it("holds it to the last moment and not longer", () => {
    expect(holderOf(held, NOW + 599_999)).toMatchObject({ session_id: "claude", seconds_left: 1 });
    expect(holderOf(held, NOW + 600_000)).toBeUndefined();
  });

  it("shows its last sign of life", () => {
    expect(holderOf({ ...held, lease_heartbeat_at: "2026-02-03T04:06:00Z" }, NOW)?.last_heartbeat_at).toBe(
      "2026-02-03T04:06:00Z",
    );
  });

  it("of an older row holds it for a default lease after its last sign of life", () => {
    const old = aRecord({
      active_agent_session: true,
      active_agent_session_id: "claude",
      updated_at: "2026-02-03T04:05:06Z",
    });
    expect(holderOf(old, NOW + 14_399_000)).toMatchObject({ session_id: "claude", since: null, seconds_left: 1 });
    expect(holderOf(old, NOW + 14_400_000)).toBeUndefined();
    expect(holderOf({ ...old, active_agent_session_at: "2026-02-03T05:05:06Z" }, NOW + 14_400_000)?.seconds_left).toBe(
      3_600,
    );
  });

  it("of a row without any time holds it until it is released", () => {
    const timeless = aRecord({ active_agent_session: true, active_agent_session_id: "claude", updated_at: undefined });
    expect(holderOf(timeless, NOW)).toMatchObject({ session_id: "claude", lease_expires_at: "" });
  });
});

describe("the default lease", () => {
  afterEach(() => {
    delete process.env.SESSION_LEASE_SECONDS;
  });

  it.each([
    [undefined, 14_400],
    ["", 14_400],
    ["0", 14_400],
    ["-5", 14_400],
    ["soon", 14_400],
    ["1.5", 14_400],
    ["90", 90],
  ])("with SESSION_LEASE_SECONDS %j is %d s", (configured, seconds) => {
    if (configured !== undefined) process.env.SESSION_LEASE_SECONDS = configured;
    expect(defaultLeaseSeconds()).toBe(seconds);
  });
});

describe("a write on a held record", () => {
  const passes = (writer: Partial<Writer>, record = held, now = NOW) =>
    expect(() => assertNotLocked(record, aWriter(writer), now)).not.toThrow();
  const refusal = (writer: Partial<Writer>) => refusalOf(() => assertNotLocked(held, aWriter(writer), NOW));

  it("passes for the holder, by session, provider or dispatch", () => {
    passes({ sessionId: "claude" });
    passes({ provider: "claude" });
    passes({ dispatchId: "claude", provider: "codex" });
  });

  it("is refused to anybody else who says who it is, with what there is to know", () => {
    const { code, message, details } = refusal({ provider: "codex" });
    expect(code).toBe("CONFLICT");
    expect(message).toContain("checked out by 'claude'");
    expect(details).toEqual({
      reason: "SESSION_LOCKED",
      holder: holderOf(held, NOW),
      next_action: "Wait 600 s for the lease to end, or claim other work with claims/next.",
    });
  });

  it("passes for people and services that name nobody", () => {
    passes({});
    passes({ channel: "github_integration", authMode: "internal-key" });
  });

  it("is refused to an agent that does not say who it is", () => {
    expect(refusal({ channel: "mcp_server", authMode: "internal-key" }).message).toContain("checked out by");
  });

  it("passes once the lease is over, and where the lock names nobody", () => {
    passes({ provider: "codex" }, held, NOW + 600_000);
    passes({ provider: "codex" }, { ...held, active_agent_session_id: "" });
    passes({ provider: "codex" }, released(held));
  });
});
