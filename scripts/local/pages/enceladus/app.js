// Who is signed in is not for scripts to read: the tokens are in HttpOnly cookies, and the API answers 401 without them.

const MINUTE = 60_000;
const SESSION_MINUTES = 60;
/** A page that was sent to the sign-in and is back without a session does not go there again at once. */
const SIGN_IN_PAUSE = 10_000;

const element = (id) => document.getElementById(id);

/** When the id token was issued, by the server's clock; undefined where there is no session. */
function sessionStart() {
  const [, milliseconds] = /(?:^|;\s*)enceladus_session_at=(\d+)/.exec(document.cookie) ?? [];
  return milliseconds === undefined ? undefined : Number(milliseconds);
}

function showSession() {
  const start = sessionStart();
  if (start === undefined) return;
  const time = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
  const end = start + SESSION_MINUTES * MINUTE;
  element("session").textContent =
    `Signed in since ${time.format(start)}. After ${time.format(end)} this page renews the session by itself.`;
}

function say(text, isProblem = false) {
  element("status").textContent = text;
  element("status").classList.toggle("alert", isProblem);
}

/** Off to the sign-in, by way of a page that only signed-in people get. */
function signIn() {
  const last = Number(sessionStorage.getItem("sent-to-sign-in") ?? 0);
  if (Date.now() - last < SIGN_IN_PAUSE) throw new Error("The sign-in did not lead to a session.");
  sessionStorage.setItem("sent-to-sign-in", String(Date.now()));
  location.assign("/enceladus/");
}

/**
 * Calls the API, and once more after a 401, with a renewed session.
 * @returns the answer; undefined while the page goes to the sign-in
 */
async function call(path) {
  const first = await fetch(path);
  if (first.status !== 401) return first;
  const refresh = await fetch("/api/v1/auth/refresh", { method: "POST" });
  if (refresh.ok) {
    showSession();
    return fetch(path);
  }
  if (refresh.status !== 401) throw new Error("The session cannot be renewed right now.");
  signIn();
  return undefined;
}

function projectItem({ project_id, prefix, status, summary }) {
  const item = document.createElement("li");
  const heading = document.createElement("h2");
  const badge = document.createElement("span");
  const text = document.createElement("p");
  heading.textContent = `${project_id} `;
  badge.textContent = `${prefix} · ${String(status).replaceAll("_", " ")}`;
  badge.className = "badge";
  text.textContent = summary;
  heading.append(badge);
  item.append(heading, text);
  return item;
}

function show(projects) {
  element("projects").replaceChildren(...projects.map(projectItem));
  element("projects").hidden = projects.length === 0;
  say(projects.length === 1 ? "1 project" : `${projects.length || "No"} projects`);
}

async function load() {
  say("Loading the projects…");
  try {
    const answer = await call("/api/v1/projects");
    if (!answer) return;
    if (!answer.ok) throw new Error(`The API answered ${answer.status}.`);
    const { projects } = await answer.json();
    show(projects);
  } catch (error) {
    say(`The projects cannot be shown. ${error.message}`, true);
  }
}

// The link goes on to the sign-out by itself; the request outlives the page.
element("sign-out").addEventListener("click", () => {
  fetch("/api/v1/auth/revoke", { method: "POST", keepalive: true }).catch(() => {});
});
element("reload").addEventListener("click", load);
element("reload").hidden = false;
showSession();
await load();
