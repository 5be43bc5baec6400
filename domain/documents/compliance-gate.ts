import { invalidInput } from "@enceladus/shared/errors";
import type { Compliance } from "./compliance/assess.ts";

const HIGHEST = 100;

/**
 * The score that a document must have to be taken; 0 takes all.
 * @param setting as the environment has it; absent or empty is 0
 * @throws Error for anything but a whole number from 0 to 100
 */
export function parseMinimum(setting: string | undefined): number {
  const digits = setting?.trim() || "0";
  const minimum = /^\d{1,3}$/.test(digits) ? Number(digits) : Number.NaN;
  if (minimum <= HIGHEST) return minimum;
  throw new Error(`MIN_COMPLIANCE_SCORE must be a whole number from 0 to ${HIGHEST}, not "${setting}"`);
}

/** Read as the container starts: a function with a setting that makes no sense does not start at all. */
export const MINIMUM_SCORE = parseMinimum(process.env.MIN_COMPLIANCE_SCORE);

/** @throws DomainError INVALID_INPUT with the score and the warnings, for a score below the minimum */
export function assertCompliant({ score, warnings, findings }: Compliance, minimum: number): void {
  if (score >= minimum) return;
  throw invalidInput(`content: the compliance score is ${score}, and ${minimum} is needed.`, {
    minimum_compliance_score: minimum,
    compliance_score: score,
    compliance_warnings: warnings,
    compliance_findings: findings,
  });
}
