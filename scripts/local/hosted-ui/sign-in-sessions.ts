import { randomBytes } from "node:crypto";

const SECONDS = 3_600;
const MOST_SESSIONS = 1_000;
/** The app has cookies at the same host: browsers do not keep ports apart. */
const NAME = "local_sign_in";
const ATTRIBUTES = "Path=/; HttpOnly; SameSite=Lax";

function idIn(cookieHeader: string | undefined): string | undefined {
  const cookies = (cookieHeader ?? "").split(";").map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith(`${NAME}=`))?.slice(NAME.length + 1);
}

/** Who has signed in at these pages, so that the next login within the hour asks for no password. */
export class SignInSessions {
  readonly #sessions = new Map<string, { username: string; goodUntil: number }>();
  readonly #now: () => number;

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @returns the cookie to set */
  begin(username: string): string {
    const id = randomBytes(24).toString("base64url");
    this.#sessions.set(id, { username, goodUntil: this.#now() + SECONDS * 1_000 });
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MOST_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    return `${NAME}=${id}; ${ATTRIBUTES}; Max-Age=${SECONDS}`;
  }

  /** @returns the user name */
  find(cookieHeader: string | undefined): string | undefined {
    const session = this.#sessions.get(idIn(cookieHeader) ?? "");
    return session && session.goodUntil > this.#now() ? session.username : undefined;
  }

  /** @returns the cookie that takes it away */
  end(cookieHeader: string | undefined): string {
    this.#sessions.delete(idIn(cookieHeader) ?? "");
    return `${NAME}=; ${ATTRIBUTES}; Max-Age=0`;
  }
}
