import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  changeOf,
  exportedVersion,
  isNewer,
  newest,
  nextVersion,
  plainVersion,
} from "../../../domain/deployments/version.ts";

const versions = fc.tuple(fc.nat(), fc.nat(), fc.nat()).map((parts) => parts.join("."));

describe("a plain version", () => {
  it.each(["0.0.0", "1.2.3", "10.20.30", "2147483647.0.1"])("is %s", (text) => {
    expect(plainVersion(text)).toBe(text);
  });

  it.each([
    "",
    "1.2",
    "1.2.3.4",
    "v1.2.3",
    "1.2.3-rc.1",
    "1.2.3+build",
    "01.2.3",
    " 1.2.3",
    "1.2.x",
    "99999999999999999999.0.0",
    undefined,
    null,
    1,
    {},
  ])("is not %p", (text) => {
    expect(plainVersion(text)).toBeUndefined();
  });
});

describe("the next version", () => {
  it.each([
    ["1.4.9", "patch", "1.4.10"],
    ["1.4.9", "minor", "1.5.0"],
    ["1.4.9", "major", "2.0.0"],
  ] as const)("of %s by a %s change is %s", (version, change, next) => {
    expect(nextVersion(version, change)).toBe(next);
  });

  it("is always newer, and plain", () => {
    fc.assert(
      fc.property(versions, fc.constantFrom("patch", "minor", "major" as const), (version, change) => {
        const next = nextVersion(version, change as "patch");
        expect(isNewer(next, version)).toBe(true);
        expect(plainVersion(next)).toBe(next);
      }),
    );
  });

  it("follows from the greatest of several changes", () => {
    expect(changeOf(["patch", "major", "minor"])).toBe("major");
    expect(changeOf(["patch", "minor"])).toBe("minor");
    expect(changeOf(["patch"])).toBe("patch");
  });
});

it("the newest version is the greatest by its numbers, not by its text", () => {
  expect(newest("1.9.0", undefined, "1.10.0")).toBe("1.10.0");
  expect(newest(undefined)).toBeUndefined();
});

describe("the version that a source says", () => {
  it.each([
    ['export const APP_VERSION = "1.2.3";', "1.2.3"],
    ["// first\n  export const APP_VERSION = '4.5.6'\n", "4.5.6"],
    ["export const APP_VERSION = \"1.2.3';", undefined],
    ["const APP_VERSION = '1.2.3'", undefined],
    ["export const APP_VERSION = 'one'", undefined],
    ["", undefined],
  ])("%j: %s", (source, version) => {
    expect(exportedVersion(source)).toBe(version);
  });
});
