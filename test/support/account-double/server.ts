import type { IncomingMessage } from "node:http";
import { type LoopbackServer, serveLoopback } from "../loopback-server.ts";
import { restOperation } from "./rest-operations.ts";

export type Input = Readonly<Record<string, unknown>>;

/** A call as an SDK has made it. */
export interface Call {
  service: string;
  /** `lambda:GetFunction`. */
  name: string;
  region: string;
  input: Input;
}

/** What a handler throws to answer as the service would. */
export class AwsRefusal extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message = `the double says ${code}`, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

type Handler = (call: Call) => unknown;
/** Of an address without a signature: code that is loaded. */
type Files = (path: string) => { status: number; body: Uint8Array; location?: string };

const escapeXml = (value: unknown) => String(value).replaceAll("&", "&amp;").replaceAll("<", "&lt;");

function xml(value: unknown, member = "member"): string {
  if (Array.isArray(value)) return value.map((item) => `<${member}>${xml(item)}</${member}>`).join("");
  if (typeof value !== "object" || value === null) return escapeXml(value ?? "");
  return Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([key, part]) => `<${key}>${xml(part, key === "Buckets" ? "Bucket" : "member")}</${key}>`)
    .join("");
}

interface Protocol {
  type: string;
  answer(operation: string, output: unknown): string;
  refusal(refusal: AwsRefusal): string;
}

const JSON_PROTOCOL: Protocol = {
  type: "application/json",
  answer: (_, output) => JSON.stringify(output),
  refusal: ({ code, message }) => JSON.stringify({ __type: code, message, Message: message }),
};
const QUERY: Protocol = {
  type: "text/xml",
  answer: (operation, output) =>
    `<${operation}Response><${operation}Result>${xml(output)}</${operation}Result></${operation}Response>`,
  refusal: ({ code, message }) =>
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error></ErrorResponse>`,
};
const S3: Protocol = {
  type: "application/xml",
  answer: (operation, output) => `<${operation}Result>${xml(output)}</${operation}Result>`,
  refusal: ({ code, message }) => `<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`,
};

function read({ headers, method = "GET", url = "/" }: IncomingMessage, body: string, service: string) {
  const target = headers["x-amz-target"];
  if (typeof target === "string") {
    const operation = target.slice(target.lastIndexOf(".") + 1);
    return { operation, input: JSON.parse(body) as Input, protocol: JSON_PROTOCOL };
  }
  if (headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
    const { Action = "", ...input } = Object.fromEntries(new URLSearchParams(body));
    return { operation: Action, input, protocol: QUERY };
  }
  const found = restOperation(service, method, new URL(url, "http://aws"));
  if (!found) throw new Error(`the double knows no ${method} ${url} of ${service}`);
  const sent = body.startsWith("{") ? (JSON.parse(body) as Input) : {};
  return {
    operation: found.operation,
    input: { ...sent, ...found.input },
    protocol: service === "s3" ? S3 : JSON_PROTOCOL,
  };
}

/**
 * AWS on the loopback interface, over its real protocols: which service and region a call is for stands in its signature.
 * An operation without a handler is refused.
 */
export class AccountDouble {
  readonly url: string;
  readonly calls: Call[] = [];
  readonly stop: () => void;
  #handlers = new Map<string, Handler>();
  #failures: { name: string; refusal: AwsRefusal; match: string; times: number }[] = [];
  files: Files = () => ({ status: 404, body: new Uint8Array() });

  private constructor({ url, stop }: LoopbackServer) {
    this.url = url;
    this.stop = stop;
  }

  static async start(): Promise<AccountDouble> {
    const double: AccountDouble = new AccountDouble(
      await serveLoopback((request, body) => double.answer(request, body)),
    );
    return double;
  }

  /** @param name `lambda:GetFunction`; the service as signatures call it */
  on(name: string, handler: Handler): void {
    this.#handlers.set(name, handler);
  }

  /** The next calls of an operation fail; all of them unless `times` says otherwise. */
  fail(name: string, refusal: AwsRefusal, { match = "", times = Number.POSITIVE_INFINITY } = {}): void {
    this.#failures.push({ name, refusal, match, times });
  }

  called(name: string): Call[] {
    return this.calls.filter((call) => call.name === name);
  }

  answer(request: IncomingMessage, body: string) {
    const { authorization = "" } = request.headers;
    const [, region = "", service = ""] = /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(authorization) ?? [];
    if (!service) return this.#file(request);
    const { operation, input, protocol } = read(request, body, service);
    const call = { service, name: `${service}:${operation}`, region, input };
    this.calls.push(call);
    const headers = { "content-type": protocol.type };
    try {
      this.#failAsPlanned(call);
      const handler = this.#handlers.get(call.name);
      if (!handler) throw new AwsRefusal("UnknownOperationException", `the double has no ${call.name}`);
      return { status: 200, headers, body: protocol.answer(operation, handler(call)) };
    } catch (error) {
      const refusal = error instanceof AwsRefusal ? error : new AwsRefusal("InternalFailure", String(error), 500);
      const typed = { ...headers, "x-amzn-errortype": refusal.code };
      return { status: refusal.status, headers: typed, body: protocol.refusal(refusal) };
    }
  }

  #file({ url = "/" }: IncomingMessage) {
    const { status, body, location } = this.files(url);
    return { status, headers: { "content-type": "application/zip", ...(location && { location }) }, body };
  }

  #failAsPlanned(call: Call): void {
    const planned = this.#failures.find(
      ({ name, match, times }) => times > 0 && name === call.name && JSON.stringify(call.input).includes(match),
    );
    if (!planned) return;
    planned.times -= 1;
    throw planned.refusal;
  }
}
