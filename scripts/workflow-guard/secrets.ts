import type { ResolvedConfig } from "../service/resolved-config.ts";
import { type Finding, finding } from "./finding.ts";

/** What secrets of well-known issuers look like. */
const SECRET_VALUES: readonly [name: string, pattern: RegExp][] = [
  ["an AWS access key", /\b(AKIA|ASIA)[A-Z0-9]{16}\b/],
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["a Slack token", /\bxox[baprs]-/],
  ["a GitHub token", /\b(ghp_|github_pat_)/],
  ["a Google API key", /\bAIza[\w-]{35}/],
  ["a Stripe key", /\bsk_(live|test)_/],
  ["a bearer token", /\bbearer\s+[\w.~+/-]{8,}/i],
];

const SECRET_NAME = /(api|secret|internal|private)[_-]?key|password|passwd|token$/i;
const SHORTEST_SECRET = 16;

/** Names of things, not the things: where a secret is kept may be said openly. */
const REFERENCE = /^(arn:|https?:|\/|\{\{resolve:)/;

function secretIn(name: string, value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const [known] = SECRET_VALUES.find(([, pattern]) => pattern.test(value)) ?? [];
  if (known) return known;
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
