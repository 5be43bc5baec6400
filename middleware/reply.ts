/** What an operation answers: a status, a JSON body and, where needed, headers and cookies. */
export interface Reply<Status extends number = number, Body = unknown> {
  status: Status;
  body: Body;
  headers?: Readonly<Record<string, string>>;
  cookies?: readonly string[];
}

/** The answer of an operation. */
export function reply<Status extends number, Body>(
  status: Status,
  body: Body,
  headers?: Readonly<Record<string, string>>,
  cookies?: readonly string[],
): Reply<Status, Body> {
  return { status, body, ...(headers && { headers }), ...(cookies && { cookies }) };
}

/** What API Gateway takes from a function, either payload version. */
export interface GatewayResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded?: boolean;
  cookies?: string[];
  multiValueHeaders?: Record<string, string[]>;
}

function jsonValue(_key: string, value: unknown): unknown {
  if (value instanceof Set) return [...value].sort();
  if (typeof value === "bigint") return value.toString();
  return value;
}

/** JSON as the API writes it: sets as sorted arrays, integers beyond 2^53 as text. */
export function toJson(body: unknown): string {
  return JSON.stringify(body, jsonValue);
}
