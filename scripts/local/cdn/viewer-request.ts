import type { CloudFrontHeaders, CloudFrontRequest, CloudFrontRequestEvent } from "aws-lambda";
import { isDisallowed } from "./restricted-headers.ts";

/** What the event says of the distribution, and which request of it this is. */
export interface RequestIdentity {
  distributionDomainName: string;
  distributionId: string;
  requestId: string;
}

/** What is read of a request of Node's server. */
export interface ViewerRequest {
  method?: string | undefined;
  url?: string | undefined;
  rawHeaders: readonly string[];
  socket: { remoteAddress?: string | undefined };
}

/** An address's path and query string as they were written, the latter without its question mark. */
export function splitUrl(url: string): { uri: string; querystring: string } {
  const queryAt = url.indexOf("?");
  return queryAt < 0
    ? { uri: url, querystring: "" }
    : { uri: url.slice(0, queryAt), querystring: url.slice(queryAt + 1) };
}

/** Names in lower case, with the spelling of the viewer beside each value; a header that comes twice has two entries. */
function readHeaders(rawHeaders: readonly string[]): CloudFrontHeaders {
  const headers: CloudFrontHeaders = {};
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const key = rawHeaders[i] ?? "";
    const name = key.toLowerCase();
    if (isDisallowed(name)) continue;
    const lines = headers[name] ?? [];
    lines.push({ key, value: rawHeaders[i + 1] ?? "" });
    headers[name] = lines;
  }
  return headers;
}

/** The request as a function sees it, and may hand it back. */
export function viewerRequest({ method, url, rawHeaders, socket }: ViewerRequest): CloudFrontRequest {
  return {
    clientIp: socket.remoteAddress ?? "127.0.0.1",
    headers: readHeaders(rawHeaders),
    method: method ?? "GET",
    ...splitUrl(url ?? "/"),
  };
}

/** The event that CloudFront sends to a viewer-request function. */
export function viewerRequestEvent(request: CloudFrontRequest, identity: RequestIdentity): CloudFrontRequestEvent {
  return { Records: [{ cf: { config: { ...identity, eventType: "viewer-request" }, request } }] };
}
