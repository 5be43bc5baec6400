import { createHash } from "node:crypto";
import { SECRET_RULES } from "./patterns.ts";

/** A secret that was found, without the secret. */
export interface SecretFinding {
  /** The id of a rule of patterns.ts, or what else there is to say of a file. */
  rule: string;
  file: string;
  /** From 1; 0 where it is about the whole file. */
  line: number;
  /** SHA-256 of what was found, lower-case hex: an exception names it. Of what is no secret, empty. */
  sha256: string;
  /** The commit it is in, where it was looked for in the history. */
  commit?: string;
}

/**
 * What looks like a secret in a text.
 * @param file its name, for the findings
 */
export function findSecrets(file: string, text: string): SecretFinding[] {
  return SECRET_RULES.flatMap(({ id, pattern }) =>
    [...text.matchAll(new RegExp(pattern, `${pattern.flags}g`))].map((match) => ({
      rule: id,
      file,
      line: text.slice(0, match.index).split("\n").length,
      sha256: createHash("sha256").update(match[0]).digest("hex"),
    })),
  );
}
