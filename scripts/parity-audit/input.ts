import { UserError } from "../api/user-error.ts";
import { type PackagedService, readPackages } from "../packages/package-service.ts";
import { errorText } from "../service/aws-errors.ts";

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

/**
 * Regions of a list with commas.
 * @throws UserError for one that is none
 */
export function regionsOf(text: string): [string, ...string[]] {
  const [first, ...more] = text.split(",").map((region) => region.trim());
  const wrong = [first, ...more].find((region) => region === undefined || !REGION.test(region));
  if (first === undefined || wrong !== undefined) throw new UserError(`--regions: "${wrong}" is no region of AWS.`);
  return [first, ...more];
}

/** @throws UserError for a text that is no regular expression */
export function filterOf(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new UserError(`--filter-regex: "${text}" is no regular expression.`);
  }
}

/** @throws UserError for a folder that was not made by `sls package` */
export function packagesIn(directory: string): PackagedService {
  try {
    return readPackages(directory);
  } catch (error) {
    throw new UserError(`There are no packages in ${directory}: ${errorText(error)}`);
  }
}
