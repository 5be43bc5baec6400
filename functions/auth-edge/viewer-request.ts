import type { CloudFrontRequest } from "aws-lambda";

/** The values of a header, in any number of lines. */
export function headerValues({ headers }: CloudFrontRequest, name: string): string[] {
  return (headers[name] ?? []).map(({ value }) => value);
}

/** The first value of a header in lower case; "" where there is none. */
export function headerValue(request: CloudFrontRequest, name: string): string {
  return (headerValues(request, name)[0] ?? "").toLowerCase();
}

/** What the viewer asked for, as it stands in the address bar. */
export function askedFor({ uri, querystring }: CloudFrontRequest): string {
  return querystring ? `${uri}?${querystring}` : uri;
}

/**
 * Whether a script or the browser itself asks, not a person who follows a link: any one sign is enough. Such a caller
 * must be told 401, because it would follow a redirect to the sign-in page and take the page for its answer.
 */
export function isScriptCall(request: CloudFrontRequest): boolean {
  const accept = headerValue(request, "accept");
  return (
    headerValue(request, "sec-fetch-dest") === "empty" ||
    headerValue(request, "x-requested-with") === "xmlhttprequest" ||
    headerValue(request, "purpose") === "prefetch" ||
    headerValue(request, "sec-purpose").includes("prefetch") ||
    (accept.includes("application/json") && !accept.includes("text/html"))
  );
}

/** Whether a person goes to this page, rather than some page embedding it. */
export function isNavigation(request: CloudFrontRequest): boolean {
  const destination = headerValue(request, "sec-fetch-dest");
  const isPage = destination === "" || destination === "document";
  return request.method === "GET" && isPage && !isScriptCall(request);
}
