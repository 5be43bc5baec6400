import type { IncomingMessage } from "node:http";
import { AWS_SERVICES, type ServiceName } from "../aws-services.ts";

/** What a request asks for. */
export interface Identified {
  operation: string;
  request(): unknown;
}

function header(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

function parseJson(body: Buffer): unknown {
  const text = body.toString();
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return text;
  }
}

const PAGES: Readonly<Record<string, string>> = {
  "/oauth2/authorize": "OAuth2Authorize",
  "/oauth2/token": "OAuth2Token",
  "/oauth2/revoke": "OAuth2Revoke",
  "/logout": "Logout",
};

/** Calls of Cognito that are no API operations but pages and keys at fixed paths. */
function plainOperation(method: string, path: string): string {
  if (path.endsWith("/.well-known/jwks.json")) return "GetJsonWebKeySet";
  return PAGES[path] ?? `${method} ${path}`;
}

/** What people and functions send to the sign-in pages that the list of calls is not to tell. */
const SECRET_FIELDS = new Set(["password", "code", "code_verifier", "token", "refresh_token"]);

function readForm(body: Buffer): Record<string, string> {
  const fields = [...new URLSearchParams(body.toString())];
  return Object.fromEntries(fields.map(([name, value]) => [name, SECRET_FIELDS.has(name) ? "(secret)" : value]));
}

function identifyJson(incoming: IncomingMessage, path: string, body: Buffer): Identified {
  const target = header(incoming, "x-amz-target");
  const operation = target?.slice(target.lastIndexOf(".") + 1) ?? plainOperation(incoming.method ?? "GET", path);
  const isForm = header(incoming, "content-type")?.startsWith("application/x-www-form-urlencoded");
  return {
    operation,
    request: () => (isForm ? readForm(body) : parseJson(body)),
  };
}

function identifyQuery(body: Buffer): Identified {
  const parameters = Object.fromEntries(new URLSearchParams(body.toString()));
  const { Action: operation = "Unknown", Version: _, ...request } = parameters;
  return { operation, request: () => request };
}

/** Headers of an S3 request that say something about what it does. */
const S3_HEADERS =
  /^(if-|content-type$|content-encoding$|content-length$|cache-control$|range$|x-amz-copy-source|x-amz-meta-)/;

function s3Operation(method: string, key: string, query: URLSearchParams, isCopy: boolean): string {
  const multipart = query.has("uploadId");
  if (!key) {
    if (query.has("delete")) return "DeleteObjects";
    const operations: Record<string, string> = {
      GET: "ListObjectsV2",
      HEAD: "HeadBucket",
      PUT: "CreateBucket",
      DELETE: "DeleteBucket",
    };
    return operations[method] ?? `${method} bucket`;
  }
  switch (method) {
    case "PUT":
      if (multipart) return isCopy ? "UploadPartCopy" : "UploadPart";
      return isCopy ? "CopyObject" : "PutObject";
    case "POST":
      return multipart ? "CompleteMultipartUpload" : "CreateMultipartUpload";
    case "DELETE":
      return multipart ? "AbortMultipartUpload" : "DeleteObject";
    case "HEAD":
      return "HeadObject";
    default:
      return query.has("attributes") ? "GetObjectAttributes" : "GetObject";
  }
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** An S3 request in path style, from its line and headers: the body is the object and goes by. */
export function identifyS3(incoming: IncomingMessage): Identified {
  const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://s3");
  const method = incoming.method ?? "GET";
  const [, bucket = "", ...segments] = pathname.split("/");
  const key = segments.join("/");
  const isCopy = header(incoming, "x-amz-copy-source") !== undefined;
  const operation = bucket === "" ? "ListBuckets" : s3Operation(method, key, searchParams, isCopy);
  const request = () => ({
    bucket,
    ...(key !== "" && { key: decodeKey(key) }),
    method,
    ...(searchParams.size > 0 && { query: Object.fromEntries(searchParams) }),
    headers: Object.fromEntries(Object.entries(incoming.headers).filter(([name]) => S3_HEADERS.test(name))),
  });
  return { operation, request };
}

const FUNCTION_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** A call of Lambda: what is invoked stands in the path, how in a header, and the body is the event. */
function identifyLambda(incoming: IncomingMessage, path: string, body: Buffer): Identified {
  const method = incoming.method ?? "GET";
  const name = FUNCTION_PATH.exec(path)?.[1];
  if (method !== "POST" || name === undefined)
    return { operation: `${method} ${path}`, request: () => parseJson(body) };
  const request = () => ({
    FunctionName: decodeKey(name),
    InvocationType: header(incoming, "x-amz-invocation-type") ?? "RequestResponse",
    Payload: parseJson(body),
  });
  return { operation: "Invoke", request };
}

/** What a request with its whole body asks a service for. */
export function identify(service: ServiceName, incoming: IncomingMessage, body: Buffer): Identified {
  const path = (incoming.url ?? "/").split("?", 1)[0] ?? "/";
  switch (AWS_SERVICES[service].protocol) {
    case "json":
      return identifyJson(incoming, path, body);
    case "rest-json":
      return identifyLambda(incoming, path, body);
    case "query":
      return identifyQuery(body);
    case "s3":
      return identifyS3(incoming);
  }
}

/**
 * Which function called: the SDK puts `AWS_SDK_UA_APP_ID` of its environment into the user agent. Powertools adds to it
 * after a hyphen, which no key of a function has.
 */
export function callingFunction(incoming: IncomingMessage): string | undefined {
  return /(?:^|\s)app\/(\w+)/.exec(header(incoming, "user-agent") ?? "")?.[1];
}
