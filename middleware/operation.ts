import type { AuthContext } from "@enceladus/shared/auth-context";
import type { DomainError } from "@enceladus/shared/errors";
import type { Preconditions } from "@enceladus/shared/preconditions";
import type { AgentScope, Scope } from "@enceladus/shared/scopes";
import type * as z from "zod";
import type { HttpRequest } from "./http-event.ts";
import type { Reply } from "./reply.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/**
 * A credential that an operation accepts: the id-token cookie of a person, the internal key of a trusted service, the
 * key of an agent.
 */
export type Credential = "cookie" | "internal-key" | "agent-key";

/**
 * Who may call. `public` reads no credential; `session` is for calls that read the refresh token themselves: it comes
 * in a cookie, so they are refused to foreign pages, but its absence is theirs to judge. `iam` is for programs of the
 * account: the gateway lets signed requests in only (`authorizer: { type: aws_iam }`), Lambda only who may invoke, and
 * the function checks nothing.
 */
export type Auth = readonly Credential[] | "public" | "session" | "iam";

/** Whether the standard stack asks for a credential before it says anything. */
export function takesCredential(auth: Auth): auth is readonly Credential[] {
  return typeof auth !== "string";
}

/** The project that a path names, and what is said of one that does not exist. */
export interface ProjectRule<Params> {
  of: (params: Params) => string;
  /** Asked only for a project that the caller may see. */
  exists: (projectId: string) => Promise<boolean>;
  /** The refusal of a project that does not exist and, to the byte, of one that the caller may not see. */
  refusal: (projectId: string) => DomainError;
}

/**
 * Who may call, with which right, and how the projects of a key are kept to. An agent's key may be limited to some
 * projects, so that whoever accepts it has to say which project a call is about; `in-handler` where that is not a matter
 * of the path alone, or where a project that is not there is no refusal.
 */
type Access<Params> =
  | { auth: "public" | "session" | "iam" }
  | { auth: readonly Exclude<Credential, "agent-key">[]; scope: Scope }
  | { auth: readonly Credential[]; scope: AgentScope; project: ProjectRule<Params> | "in-handler" };

/** An answer as documented: what it means, and its body. */
export interface ResponseSpec {
  description: string;
  schema: z.ZodType;
}

/** What the handler of an operation gets, all of it validated. */
export interface Call<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  caller: AuthContext;
  request: HttpRequest;
  /**
   * With an Idempotency-Key: the same text in every run of the same call. A run that takes over after a crash can
   * recognise by it what the earlier run has written.
   */
  onceKey: string | undefined;
  /** What the caller believes of the thing that it changes; empty where it has said nothing, and for reads. */
  preconditions: Preconditions;
}

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : Record<string, never>;

interface Description<
  Params extends z.ZodType | undefined,
  Query extends z.ZodType | undefined,
  Body extends z.ZodType | undefined,
> {
  /** Unique over all functions, camelCase: the operationId of the OpenAPI document. */
  id: string;
  method: Method;
  /** With the prefix `/api/v1`, which callers may leave out; parameters as `{name}`. */
  path: `/${string}`;
  /** An older path for the same call, its parameters in the same order. */
  alias?: `/${string}`;
  summary: string;
  description?: string;
  tag: string;
  params?: Params;
  query?: Query;
  body?: Body;
  /** Bytes that the body may have; default 1 MiB. */
  bodyLimit?: number;
  /** Says of a call that is made by another method than GET, because it has a body, that it changes nothing. */
  readOnly?: true;
  /**
   * Every change takes an `Idempotency-Key`: a repeated call gets the first answer again. `ignored` where answers hold
   * secrets, which are not to be kept.
   */
  idempotencyKey?: "ignored";
  /** Whether it writes one existing thing that has an entity tag. A strict stage demands `If-Match` of such a write. */
  versioned?: boolean;
  /** Whether it changes something that leases are granted on, so that a call may carry the fence of its lease. */
  fenced?: boolean;
  responses: Readonly<Record<number, ResponseSpec>>;
  handler: (call: Call<Output<Params>, Output<Query>, Output<Body>>) => Promise<Reply>;
}

/** The single definition of a call: validation, types, documentation and the tests over all routes come from it. */
export type OperationSpec<
  Params extends z.ZodType | undefined,
  Query extends z.ZodType | undefined,
  Body extends z.ZodType | undefined,
> = Description<Params, Query, Body> & Access<Output<Params>>;

/** An operation whose types are already checked, as routers and generators see it. */
export interface Operation
  extends Omit<Description<undefined, undefined, undefined>, "params" | "query" | "body" | "handler"> {
  auth: Auth;
  scope: Scope | undefined;
  project: ProjectRule<never> | "in-handler" | undefined;
  params: z.ZodType | undefined;
  query: z.ZodType | undefined;
  body: z.ZodType | undefined;
  handler: (call: never) => Promise<Reply>;
}

/** Whether an operation changes anything. */
export function isChange({ method, readOnly }: Pick<Operation, "method" | "readOnly">): boolean {
  return method !== "GET" && readOnly !== true;
}

/** Whether an `Idempotency-Key` makes a call happen once: so it does with every change that does not opt out. */
export function takesIdempotencyKey(operation: Pick<Operation, "method" | "readOnly" | "idempotencyKey">): boolean {
  return isChange(operation) && operation.idempotencyKey !== "ignored";
}

/**
 * Declares an operation. The schemas give the handler its types.
 * @example
 * export const getThing = operation({
 *   id: "getThing", method: "GET", path: "/api/v1/things/{id}", tag: "things", summary: "Reads a thing",
 *   auth: ["cookie", "internal-key"], scope: "documents:read", params: z.object({ id: z.string() }),
 *   responses: { 200: { description: "The thing", schema: thingAnswer } },
 *   handler: async ({ params }) => reply(200, { success: true, thing: await readThing(params.id) }),
 * });
 */
export function operation<
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(spec: OperationSpec<Params, Query, Body>): Operation {
  const { params, query, body } = spec;
  const scope = "scope" in spec ? spec.scope : undefined;
  const project = "project" in spec ? spec.project : undefined;
  return { ...spec, scope, project, params, query, body };
}
