import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { StoredDocument } from "../../../../domain/documents/document.ts";
import { locateDocument } from "../../../../domain/documents/prepare/locate.ts";
import { isReadableKey } from "../../../../domain/documents/prepare/readable-key.ts";

const HASH = "0123456789abcdef".repeat(4);

const row: StoredDocument = {
  document_id: "DOC-1",
  project_id: "alpha",
  title: "Plan",
  s3_bucket: "other",
  s3_key: "agent-documents/alpha/DOC-1/x.md",
  content_hash: HASH,
  size_bytes: 0,
};

beforeEach(() => {
  process.env.S3_BUCKET = "assets";
});

afterEach(() => {
  delete process.env.GOVERNANCE_PROJECT_ID;
});

describe("a key that may be read", () => {
  it.each([
    "docs/a.md",
    "docs/a/b c.md",
    "docs/..a.md",
    "mobile/v1/reference/alpha.md",
    "agent-documents/alpha/DOC-1/x.md",
    "governance/live/agents/a.md",
  ])("is %s", (key) => {
    expect(isReadableKey(key)).toBe(true);
  });

  it.each([
    "",
    "docs/",
    "docs",
    "documents/a.md",
    "/docs/a.md",
    "Docs/a.md",
    "mobile/v1/feeds.json",
    "governance/history/a.md",
    "deploy-config/alpha.json",
    "docs/../deploy-config/alpha.json",
    "docs/..",
    "docs/./a.md",
  ])("is not %s", (key) => {
    expect(isReadableKey(key)).toBe(false);
  });
});

describe("a document of the store", () => {
  it("is where its row says, with the hash and the size that the row has", () => {
    const value = { bucket: "other", key: row.s3_key, fingerprint: { hash: HASH, size: 0 } };
    expect(locateDocument("alpha", row)).toEqual({ kind: "found", value });
  });

  it("is in the bucket of the service where the row of an older writer names none", () => {
    const { s3_bucket: _, ...older } = row;
    expect(locateDocument("alpha", older)).toMatchObject({ value: { bucket: "assets" } });
  });

  it.each([
    { content_hash: undefined },
    { content_hash: HASH.toUpperCase() },
    { content_hash: `${HASH}\n` },
    { size_bytes: undefined },
    { size_bytes: 1.5 },
  ])("has to be read where its row has %j", (fields) => {
    expect(locateDocument("alpha", { ...row, ...fields })).toMatchObject({ value: { fingerprint: undefined } });
  });

  it.each([{ s3_key: undefined }, { s3_key: "" }, { s3_key: 5 }])("has no key where its row has %j", (fields) => {
    const odd = { ...row, ...fields } as StoredDocument;
    expect(locateDocument("alpha", odd)).toMatchObject({ kind: "unavailable", reason: "MISSING_KEY" });
  });

  it("does not exist where it lies outside of what may be prepared, or there is no row", () => {
    const outside = { ...row, s3_key: "deploy-config/alpha.json" };
    const nowhere = { kind: "unavailable", reason: "NOT_FOUND", isTransient: false };
    expect(locateDocument("alpha", outside)).toMatchObject(nowhere);
    expect(locateDocument("alpha", undefined)).toMatchObject(nowhere);
  });

  it("does not exist for another project, unless it belongs to that of the governance", () => {
    expect(locateDocument("beta", row)).toMatchObject({ kind: "unavailable", reason: "NOT_FOUND" });
    expect(locateDocument("beta", { ...row, project_id: "devops" }).kind).toBe("found");
    process.env.GOVERNANCE_PROJECT_ID = "alpha";
    expect(locateDocument("beta", row).kind).toBe("found");
    expect(locateDocument("beta", { ...row, project_id: "devops" }).kind).toBe("unavailable");
  });
});
