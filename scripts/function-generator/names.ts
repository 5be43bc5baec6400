import { UserError } from "../api/user-error.ts";

/** Lambda and IAM take 64 characters; a stage may use so many of them for the ending that it puts behind a name. */
const LONGEST_DEPLOYED = 64;
const ROOM_FOR_STAGE = 20;
const PREFIX = "enceladus-";
const LONGEST = LONGEST_DEPLOYED - ROOM_FOR_STAGE - PREFIX.length;

/** What a function is called where. */
export interface FunctionNames {
  /** Of its folder: `price-list`. */
  name: string;
  /** In serverless.yml: `priceList`. */
  key: string;
  /** Where logical ids begin: `PriceList`. */
  pascal: string;
  /** In production: `enceladus-price-list`. */
  deployed: string;
  /** `functions/price-list`. */
  folder: string;
}

/** @throws UserError for a name that no function can have */
export function namesOf(name: string): FunctionNames {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new UserError(
      `'${name}' is no name of a function: it has small letters, digits and single hyphens (price-list).`,
    );
  }
  if (name.length > LONGEST) {
    throw new UserError(
      `'${name}' has ${name.length} characters, more than ${LONGEST}: with '${PREFIX}' before it and a stage behind it, ` +
        `function and role would have more than ${LONGEST_DEPLOYED}.`,
    );
  }
  const pascal = name.replaceAll(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const key = pascal.charAt(0).toLowerCase() + pascal.slice(1);
  return { name, key, pascal, deployed: `${PREFIX}${name}`, folder: `functions/${name}` };
}
