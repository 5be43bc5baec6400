/** Where people land who have no other aim. */
export const HOME = "/enceladus/";
export const CALLBACK_PATH = "/enceladus/callback";
export const LOGOUT_PATH = "/enceladus/logout";
const APP_PAGE = "/enceladus/index.html";
const APP_PREFIX = "/enceladus";
const FEEDS_PREFIX = "/mobile/v1";

function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}

/**
 * A path as the bucket reads it: percent-decoded, with dot segments resolved and slashes single. The distribution
 * chooses its behaviours by the decoded path too, so a rule that looked at the letters of the request alone could be
 * walked round by `/%6dobile/v1/...`.
 */
export function plainPath(uri: string): string {
  const segments: string[] = [];
  for (const segment of decoded(uri).split(/[/\\]/)) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  const path = `/${segments.join("/")}`;
  return uri.endsWith("/") && path !== "/" ? `${path}/` : path;
}

/** Whether only signed-in people may have it, whichever way it is spelt. */
export function isProtected(uri: string): boolean {
  return [uri, plainPath(uri)].some((path) => path.startsWith(APP_PREFIX) || path.startsWith(FEEDS_PREFIX));
}

const withoutSlash = (path: string) => path.replace(/\/$/, "");

export function isCallback(uri: string): boolean {
  return withoutSlash(plainPath(uri)) === CALLBACK_PATH;
}

export function isLogout(uri: string): boolean {
  return withoutSlash(plainPath(uri)) === LOGOUT_PATH;
}

/**
 * The object behind a path: an address within the app (its last segment has no dot) is the app's one page, everything
 * else is a file.
 */
export function objectPath(uri: string): string {
  const path = plainPath(uri);
  const isAddress = !(path.split("/").at(-1) ?? "").includes(".");
  return path.startsWith(APP_PREFIX) && isAddress ? APP_PAGE : uri;
}

/** Control characters end a header line or hide what follows; a backslash is a slash to browsers. */
function hasUnsafeCharacter(text: string): boolean {
  return [...text].some((character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 || code === 0x7f || character === "\\";
  });
}

const isBelow = (path: string, prefix: string) => path === prefix || path.startsWith(`${prefix}/`);

/**
 * Where to send somebody after the sign-in. Whatever the state says, it stays on the app's origin and in the parts of
 * it that the edge guards.
 * @returns path, query and fragment; the home page for any aim that is not acceptable
 */
export function safeTarget(candidate: string, appOrigin: string): string {
  if (hasUnsafeCharacter(candidate)) return HOME;
  const url = URL.parse(candidate, appOrigin);
  if (!url || url.origin !== appOrigin) return HOME;
  const { pathname, search, hash } = url;
  if (!isBelow(pathname, APP_PREFIX) && !isBelow(pathname, FEEDS_PREFIX)) return HOME;
  if (isCallback(pathname) || isLogout(pathname)) return HOME;
  const path = pathname === APP_PREFIX ? HOME : pathname;
  return `${path}${search}${hash}`;
}
