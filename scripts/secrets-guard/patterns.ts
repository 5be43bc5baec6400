/** A kind of secret, by what it looks like. All quantifiers are bounded: the time to look is linear in the text. */
export interface SecretRule {
  /** Stable: exceptions name it. */
  id: string;
  what: string;
  pattern: RegExp;
}

/** What well-known issuers hand out: a secret wherever it stands. */
export const ISSUED_SECRETS: readonly SecretRule[] = [
  { id: "AWS_KEY_ID", what: "an AWS access key", pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/ },
  { id: "PRIVATE_KEY", what: "a private key", pattern: /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/ },
  { id: "SLACK_TOKEN", what: "a Slack token", pattern: /\bxox[baprs]-[A-Za-z0-9-]{6,256}/ },
  { id: "GITHUB_TOKEN", what: "a GitHub token", pattern: /\b(?:gh[opsur]_|github_pat_)[A-Za-z0-9_]{10,255}/ },
  { id: "GOOGLE_API_KEY", what: "a Google API key", pattern: /\bAIza[\w-]{35}/ },
  { id: "STRIPE_KEY", what: "a Stripe key", pattern: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{8,255}/ },
];

/** What only its surroundings make a secret. */
const WRITTEN_SECRETS: readonly SecretRule[] = [
  {
    id: "ASSIGNED_KEY",
    what: "a key in a setting",
    pattern: /(?:api[_-]?key|secret[_-]?(?:access[_-]?)?key)["'`]?\s{0,4}[:=]\s{0,4}["'`][^"'`$\s]{16,256}["'`]/i,
  },
  {
    id: "BEARER_TOKEN",
    what: "a bearer token",
    pattern: /\bauthorization["'`]?\s{0,4}[:=]\s{0,4}["'`]?bearer\s{1,4}[\w.~+/-]{8,4096}/i,
  },
];

/** Everything that is looked for in files. */
export const SECRET_RULES: readonly SecretRule[] = [...ISSUED_SECRETS, ...WRITTEN_SECRETS];
