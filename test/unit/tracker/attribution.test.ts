import type { AuthContext } from "@enceladus/shared/auth-context";
import { describe, expect, it } from "@jest/globals";
import { identitiesOf, writerOf, writerSuffix, writeSource } from "../../../domain/tracker/attribution.ts";
import { aWriter } from "../../support/tracker-values.ts";

const person: AuthContext = { mode: "cognito", sub: "user-1", claims: {} };
const service: AuthContext = { mode: "internal-key", sub: "internal-key", claims: {} };

describe("who writes", () => {
  it("is nobody by name where nothing is claimed", () => {
    expect(writerOf({}, person)).toEqual({
      channel: "mutation_api",
      provider: "",
      dispatchId: "",
      coordinationRequestId: "",
      sessionId: "",
      authMode: "cognito",
      principal: "user-1",
      visible: "all",
    });
  });

  it.each([
    [{ write_source: null }],
    [{ write_source: {} }],
    [{ write_source: { provider: null, channel: " " }, provider: "" }],
  ])("is nobody by name for %j", (claims) => {
    expect(writerOf(claims, service)).toMatchObject({ channel: "mutation_api", provider: "" });
  });

  it("is told inside write_source, or at the top level where that is blank", () => {
    const top = { provider: "top", dispatch_id: "DSP-top", coordination_request_id: "CRQ-top" };
    expect(writerOf(top, service)).toMatchObject({
      provider: "top",
      dispatchId: "DSP-top",
      coordinationRequestId: "CRQ-top",
    });
    const inner = { provider: " inner ", dispatch_id: "  ", coordination_request_id: null };
    expect(writerOf({ ...top, write_source: inner }, service)).toMatchObject({
      provider: "inner",
      dispatchId: "DSP-top",
      coordinationRequestId: "CRQ-top",
    });
  });

  it("is through the channel that a service states, whatever that is", () => {
    for (const channel of ["mcp_server", "tracker_cli", "nobody knows"]) {
      expect(writerOf({ write_source: { channel } }, service).channel).toBe(channel);
    }
  });

  it("is through the API for a browser, whatever it states", () => {
    expect(writerOf({ write_source: { channel: "mcp_server" } }, person).channel).toBe("mutation_api");
  });

  it("is, behind all claims, who the credential says", () => {
    const claims = { write_source: { provider: "somebody" }, principal: "root", sub: "root" };
    expect(writerOf(claims, service)).toMatchObject({ authMode: "internal-key", principal: "internal-key" });
    expect(writerOf(claims, person)).toMatchObject({ authMode: "cognito", principal: "user-1" });
  });
});

describe("the stamp of a write", () => {
  it("has every part, as texts, and an id of its own", () => {
    const writer = aWriter({ provider: "claude", dispatchId: "DSP-1" });
    const stamp = writeSource(writer, "2026-01-01T00:00:00Z");
    expect(stamp).toEqual({
      channel: "mutation_api",
      provider: "claude",
      dispatch_id: "DSP-1",
      coordination_request_id: "",
      timestamp: "2026-01-01T00:00:00Z",
      write_id: expect.stringMatching(/^[0-9A-Z]{26}$/),
      auth_mode: "cognito",
      principal: "user-1",
    });
    expect(writeSource(writer, "2026-01-01T00:00:00Z").write_id).not.toBe(stamp.write_id);
  });
});

describe("what a history text says about the writer", () => {
  it.each([
    [{}, ""],
    [{ provider: "claude" }, " [provider=claude]"],
    [{ dispatchId: "DSP-1" }, " [dispatch=DSP-1]"],
    [{ provider: "claude", dispatchId: "DSP-1" }, " [provider=claude, dispatch=DSP-1]"],
    [{ sessionId: "s", coordinationRequestId: "CRQ-1" }, ""],
  ])("for %j is %j", (fields, suffix) => {
    expect(writerSuffix(aWriter(fields))).toBe(suffix);
  });
});

it("a writer may hold a lock as its session, its provider or its dispatch", () => {
  expect(identitiesOf(aWriter({ sessionId: "s", provider: "p", dispatchId: "d", coordinationRequestId: "c" }))).toEqual(
    ["s", "p", "d"],
  );
  expect(identitiesOf(aWriter())).toEqual([]);
});
