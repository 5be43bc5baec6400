import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { documentWriter, SYNC_WRITER } from "../../../domain/documents/attribution.ts";
import { parseMinimum } from "../../../domain/documents/compliance-gate.ts";
import type { StoredDocument } from "../../../domain/documents/document.ts";
import { nextEntry, withHead } from "../../../domain/documents/document-entry.ts";
import { assertMayWrite } from "../../../domain/documents/reserved-keywords.ts";
import { firstBreak } from "../../support/history-chain.ts";

const service = documentWriter({ mode: "internal-key", sub: "internal-key", claims: {} });
const person = documentWriter({ mode: "cognito", sub: "s-1", email: " a@b.c ", claims: {} });
const agent = documentWriter({
  mode: "agent-key",
  sub: "agent:claude",
  keyId: "k",
  agent: "claude",
  scopes: ["documents:write"],
  projects: ["alpha"],
  claims: {},
});

describe("the writer of a document", () => {
  it("is named by the credential: mail address, subject, agent, internal key", () => {
    expect([person.label, service.label, agent.label]).toEqual(["a@b.c", "internal-key", "agent:claude"]);
    expect(documentWriter({ mode: "cognito", sub: "s-1", email: "", claims: {} }).label).toBe("s-1");
    expect(documentWriter({ mode: "cognito", sub: "", claims: {} })).toMatchObject({ label: "unknown" });
    expect([person.principal, agent.principal, agent.visible]).toEqual(["s-1", "agent:claude", ["alpha"]]);
  });
});

describe("the least score", () => {
  it.each([
    [undefined, 0],
    ["", 0],
    ["0", 0],
    [" 70 ", 70],
    ["100", 100],
  ])("%j is %i", (setting, minimum) => expect(parseMinimum(setting)).toBe(minimum));

  it.each(["101", "-1", "1.5", "70%", "high", "1e1", "0x10"])("keeps a function from starting with %j", (setting) => {
    expect(() => parseMinimum(setting)).toThrow("MIN_COMPLIANCE_SCORE");
  });
});

describe("reserved keywords", () => {
  const governing = { project_id: "devops", keywords: ["x", "governance-file"] };
  const environment = { ...process.env };

  beforeEach(() => {
    for (const name of ["GOVERNANCE_PROJECT_ID", "GOVERNANCE_KEYWORD", "PROJECT_REFERENCE_KEYWORD"]) {
      delete process.env[name];
    }
  });
  afterEach(() => {
    process.env = { ...environment };
  });

  it.each([
    [governing],
    [{ ...governing, keywords: ["project-reference"] }],
    [{ ...governing, keywords: ["Governance-File"] }],
  ])("of the governance project are kept to trusted services: %j", (document) => {
    for (const writer of [person, agent]) {
      expect(() => assertMayWrite(writer, document)).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
      expect(() => assertMayWrite(writer, { project_id: "devops" }, document)).toThrow("reserved");
    }
    for (const writer of [service, SYNC_WRITER]) expect(() => assertMayWrite(writer, document)).not.toThrow();
  });

  it("are free in other projects, and others are free everywhere", () => {
    const others = [{ ...governing, project_id: "alpha" }, { project_id: "devops" }, { ...governing, keywords: ["a"] }];
    for (const document of others) expect(() => assertMayWrite(person, document)).not.toThrow();
  });

  it("are what the environment says", () => {
    Object.assign(process.env, { GOVERNANCE_PROJECT_ID: " alpha ", GOVERNANCE_KEYWORD: " Laws " });
    expect(() => assertMayWrite(person, governing)).not.toThrow();
    expect(() => assertMayWrite(person, { project_id: "alpha", keywords: ["laws"] })).toThrow("laws");
  });
});

describe("the history of a document", () => {
  const first: StoredDocument = {
    document_id: "DOC-1",
    project_id: "alpha",
    title: "A",
    content_hash: "h1",
    size_bytes: 5,
    s3_key: "k1",
    version: 1,
    updated_at: "2026-01-01T00:00:00Z",
    updated_by: "a@b.c",
  };

  it("is a chain that tells of a content by its hash and size", () => {
    const made = nextEntry(undefined, first, "create", "s-1");
    const after = { ...withHead(first, made), content_hash: "h2", size_bytes: 6, s3_key: "k2", version: 2 };
    const changed = nextEntry(withHead(first, made), after, "update", "s-2");
    expect(firstBreak([made, changed])).toBeUndefined();
    expect(made).toMatchObject({ seq: 1, version: 1, actor: "s-1", operation: "create" });
    expect(changed).toMatchObject({ seq: 2, version: 2, prev_hash: made.hash });
    expect(changed.changes).toEqual([
      { field: "content_hash", from: "h1", to: "h2" },
      { field: "size_bytes", from: 5, to: 6 },
    ]);
  });

  it("begins with the first change that it sees of an older document", () => {
    const { version: _, ...old } = first;
    expect(nextEntry(old, { ...old, title: "B", version: 1 }, "update", "s")).toMatchObject({
      seq: 1,
      prev_hash: "0".repeat(64),
      changes: [{ field: "title", from: "A", to: "B" }],
    });
  });
});
