import pRetry, { AbortError } from "p-retry";
import * as z from "zod";
import type { ApiAccess } from "./locate.ts";
import { UserError } from "./user-error.ts";

/** A refusal of the API. */
export class ApiError extends UserError {
  override name = "ApiError";
  readonly status: number;
  /** What the API itself said. */
  readonly words: string;

  constructor(status: number, words: string, message: string) {
    super(message);
    this.status = status;
    this.words = words;
  }
}

const Refusal = z.object({
  error: z.string(),
  error_envelope: z.object({ retryable: z.boolean() }).optional(),
});

const RETRIES = 5;
const FIRST_PAUSE_MS = 300;
/** A call ends after 30 s at the gateway, whatever its function does. */
const PATIENCE_MS = 40_000;

class Transient extends Error {
  readonly failure: UserError;

  constructor(failure: UserError) {
    super(failure.message);
    this.failure = failure;
  }
}

function wording(status: number, text: string): { message: string; retryable: boolean } {
  try {
    const { error, error_envelope } = Refusal.parse(JSON.parse(text));
    return { message: error, retryable: error_envelope?.retryable ?? status >= 500 };
  } catch {
    return { message: text.slice(0, 200).trim() || "no further words", retryable: status >= 500 };
  }
}

function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? (error as Error).message;
}

export interface ApiRequest {
  method: "GET" | "POST" | "PUT" | "PATCH";
  path: string;
  body?: unknown;
  /** With one, a change that is tried again happens once. */
  idempotencyKey?: string;
  /** The version that a change was decided on: refused with 412 if there is another by now. */
  ifVersion?: number;
  /** Whether to try again where nobody listens. Default: yes; a first call rather says so at once. */
  isFirst?: boolean;
}

/** Calls an API with its key; failures that may pass are tried again. */
export class ApiClient {
  readonly access: ApiAccess;

  constructor(access: ApiAccess) {
    this.access = access;
  }

  async #once(request: ApiRequest): Promise<unknown> {
    const { method, path, body, idempotencyKey, ifVersion, isFirst } = request;
    const { url, key } = this.access;
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}${path}`, {
        method,
        headers: {
          "X-Coordination-Internal-Key": key,
          "Content-Type": "application/json",
          ...(idempotencyKey !== undefined && { "Idempotency-Key": idempotencyKey }),
          ...(ifVersion !== undefined && { "If-Match": `"${ifVersion}"` }),
        },
        signal: AbortSignal.timeout(PATIENCE_MS),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch (error) {
      const failure = new UserError(
        `No API answers at ${url} (${reasonOf(error)}). Start it with \`npm start\`, or name another with --api.`,
      );
      throw isFirst ? new AbortError(failure) : new Transient(failure);
    }
    if (response.ok) return JSON.parse(text);
    const { message, retryable } = wording(response.status, text);
    if (response.status === 401) {
      throw new AbortError(
        new ApiError(401, message, `${url} does not accept the key (401: ${message}). Give another with --key.`),
      );
    }
    const { status } = response;
    const failure = new ApiError(status, message, `${method} ${url}${path} answered ${status}: ${message}`);
    throw retryable || status === 429 ? new Transient(failure) : new AbortError(failure);
  }

  /**
   * @returns the body of the answer
   * @throws ApiError for a refusal, UserError where nobody answers
   */
  async call(request: ApiRequest): Promise<unknown> {
    try {
      return await pRetry(() => this.#once(request), { retries: RETRIES, minTimeout: FIRST_PAUSE_MS, randomize: true });
    } catch (error) {
      throw error instanceof Transient ? error.failure : error;
    }
  }
}
