import { expect } from "@jest/globals";
import { CORS } from "../../middleware/cors.ts";
import { checkExplained } from "./explained-refusal.ts";
import type { RunningSystem } from "./local-system.ts";

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** Empty where there is none. */
  body: Record<string, unknown>;
}

export interface Call {
  headers?: Record<string, string>;
  /** Sent as JSON; a text is sent as it is. */
  body?: unknown;
}

const LOG_LINES = 40;

/** What every answer of the API has, whatever it says: CORS, no caching, an id, and one shape of errors. */
function expectManners({ status, headers, text, body }: Answer): void {
  expect(headers.get("access-control-allow-origin")).toMatch(/^http/);
  expect(headers.get("access-control-allow-credentials")).toBe("true");
  expect(headers.get("access-control-allow-headers")).toBe(CORS.allowHeaders.join(", "));
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("x-request-id")).toMatch(/./);
  if (status < 400) return;
  checkExplained(status, text);
  expect(headers.get("content-type")).toBe("application/json");
  expect(body).toMatchObject({
    success: false,
    error: expect.stringMatching(/./),
    error_envelope: { code: expect.stringMatching(/^[A-Z_]+$/), message: body.error, retryable: expect.any(Boolean) },
  });
}

/** Somebody who calls the API of a running system, with headers of their own. */
export class ApiCaller {
  readonly #system: RunningSystem;
  readonly #headers: Record<string, string>;

  constructor(system: RunningSystem, headers: Record<string, string> = {}) {
    this.#system = system;
    this.#headers = headers;
  }

  /** The first user of the system, signed in. */
  static person(system: RunningSystem): ApiCaller {
    return new ApiCaller(system, { Cookie: system.endpoints.users[0]?.cookie ?? "" });
  }

  /** A trusted service. */
  static service(system: RunningSystem): ApiCaller {
    return new ApiCaller(system, { "X-Coordination-Internal-Key": system.endpoints.internalKey });
  }

  /** Calls the API and checks the manners of the answer. A 5xx fails the test with what the system last said. */
  async call(method: string, path: string, { headers = {}, body }: Call = {}): Promise<Answer> {
    const response = await fetch(this.#system.endpoints.apiUrl + path, {
      method,
      headers: { ...(body !== undefined && { "Content-Type": "application/json" }), ...this.#headers, ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status >= 500) {
      const log = this.#system.output().split("\n").slice(-LOG_LINES).join("\n");
      throw new Error(`${method} ${path} was answered ${response.status}: ${text}\nThe system said last:\n${log}`);
    }
    const answer = { status: response.status, headers: response.headers, text, body: text ? JSON.parse(text) : {} };
    expectManners(answer);
    return answer;
  }

  get(path: string, headers?: Record<string, string>): Promise<Answer> {
    return this.call("GET", path, headers && { headers });
  }

  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.call("POST", path, { body, ...(headers && { headers }) });
  }

  patch(path: string, body: unknown): Promise<Answer> {
    return this.call("PATCH", path, { body });
  }

  /** Creates a project; only a person may. */
  async createProject(name: string, prefix: string): Promise<void> {
    const answer = await this.post("/api/v1/projects", { name, prefix, summary: `The project ${name}` });
    expect([answer.status, answer.body.success]).toEqual([201, true]);
  }
}
