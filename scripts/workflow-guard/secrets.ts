import { ISSUED_SECRETS } from "../secrets-guard/patterns.ts";
import type { ResolvedConfig } from "../service/resolved-config.ts";
import { type Finding, finding } from "./finding.ts";

/** In a setting it needs no name of a header before it. */
const BEARER = /\bbearer\s{1,4}[\w.~+/-]{8,4096}/i;

const SECRET_NAME = /(api|secret|internal|private)[_-]?key|password|passwd|token$/i;
const SHORTEST_SECRET = 16;

/** Names of things, not the things: where a secret is kept may be said openly. */
const REFERENCE = /^(arn:|https?:|\/|\{\{resolve:)/;

function secretIn(name: string, value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const known = ISSUED_SECRETS.find(({ pattern }) => pattern.test(value));
  if (known) return known.what;
  if (BEARER.test(value)) return "a bearer token";
  const isNamed = SECRET_NAME.test(name) && value.length >= SHORTEST_SECRET && !REFERENCE.test(value);
  return isNamed ? "a secret, by its name" : undefined;
}

/** No setting of a function holds a secret: the message names the setting and never its value. */
export function checkSecrets(config: ResolvedConfig): Finding[] {
  const environments: [unknown, unknown][] = [
    [null, config.provider.environment],
    ...Object.values(config.functions).map(({ name, environment }): [unknown, unknown] => [name, environment]),
  ];
  return environments.flatMap(([name, environment]) =>
    Object.entries((environment ?? {}) as Record<string, unknown>).flatMap(([setting, value]) => {
      const kind = secretIn(setting, value);
      return kind ? [finding("LITERAL_SECRET", name, `${setting} holds ${kind}`)] : [];
    }),
  );
}
