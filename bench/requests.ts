import { gatewayEvent } from "../scripts/packages/gateway-event.ts";

/** What a credential adds to a request. */
export type Credentials = Readonly<Record<string, string>>;

export function byKey(internalKey: string): Credentials {
  return { "x-coordination-internal-key": internalKey };
}

export function byCookie(cookie: string): Credentials {
  return { cookie };
}

/** What a gateway passes on with every request. */
export const HEADERS = {
  accept: "application/json",
  "accept-encoding": "gzip, br",
  "content-type": "application/json",
  host: "api.example.com",
  "user-agent": "node",
  "x-amzn-trace-id": "Root=1-00000000-000000000000000000000000",
  "x-forwarded-for": "203.0.113.7",
  "x-forwarded-port": "443",
  "x-forwarded-proto": "https",
};

const AGENT = { provider: "bench-agent" };

/** The requests of the tracker on one project, as events of the gateway. */
export class TrackerRequests {
  readonly #path: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(projectId: string, credentials: Credentials) {
    this.#path = `/api/v1/tracker/${projectId}`;
    this.#headers = { ...HEADERS, ...credentials };
  }

  #event(method: string, path: string, parts: { body?: unknown; query?: Readonly<Record<string, string>> } = {}) {
    return gatewayEvent({ method, path: `${this.#path}${path}`, headers: this.#headers, ...parts });
  }

  get(itemId: string) {
    return this.#event("GET", `/task/${itemId}`);
  }

  create(title: string) {
    const body = {
      title,
      description: DESCRIPTION,
      priority: "P2",
      category: "implementation",
      acceptance_criteria: CRITERIA,
      write_source: AGENT,
    };
    return this.#event("POST", "/task", { body });
  }

  patch(itemId: string, value: string) {
    return this.#event("PATCH", `/task/${itemId}`, { body: { field: "assigned_to", value, write_source: AGENT } });
  }

  log(itemId: string) {
    return this.#event("POST", `/task/${itemId}/log`, { body: { description: LOG_TEXT, write_source: AGENT } });
  }

  checkout(itemId: string) {
    return this.#event("POST", `/task/${itemId}/checkout`, {
      body: { session_id: "bench-session", write_source: AGENT },
    });
  }

  release(itemId: string) {
    return this.#event("DELETE", `/task/${itemId}/checkout`, {
      body: { session_id: "bench-session", write_source: AGENT },
    });
  }

  claimNext() {
    const body = { session_id: "bench-session", types: ["task"], write_source: AGENT };
    return this.#event("POST", "/claims/next", { body });
  }

  ready(limit: number) {
    return this.#event("GET", "/ready", { query: { types: "task", limit: String(limit) } });
  }

  heartbeat(itemId: string, leaseId: string) {
    return this.#event("POST", `/task/${itemId}/checkout/heartbeat`, {
      body: { lease_id: leaseId, write_source: AGENT },
    });
  }

  explain(itemId: string) {
    return this.#event("GET", `/task/${itemId}/explain`);
  }

  history(itemId: string) {
    return this.#event("GET", `/task/${itemId}/history`);
  }

  /** Makes one task wait for another one. */
  block(itemId: string, by: string) {
    return this.#event("PUT", `/task/${itemId}/dependencies/${by}`, { body: { kind: "blocks", write_source: AGENT } });
  }

  close(itemId: string) {
    return this.#event("PATCH", `/task/${itemId}`, { body: { action: "close", write_source: AGENT } });
  }

  list(page: { limit: number; cursor?: string; status?: string }) {
    const query = Object.fromEntries(
      Object.entries({ type: "task", ...page }).map(([name, value]) => [name, String(value)]),
    );
    return this.#event("GET", "", { query });
  }
}

export const TITLE = "Tell a reader who holds a task and until when";
export const DESCRIPTION =
  "An agent that asks for a task which somebody else holds gets a refusal. It should say who the holder is, since when, how many seconds are left, and what to do next, so that the agent can wait or take other work without asking a person. The same goes for the list of tasks: one that is held shows its holder.";
export const CRITERIA = [
  "The refusal of a checkout names the holder and the end of the lease.",
  "The next action is a sentence that an agent can follow.",
  "A list shows the holder of each task that is held.",
];
export const LOG_TEXT = "Read the lease code; the refusal has the holder already, the list does not.";
