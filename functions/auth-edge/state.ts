/** Longer addresses do not come back: what the sign-in pages are given is bounded, and so are headers. */
const MAX_CHARACTERS = 4_096;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** The `state` of a login: where the person was going, as base64url without padding. */
export function encodeState(target: string): string {
  return target.length > MAX_CHARACTERS ? "" : Buffer.from(target, "utf8").toString("base64url");
}

/**
 * Where a login began. The app writes states of its own, some of them in plain base64, whose `+` may have become a
 * blank on its way through a query string.
 * @returns undefined where it cannot be read
 */
export function decodeState(state: string | null): string | undefined {
  if (!state || state.length > 2 * MAX_CHARACTERS) return undefined;
  const base64 = state.replaceAll(" ", "+");
  if (!BASE64.test(base64)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(base64, "base64url"));
  } catch {
    return undefined;
  }
}
