import { htmlEscape } from "escape-goat";
import { htmlPage, type PageAnswer } from "./page.ts";

export interface SignInPage {
  /** The query of the login, which the form sends along. */
  query: string;
  /** Where the form leads in the end. */
  redirectUri: string;
  /** Who can sign in here. */
  usernames: readonly string[];
  /** Where a person finds the passwords. */
  passwordsIn: string;
  /** What was typed in before, when it was wrong. */
  rejected?: { username: string };
}

/** The hint below the form; on AWS there is none. */
function whoCan({ usernames, passwordsIn }: SignInPage): string {
  const items = usernames.map((username) => htmlEscape`<li><code>${username}</code></li>\n`).join("");
  const where = htmlEscape`<p>Their passwords are under <code>users</code> in <code class="file">${passwordsIn}</code>.</p>`;
  return `<section aria-labelledby="who">\n<h2 id="who">Local users</h2>\n<ul>\n${items}</ul>\n${where}\n</section>\n`;
}

function usernameField(value: string): string {
  // After a wrong password that is the field to go on with.
  const focus = value === "" ? " autofocus" : "";
  return `<label for="username">E-mail address</label>
${htmlEscape`<input id="username" name="username" type="text" inputmode="email" value="${value}"`} autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="128" required${focus}>
`;
}

function passwordField(isRejected: boolean): string {
  const rejected = isRejected ? ' aria-invalid="true" aria-describedby="rejected" autofocus' : "";
  return `<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="256" required${rejected}>
`;
}

/** The form that asks who is there. It needs no script. */
export function signInPage(page: SignInPage): PageAnswer {
  const { query, redirectUri, rejected } = page;
  const alert = '<p id="rejected" class="alert" role="alert">Incorrect username or password.</p>\n';
  const content = [
    '<h1><img src="/oauth2/icon.svg" alt="" width="32" height="32"> Sign in to Enceladus</h1>\n',
    rejected ? alert : "",
    htmlEscape`<form method="post" action="/oauth2/authorize?${query}">\n`,
    usernameField(rejected?.username ?? ""),
    passwordField(rejected !== undefined),
    '<button type="submit">Sign in</button>\n</form>\n',
    whoCan(page),
  ].join("");
  const title = `${rejected ? "Error: " : ""}Sign in to Enceladus`;
  return htmlPage(rejected ? 401 : 200, title, content, [new URL(redirectUri).origin]);
}
