const HIDDEN = "(hidden)";

/** Names behind which secrets stand. */
const SECRET_NAME = /token|secret|passw|authorization|api[-_]?key|internal[-_]?key|cookie|credential|signature/i;

/**
 * What is a secret by its looks: JWTs, bearer tokens, keys of AWS, GitHub, Slack, Google, Stripe, and sign-in cookies. None
 * begins within a run of its own characters, so that no text takes longer than its length.
 */
const SECRET_LOOKS: readonly RegExp[] = [
  /(?<![\w-])eyJ[\w-]{10,}\.[\w-]+\.[\w-]*/g,
  /\bbearer\s+[\w.~+/=-]{8,}/gi,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /(?<![\w-])(?:ghp_|github_pat_|xox[baprs]-|AIza|sk_live_|sk_test_)[\w-]{10,}/g,
  /\benceladus_\w+=[^;\s"]+/g,
];

function maskedText(text: string): string {
  return SECRET_LOOKS.reduce((so, look) => so.replaceAll(look, HIDDEN), text);
}

/** A copy of a value as a person may see it: without what is a secret by its name or its looks. */
export function masked(value: unknown): unknown {
  if (typeof value === "string") return maskedText(value);
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, SECRET_NAME.test(name) && inner ? HIDDEN : masked(inner)]),
  );
}

/** The same for a body: as JSON where it is JSON, since the names say what is secret. */
export function maskedBody(body: string): unknown {
  try {
    return masked(JSON.parse(body));
  } catch {
    return maskedText(body);
  }
}
