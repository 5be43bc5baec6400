import type { AuthContext } from "@enceladus/shared/auth-context";
import type * as z from "zod";
import type { HttpRequest } from "./http-event.ts";
import type { Reply } from "./reply.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A credential that an operation accepts: the id-token cookie of a person, the internal key of a trusted service. */
export type Credential = "cookie" | "key";

/** The name of a group of operations that a key may be limited to. */
export type Scope =
  `${"tracker" | "documents" | "deploy" | "coordination" | "governance" | "projects"}:${"read" | "write" | "admin"}`;

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
}

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : Record<string, never>;

/** The single definition of a call: validation, types, documentation and the tests over all routes come from it. */
export interface OperationSpec<
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
  /** Who may call; `public` reads no credential. */
  auth: readonly Credential[] | "public";
  scope?: Scope;
  params?: Params;
  query?: Query;
  body?: Body;
  /** Bytes that the body may have; default 1 MiB. */
  bodyLimit?: number;
  /** Whether `Idempotency-Key` makes a repeated call answer the first answer again. */
  idempotent?: boolean;
  responses: Readonly<Record<number, ResponseSpec>>;
  /** A check that comes before method and body: that the thing named in the path exists at all. */
  precheck?: (params: Output<Params>) => Promise<void>;
  handler: (call: Call<Output<Params>, Output<Query>, Output<Body>>) => Promise<Reply>;
}

/** An operation whose types are already checked, as routers and generators see it. */
export interface Operation
  extends Omit<OperationSpec<undefined, undefined, undefined>, "params" | "query" | "body" | "precheck" | "handler"> {
  params: z.ZodType | undefined;
  query: z.ZodType | undefined;
  body: z.ZodType | undefined;
  precheck: ((params: never) => Promise<void>) | undefined;
  handler: (call: never) => Promise<Reply>;
}

/**
 * Declares an operation. The schemas give the handler its types.
 * @example
 * export const getThing = operation({
 *   id: "getThing", method: "GET", path: "/api/v1/things/{id}", tag: "things", summary: "Reads a thing",
 *   auth: ["cookie", "key"], params: z.object({ id: z.string() }),
 *   responses: { 200: { description: "The thing", schema: thingAnswer } },
 *   handler: async ({ params }) => reply(200, { success: true, thing: await readThing(params.id) }),
 * });
 */
export function operation<
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(spec: OperationSpec<Params, Query, Body>): Operation {
  return { ...spec, params: spec.params, query: spec.query, body: spec.body, precheck: spec.precheck };
}
