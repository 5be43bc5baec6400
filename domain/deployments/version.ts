import semver from "semver";
import type { ChangeType } from "./deployment-type.ts";

/** What a project without any version begins with. */
export const FIRST_VERSION = "0.0.0";

/** The version that a text is, if it is a plain one: three numbers and nothing else. */
export function plainVersion(text: unknown): string | undefined {
  if (typeof text !== "string") return undefined;
  const version = semver.parse(text);
  const isPlain = version !== null && version.prerelease.length === 0 && version.build.length === 0;
  return isPlain && version.version === text ? text : undefined;
}

/** Whether a plain version comes after another. */
export function isNewer(version: string, than: string): boolean {
  return semver.gt(version, than);
}

/** The greater of the plain versions that there are; undefined if there is none. */
export function newest(...versions: (string | undefined)[]): string | undefined {
  const known = versions.filter((version) => version !== undefined);
  return known.length > 0 ? semver.rsort(known)[0] : undefined;
}

/** How much several changes are together: the most that any of them is. */
export function changeOf(types: readonly ChangeType[]): ChangeType {
  return types.includes("major") ? "major" : types.includes("minor") ? "minor" : "patch";
}

/** The version that a change makes of another (semver.org, 6 to 8). @param version a plain one */
export function nextVersion(version: string, change: ChangeType): string {
  const next = semver.inc(version, change);
  if (next === null) throw new Error(`${version} has no next version`);
  return next;
}

const NAMED = /^[ \t]*export const APP_VERSION = (["'])(\d+\.\d+\.\d+)\1/m;

/** The version that a source file exports as `APP_VERSION`, if that is a plain one. */
export function exportedVersion(source: string): string | undefined {
  return plainVersion(NAMED.exec(source)?.[2]);
}
