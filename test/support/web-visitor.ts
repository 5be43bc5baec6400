/** A cookie as a browser keeps it. Ports do not count, and `Secure` is good on the loopback interface. */
interface Cookie {
  name: string;
  value: string;
  host: string;
  path: string;
}

function parseCookie(line: string, url: URL): Cookie & { isOver: boolean } {
  const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
  const [, path = "/"] = attributes.map((attribute) => /^path=(.*)$/i.exec(attribute)).find(Boolean) ?? [];
  const equals = pair.indexOf("=");
  return {
    name: pair.slice(0, equals),
    value: pair.slice(equals + 1),
    host: url.hostname,
    path,
    isOver: attributes.some((attribute) => /^max-age=0$/i.test(attribute)),
  };
}

const isBelow = (path: string, prefix: string) =>
  path === prefix || path.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`);

/** What a browser sends with a page that somebody opens. */
const NAVIGATION = { accept: "text/html,application/xhtml+xml,*/*;q=0.8", "sec-fetch-dest": "document" };

/** Somebody with a browser that has no script: keeps cookies, and goes where it is told, one step at a time. */
export class WebVisitor {
  #cookies: Cookie[] = [];

  /** The value of a cookie; undefined where there is none. */
  cookie(name: string): string | undefined {
    return this.#cookies.find((cookie) => cookie.name === name)?.value;
  }

  /** Puts a cookie into the browser, as if a server had. */
  setCookie(line: string, url: string): void {
    const { isOver, ...cookie } = parseCookie(line, new URL(url));
    this.#cookies = this.#cookies.filter(({ name, path }) => name !== cookie.name || path !== cookie.path);
    if (!isOver) this.#cookies.push(cookie);
  }

  /** One request, whose redirect is not followed. */
  async send(url: string, init: RequestInit = {}): Promise<Response> {
    const { hostname, pathname } = new URL(url);
    const fitting = this.#cookies.filter(({ host, path }) => host === hostname && isBelow(pathname, path));
    const cookie = fitting.map(({ name, value }) => `${name}=${value}`).join("; ");
    const headers = { ...NAVIGATION, ...(cookie && { cookie }), ...(init.headers as Record<string, string>) };
    const answer = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) this.setCookie(line, url);
    return answer;
  }

  /** Opens a page and follows redirects until there is one. */
  async open(url: string): Promise<{ url: string; answer: Response }> {
    for (let step = 0, next = url; step < 10; step += 1) {
      const answer = await this.send(next);
      const location = answer.headers.get("location");
      if (location === null) return { url: next, answer };
      next = new URL(location, next).href;
    }
    throw new Error(`${url} leads round in a circle`);
  }

  /** Fills in the form of a sign-in page. */
  async signIn(url: string, html: string, fields: Record<string, string>): Promise<Response> {
    const [, action = ""] = /<form method="post" action="([^"]+)">/.exec(html) ?? [];
    const target = new URL(action.replaceAll("&amp;", "&"), url);
    const headers = { origin: target.origin };
    return this.send(target.href, { method: "POST", body: new URLSearchParams(fields), headers });
  }
}
