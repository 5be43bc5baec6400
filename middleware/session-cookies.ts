/** The id token: the session credential of a person. */
export const ID_TOKEN_COOKIE = "enceladus_id_token";
/** What a fresh id token can be had for, without the person's doing. */
export const REFRESH_TOKEN_COOKIE = "enceladus_refresh_token";
/** When the id token was issued, by the server's clock; the only one that scripts can read. */
export const SESSION_CLOCK_COOKIE = "enceladus_session_at";

/** Seconds that an id token is good for. */
export const SESSION_SECONDS = 3_600;
const REFRESH_SECONDS = 30 * 24 * 3_600;

/**
 * The attributes of each cookie, in the order in which they are written. A cookie can be cleared only by one with the
 * same path, so setting and clearing share them. None has a Domain: they belong to the one web origin. SameSite=None
 * lets the app's own fetches carry them whatever page began the visit; foreign pages are kept out by their Origin.
 */
const KINDS = {
  [ID_TOKEN_COOKIE]: { attributes: "Path=/; Secure; HttpOnly; SameSite=None", seconds: SESSION_SECONDS },
  [SESSION_CLOCK_COOKIE]: { attributes: "Path=/enceladus; Secure; SameSite=None", seconds: SESSION_SECONDS },
  [REFRESH_TOKEN_COOKIE]: { attributes: "Path=/; Secure; HttpOnly; SameSite=None", seconds: REFRESH_SECONDS },
} as const;

type CookieName = keyof typeof KINDS;

function setCookie(name: CookieName, value: string): string {
  const { attributes, seconds } = KINDS[name];
  return `${name}=${encodeURIComponent(value)}; ${attributes}; Max-Age=${seconds}`;
}

/** What ends a cookie in the browser. */
export function clearedCookie(name: CookieName): string {
  return `${name}=; ${KINDS[name].attributes}; Max-Age=0`;
}

/**
 * The Set-Cookie values of a session that has just begun or been renewed: id token, session clock and, only if the
 * user pool gave one, refresh token. The clock goes with every id token: the app logs out by it.
 * @param now milliseconds since the epoch
 */
export function sessionCookies(tokens: { idToken: string; refreshToken?: string | undefined }, now: number): string[] {
  const always = [setCookie(ID_TOKEN_COOKIE, tokens.idToken), setCookie(SESSION_CLOCK_COOKIE, String(now))];
  return tokens.refreshToken ? [...always, setCookie(REFRESH_TOKEN_COOKIE, tokens.refreshToken)] : always;
}

/** The Set-Cookie values that end a session in the browser. */
export function clearedSession(): string[] {
  return [ID_TOKEN_COOKIE, SESSION_CLOCK_COOKIE, REFRESH_TOKEN_COOKIE].map((name) => clearedCookie(name as CookieName));
}
