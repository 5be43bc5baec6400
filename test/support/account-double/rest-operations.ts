/** Operations that are told by method and path, and not by name. */
const OPERATIONS: readonly (readonly [service: string, method: string, path: RegExp, operation: string])[] = [
  ["lambda", "GET", /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)$/, "GetFunction"],
  ["lambda", "GET", /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/configuration$/, "GetFunctionConfiguration"],
  ["lambda", "GET", /^\/2015-03-31\/functions\/?$/, "ListFunctions"],
  ["lambda", "GET", /^\/2015-03-31\/event-source-mappings\/?$/, "ListEventSourceMappings"],
  ["lambda", "GET", /^\/2018-10-31\/layers$/, "GetLayerVersionByArn"],
  ["lambda", "GET", /^\/2016-08-19\/account-settings$/, "GetAccountSettings"],
  ["lambda", "GET", /^\/2017-03-31\/tags\/(?<Resource>.+)$/, "ListTags"],
  ["lambda", "POST", /^\/2017-03-31\/tags\/(?<Resource>.+)$/, "TagResource"],
  ["lambda", "POST", /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/invocations$/, "Invoke"],
  ["pipes", "GET", /^\/v1\/pipes$/, "ListPipes"],
  ["apigateway", "GET", /^\/v2\/apis$/, "GetApis"],
  ["apigateway", "GET", /^\/v2\/apis\/(?<ApiId>[^/]+)\/routes$/, "GetRoutes"],
  ["apigateway", "GET", /^\/v2\/apis\/(?<ApiId>[^/]+)\/integrations$/, "GetIntegrations"],
  ["s3", "GET", /^\/$/, "ListBuckets"],
];

/** The operation that a request asks for, with what its path and its query say. */
export function restOperation(service: string, method: string, url: URL) {
  for (const [owner, verb, path, operation] of OPERATIONS) {
    const found = owner === service && verb === method ? path.exec(url.pathname) : null;
    if (!found) continue;
    const ofPath = Object.entries(found.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]);
    return { operation, input: { ...Object.fromEntries(url.searchParams), ...Object.fromEntries(ofPath) } };
  }
  return undefined;
}
