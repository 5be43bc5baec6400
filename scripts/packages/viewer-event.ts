/** The parts of a viewer's request that make a difference; the rest is filled in as CloudFront would. */
export interface ViewerParts {
  uri: string;
  method?: string;
  querystring?: string;
  /** Names in any case; several values are several lines. */
  headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** The event that a distribution sends a viewer-request function. */
export function viewerEvent({ uri, method = "GET", querystring = "", headers = {} }: ViewerParts) {
  const lines = Object.entries({ host: "d111111abcdef8.cloudfront.net", ...headers }).map(
    ([key, values]) => [key.toLowerCase(), [values].flat().map((value) => ({ key, value }))] as const,
  );
  const config = {
    distributionDomainName: "d111111abcdef8.cloudfront.net",
    distributionId: "EDFDVBD6EXAMPLE",
    eventType: "viewer-request" as const,
    requestId: "edge-request-1",
  };
  const request = { clientIp: "192.0.2.1", method, uri, querystring, headers: Object.fromEntries(lines) };
  return { Records: [{ cf: { config, request } }] };
}
