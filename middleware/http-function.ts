import type { AuthContext } from "@enceladus/shared/auth-context";
import { DomainError, notFound } from "@enceladus/shared/errors";
import middy, { type MiddlewareObj } from "@middy/core";
import type { Context } from "aws-lambda";
import { authenticate } from "./authenticate.ts";
import { requireProject, requireScope } from "./authorize.ts";
import { compressed } from "./compress.ts";
import { CORS, corsHeaders, refuseForeignOrigin } from "./cors.ts";
import { type ApiGatewayEvent, type HttpRequest, normalizeEvent } from "./http-event.ts";
import type { KeyedCall } from "./idempotency.ts";
import { idempotencyKey } from "./idempotency-key.ts";
import {
  type Call,
  type Credential,
  isChange,
  type Operation,
  takesCredential,
  takesIdempotencyKey,
} from "./operation.ts";
import { conditionHeaders, demandPrecondition, readPreconditions } from "./preconditions.ts";
import { DEFAULT_BODY_LIMIT, readBody } from "./read-body.ts";
import { type GatewayResponse, type Reply, toJson } from "./reply.ts";
import { logFailure, logRequest } from "./request-log.ts";
import { namedParameters, type PathMatch, Router } from "./router.ts";
import { shapeError } from "./shape-errors.ts";
import { validated, validatedParams } from "./validate.ts";

export type HttpHandler = (event: ApiGatewayEvent, context: Partial<Context>) => Promise<GatewayResponse>;

/** Longer than the gateway waits for any function. */
const LONGEST_CALL_MS = 30_000;

/** What is known of a call while it passes through the stack. */
interface Exchange {
  startedAt: number;
  request: HttpRequest;
  match: PathMatch | undefined;
  operation: Operation | undefined;
  caller: AuthContext | undefined;
  /** Milliseconds until Lambda ends the function, counted from the beginning of the call. */
  remainingMs: number;
}

/** Lambda's context, on which the middlewares hand the exchange on. */
type CallContext = Context & { exchange: Exchange };

type Stage = MiddlewareObj<ApiGatewayEvent, GatewayResponse, Error, CallContext>;

function answer(exchange: Exchange, result: Reply): GatewayResponse {
  const { request } = exchange;
  const headers: Record<string, string> = {
    ...corsHeaders(request.headers.origin),
    "Cache-Control": "no-store",
    "X-Request-Id": request.requestId,
    ...result.headers,
  };
  const response: GatewayResponse = { statusCode: result.status, headers, body: "" };
  if (result.status !== 204 && result.status !== 304) {
    headers["Content-Type"] = "application/json";
    response.body = toJson(result.body);
  }
  if (result.cookies) {
    if (request.payloadVersion === "2.0") response.cookies = [...result.cookies];
    else response.multiValueHeaders = { "Set-Cookie": [...result.cookies] };
  }
  return compressed(response, request);
}

/** Reads the event once, for all that follows. */
function normalize(router: Router): Stage {
  return {
    before: ({ event, context }) => {
      const request = normalizeEvent(event);
      const match = router.find(request.path);
      context.exchange = {
        startedAt: performance.now(),
        request: request.requestId ? request : { ...request, requestId: context.awsRequestId ?? "" },
        match,
        operation: match?.byMethod.get(request.method),
        caller: undefined,
        remainingMs: context.getRemainingTimeInMillis?.() ?? LONGEST_CALL_MS,
      };
    },
  };
}

/** Answers preflights before anything asks for a credential. */
function preflight(): Stage {
  return {
    before: ({ context }) => {
      if (context.exchange.request.method !== "OPTIONS") return undefined;
      return answer(context.exchange, {
        status: 204,
        body: undefined,
        headers: { "Access-Control-Max-Age": String(CORS.maxAgeSeconds) },
      });
    },
  };
}

/** Whether the path asks nobody for a credential, so that whoever comes may be told which methods it has. */
function isOpen({ request, match }: Exchange, elsewhere: PathLookup): boolean {
  if (!match) return elsewhere(request.path).isOpen;
  return [...match.byMethod.values()].every(({ auth }) => !takesCredential(auth));
}

/**
 * Settles who calls, also where the path turns out to lead nowhere: strangers learn nothing about paths. Then whether
 * the caller holds the right that the operation asks for: no operation can be reached round this.
 */
function authentication(fallback: readonly Credential[], elsewhere: PathLookup): Stage {
  return {
    before: async ({ context }) => {
      const { exchange } = context;
      const { request, operation } = exchange;
      if (operation?.auth === "session") return refuseForeignOrigin(request);
      const accepted = operation ? operation.auth : fallback;
      if (!takesCredential(accepted) || (!operation && isOpen(exchange, elsewhere))) return;
      exchange.caller = await authenticate(request, accepted);
      if (operation) requireScope(exchange.caller, operation);
    },
  };
}

/** Turns whatever is thrown anywhere into the one envelope. */
function errorBoundary(): Stage {
  return {
    onError: async (run) => {
      const { exchange } = run.context;
      const shaped = shapeError(run.error);
      await logFailure(exchange.request, shaped, run.error);
      run.response = answer(exchange, shaped);
    },
  };
}

/** One line for each call. */
function requestLog(): Stage {
  const write: NonNullable<Stage["after"]> = ({ context, response }) => {
    const { exchange } = context;
    logRequest({
      request: exchange.request,
      route: exchange.operation ? `${exchange.operation.method} ${exchange.operation.path}` : "none",
      status: response?.statusCode ?? 500,
      latencyMs: performance.now() - exchange.startedAt,
      caller: exchange.caller,
    });
  };
  return { after: write, onError: write };
}

const ANONYMOUS: AuthContext = { mode: "cognito", sub: "", claims: {} };

function notAllowed(method: string, methods: readonly string[]): DomainError {
  const message = `Method ${method} is not allowed here. Use ${methods.join(" or ")}.`;
  return new DomainError("METHOD_NOT_ALLOWED", message, { allow: [...methods, "OPTIONS"] });
}

/** Route, method, body, conditions, then the operation itself: the order in which a request is refused. */
async function dispatch(exchange: Exchange, elsewhere: PathLookup): Promise<GatewayResponse> {
  const { request, match, operation } = exchange;
  const onPath = operation ?? match?.byMethod.values().next().value;
  if (!match || !onPath) {
    const { methods } = elsewhere(request.path);
    const isWrongMethod = methods.length > 0 && !methods.includes(request.method);
    throw isWrongMethod ? notAllowed(request.method, methods) : notFound("No route matched.");
  }
  const params = validatedParams(onPath.params, namedParameters(onPath, match.values));
  const caller = exchange.caller ?? ANONYMOUS;
  if (typeof onPath.project === "object") await requireProject(caller, onPath.project, params);
  if (!operation) throw notAllowed(request.method, [...match.byMethod.keys()]);
  const body = operation.body ? readBody(request, operation.bodyLimit ?? DEFAULT_BODY_LIMIT) : {};
  const perform = async (onceKey?: string): Promise<Reply> => {
    const preconditions = isChange(operation) ? readPreconditions(request, body) : {};
    if (operation.versioned) demandPrecondition(preconditions, body);
    const call: Call<unknown, unknown, unknown> = {
      params,
      query: validated(operation.query, request.query),
      body: validated(operation.body, body),
      caller,
      request,
      onceKey,
      preconditions,
    };
    return operation.handler(call as never);
  };
  const key = takesIdempotencyKey(operation) ? idempotencyKey(request, body) : undefined;
  if (key === undefined) return answer(exchange, await perform());
  // Loaded at the first key: calls without one have no use for it.
  const { answerOnce } = await import("./idempotency.ts");
  const keyed: KeyedCall = {
    key,
    caller,
    operationId: operation.id,
    pathValues: match.values,
    query: request.query,
    conditions: conditionHeaders(request),
    body,
    remainingMs: exchange.remainingMs,
  };
  return answer(exchange, await answerOnce(keyed, perform));
}

/** What other functions serve on a path. */
export interface ServedElsewhere {
  /** None where the path is unknown. */
  methods: readonly string[];
  /** Whether it takes no credential. */
  isOpen: boolean;
}

type PathLookup = (path: string) => ServedElsewhere;

export interface HttpFunctionOptions {
  /** The credentials that are accepted where no operation matches; by default those of all operations. */
  credentials?: readonly Credential[];
  /** What other functions serve on a path, so that a wrong method is told from an unknown path. */
  servedElsewhere?: PathLookup;
}

/**
 * The handler of an HTTP function: its operations under the standard stack (error boundary, request id, CORS,
 * authentication, body, validation).
 * @param operations what the function serves
 */
export function httpFunction(operations: readonly Operation[], options: HttpFunctionOptions = {}): HttpHandler {
  const router = new Router(operations);
  const ofOperations = operations.flatMap(({ auth }) => (takesCredential(auth) ? auth : []));
  const nothing: ServedElsewhere = { methods: [], isOpen: false };
  const { credentials = [...new Set(ofOperations)], servedElsewhere = () => nothing } = options;
  const handler = middy<ApiGatewayEvent, GatewayResponse, Error, CallContext>({ timeoutEarlyInMillis: 0 })
    .use(requestLog())
    .use(errorBoundary())
    .use(normalize(router))
    .use(preflight())
    .use(authentication(credentials, servedElsewhere))
    .handler((_event, context) => dispatch(context.exchange, servedElsewhere));
  return handler as unknown as HttpHandler;
}
