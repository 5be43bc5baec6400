import { describe, expect, it } from "@jest/globals";
import { isArchiveBelow } from "../../../domain/deployments/source-key.ts";

describe("the key of an archive", () => {
  it.each(["a.zip", "20260101T000000Z-1-0a1b2c.zip", "deep/er/a b.zip"])("may be %s below its prefix", (inside) => {
    expect(isArchiveBelow("deploy-sources/moonbase", `deploy-sources/moonbase/${inside}`)).toBe(true);
  });

  it.each([
    "",
    "deploy-sources/moonbase",
    "deploy-sources/moonbase/",
    "deploy-sources/moonbase/a.tar",
    "deploy-sources/moonbase/a.zip/",
    "deploy-sources/moonbase.zip",
    "deploy-sources/moonbase2/a.zip",
    "/deploy-sources/moonbase/a.zip",
    "deploy-sources/moonbase//a.zip",
    "deploy-sources/moonbase/../other/a.zip",
    "deploy-sources/moonbase/./a.zip",
    "deploy-sources/moonbase/a\n.zip",
    "deploy-sources/moonbase/a\\b.zip",
    "agent-documents/moonbase/a.zip",
  ])("may not be %j", (key) => {
    expect(isArchiveBelow("deploy-sources/moonbase", key)).toBe(false);
  });
});
