import { htmlEscape } from "escape-goat";

/** An answer of the sign-in pages. */
export interface PageAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[]>>;
  body: string;
}

/** For every answer: nothing is kept, framed, guessed at, or told to the next site. */
const GUARDS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  // Not `no-referrer`: browsers would then send `Origin: null` with the form.
  "referrer-policy": "same-origin",
} as const;

/** @param formTargets origins that a form may lead to, by way of redirects too */
function contentSecurityPolicy(formTargets: readonly string[]): string {
  const formAction = ["'self'", ...formTargets].join(" ");
  return `default-src 'none'; style-src 'self'; img-src 'self'; form-action ${formAction}; frame-ancestors 'none'; base-uri 'none'`;
}

/**
 * A page in the frame that all share.
 * @param content HTML, in which everything that came from outside is escaped
 */
export function htmlPage(
  status: number,
  title: string,
  content: string,
  formTargets: readonly string[] = [],
): PageAnswer {
  const body = `${htmlEscape`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/oauth2/page.css">
<link rel="icon" href="/oauth2/icon.svg">
</head>
<body>
<main>
`}${content}</main>
</body>
</html>
`;
  const headers = {
    ...GUARDS,
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": contentSecurityPolicy(formTargets),
  };
  return { status, headers, body };
}

/** @param message in full sentences; never where the request came from */
export function errorPage(status: number, message: string): PageAnswer {
  const content = htmlEscape`<h1>This does not work</h1>
<p role="alert">${message}</p>
<p>Begin again from the start page of the web app.</p>
`;
  return htmlPage(status, "Sign-in error", content);
}

export function redirect(location: string, cookies: string[] = []): PageAnswer {
  const headers = { ...GUARDS, location, ...(cookies.length > 0 && { "set-cookie": cookies }) };
  return { status: 302, headers, body: "" };
}

/** For programs, which read no pages. */
export function jsonAnswer(status: number, value: unknown): PageAnswer {
  return { status, headers: { ...GUARDS, "content-type": "application/json" }, body: JSON.stringify(value) };
}
