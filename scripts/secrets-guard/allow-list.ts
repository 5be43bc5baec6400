import * as z from "zod";
import type { SecretFinding } from "./find-secrets.ts";

const Exceptions = z.array(
  z.strictObject({
    file: z.string().min(1),
    rule: z.string().min(1),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    reason: z.string().trim().min(1),
  }),
);

/** resources/secrets-allow-list.json: what looks like a secret and is none, each named by file, rule and hash. */
export class SecretExceptions {
  readonly #exceptions: z.output<typeof Exceptions>;

  /** @throws Error when it is not as it should be, a reason among the rest */
  constructor(json: string) {
    this.#exceptions = Exceptions.parse(JSON.parse(json));
  }

  allows({ file, rule, sha256 }: SecretFinding): boolean {
    return this.#exceptions.some((one) => one.file === file && one.rule === rule && one.sha256 === sha256);
  }
}
