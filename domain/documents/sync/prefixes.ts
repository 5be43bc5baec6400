/** Where the reference documents of projects are; ends in a slash. */
export function referencePrefix(): string {
  return `${process.env.S3_REFERENCE_PREFIX || "mobile/v1/reference"}/`;
}

/** Where the files are that govern all projects; ends in a slash. */
export function governancePrefix(): string {
  return `${process.env.S3_GOVERNANCE_PREFIX || "governance/live"}/`;
}
