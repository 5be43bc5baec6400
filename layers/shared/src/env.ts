import { misconfigured } from "./errors.ts";

/**
 * The value of an environment variable that the function cannot work without.
 * @throws DomainError CONFIGURATION_ERROR when it is unset or empty
 */
export function requireEnv(name: string): string {
  const value = process.env[name];
  if (!value) throw misconfigured(name);
  return value;
}

/**
 * Whether the code runs on a laptop. Set by the local plugin only; the build of the deployed layer replaces the
 * variable by a constant, so that no environment of a deployed function can switch it on.
 */
export function isLocal(): boolean {
  return process.env.ENCELADUS_LOCAL === "true";
}
