/** A header that a policy sets, and whether it replaces one that is there. */
interface PolicyHeader {
  name: string;
  value: string;
  override: boolean;
}

type HeaderLines = readonly (readonly [name: string, value: string])[];

/** What is read of a policy. */
interface PolicyConfig {
  SecurityHeadersConfig?: {
    ContentSecurityPolicy?: { ContentSecurityPolicy: string; Override: boolean };
    ContentTypeOptions?: { Override: boolean };
    FrameOptions?: { FrameOption: string; Override: boolean };
    ReferrerPolicy?: { ReferrerPolicy: string; Override: boolean };
    XSSProtection?: { Protection: boolean; ModeBlock?: boolean; ReportUri?: string; Override: boolean };
  };
  CustomHeadersConfig?: { Items: { Header: string; Value: string; Override: boolean }[] };
  RemoveHeadersConfig?: { Items: { Header: string }[] };
}

function xssProtection(config: { Protection: boolean; ModeBlock?: boolean; ReportUri?: string }): string {
  if (!config.Protection) return "0";
  return `1${config.ModeBlock ? "; mode=block" : ""}${config.ReportUri ? `; report=${config.ReportUri}` : ""}`;
}

/** Everything but Strict-Transport-Security: here is no TLS, and a browser would keep its promise for other ports too. */
function securityHeaders(config: PolicyConfig["SecurityHeadersConfig"] = {}): PolicyHeader[] {
  const { ContentSecurityPolicy: csp, ContentTypeOptions, FrameOptions, ReferrerPolicy, XSSProtection } = config;
  const header = (name: string, value: string | undefined, source: { Override: boolean } | undefined) =>
    source && value !== undefined ? [{ name, value, override: isTrue(source.Override) }] : [];
  return [
    ...header("content-security-policy", csp && withoutUpgrade(csp.ContentSecurityPolicy), csp),
    ...header("x-content-type-options", "nosniff", ContentTypeOptions),
    ...header("x-frame-options", FrameOptions?.FrameOption, FrameOptions),
    ...header("referrer-policy", ReferrerPolicy?.ReferrerPolicy, ReferrerPolicy),
    ...header("x-xss-protection", XSSProtection && xssProtection(XSSProtection), XSSProtection),
  ];
}

/** YAML and CloudFormation both write booleans as texts now and then. */
const isTrue = (value: unknown) => String(value) === "true";

/** The one directive that would send a browser from here to https. */
function withoutUpgrade(policy: string): string {
  const directives = policy.split(";").map((directive) => directive.trim());
  return directives.filter((directive) => directive && directive !== "upgrade-insecure-requests").join("; ");
}

/** What a response headers policy makes of the headers of an answer. */
export type ApplyPolicy = (headers: HeaderLines) => HeaderLines;

/** @param properties of `AWS::CloudFront::ResponseHeadersPolicy`, their references resolved */
export function responseHeadersPolicy(properties: unknown): ApplyPolicy {
  const { ResponseHeadersPolicyConfig: config } = properties as { ResponseHeadersPolicyConfig: PolicyConfig };
  const removed = new Set((config.RemoveHeadersConfig?.Items ?? []).map(({ Header }) => Header.toLowerCase()));
  const added: PolicyHeader[] = [
    ...securityHeaders(config.SecurityHeadersConfig),
    ...(config.CustomHeadersConfig?.Items ?? []).map(({ Header, Value, Override }) => {
      return { name: Header.toLowerCase(), value: Value, override: isTrue(Override) };
    }),
  ];
  const replaced = new Set(added.filter(({ override }) => override).map(({ name }) => name));
  return (headers) => {
    const kept = headers.filter(([name]) => !removed.has(name) && !replaced.has(name));
    const present = new Set(kept.map(([name]) => name));
    const missing = added.filter(({ name, override }) => override || !present.has(name));
    return [...kept, ...missing.map(({ name, value }) => [name, value] as const)];
  };
}
