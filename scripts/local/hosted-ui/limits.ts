/** How many characters each thing may have that a browser or a function sends; far more than any real one has. */
const MOST_CHARACTERS = {
  client_id: 128,
  redirect_uri: 1_024,
  logout_uri: 1_024,
  scope: 256,
  state: 8_192,
  nonce: 1_024,
  code: 128,
  code_verifier: 128,
  token: 8_192,
  username: 128,
  password: 256,
} as const;

export type ParameterName = keyof typeof MOST_CHARACTERS | "response_type" | "code_challenge_method" | "grant_type";

/** Why parameters cannot be read: RFC 6749, 3.1 forbids repeats, and what is too long was made by nobody here. */
export class ParameterProblem extends Error {
  override name = "ParameterProblem";
}

/**
 * Reads one parameter of a query or a form.
 * @returns undefined where it is absent or empty
 * @throws ParameterProblem
 */
export function readParameter(parameters: URLSearchParams, name: ParameterName): string | undefined {
  const [value, ...more] = parameters.getAll(name);
  if (more.length > 0) throw new ParameterProblem(`${name} is there more than once.`);
  const most = name in MOST_CHARACTERS ? MOST_CHARACTERS[name as keyof typeof MOST_CHARACTERS] : 64;
  if (value !== undefined && value.length > most) throw new ParameterProblem(`${name} is too long.`);
  return value || undefined;
}
