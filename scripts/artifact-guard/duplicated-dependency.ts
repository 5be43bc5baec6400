import type { EntryFinding } from "./finding.ts";

/** Texts that stand in the code of a dependency, however it was minified, and in nothing else. */
export const FINGERPRINTS: Readonly<Record<string, string>> = {
  jose: "ERR_JWS_INVALID",
  "@middy/core": "containing at least one key among",
  "the AWS SDK": "aws-sdk-js",
  zod: "invalid_union",
};

/** A function that has the layer brings nothing along that is in it: of two copies one would be the older one some day. */
export function duplicatedDependency(bytes: Buffer): EntryFinding[] {
  return Object.entries(FINGERPRINTS)
    .filter(([, fingerprint]) => bytes.includes(fingerprint))
    .map(([name]) => ({ code: "DUPLICATED_DEPENDENCY", detail: `${name} is in the layer, too` }));
}
