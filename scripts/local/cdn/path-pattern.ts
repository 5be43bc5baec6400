const UNRESERVED = /[A-Za-z0-9\-._~]/;

/** Escapes of characters that need none are undone, the hex digits of the others are capitals. */
function normalizedEscapes(path: string): string {
  return path.replaceAll(/%[0-9a-f]{2}/gi, (escaped) => {
    const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    return UNRESERVED.test(character) ? character : escaped.toUpperCase();
  });
}

/** RFC 3986, 5.2.4, of an absolute path. */
function withoutDotSegments(path: string): string {
  const [, ...segments] = path.split("/");
  const kept: string[] = [];
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
    if (isLast && (segment === ".." || segment === ".")) kept.push("");
  }
  return `/${kept.join("/")}`;
}

/** The path by which CloudFront chooses the behaviour (RFC 3986, 6.2.2); the origin and functions get the raw one. */
export function normalizedPath(rawPath: string): string {
  return withoutDotSegments(normalizedEscapes(rawPath));
}

/**
 * What a path pattern of CloudFront means: `*` is any text, slashes included, `?` is any one character. Patterns tell
 * capitals from small letters, and begin at the root whether or not they are written with its slash.
 */
export function patternMatcher(pattern: string): (path: string) => boolean {
  const rooted = pattern.startsWith("/") ? pattern : `/${pattern}`;
  const source = rooted.replaceAll(/[*?]|[^*?]+/g, (part) => {
    if (part === "*") return ".*";
    return part === "?" ? "." : RegExp.escape(part);
  });
  const expression = new RegExp(`^${source}$`, "s");
  return (path) => expression.test(path);
}
