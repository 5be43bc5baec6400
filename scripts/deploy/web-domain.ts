import { UserError } from "../api/user-error.ts";

/** What serverless.yml says of the web domain, resolved. */
export interface DomainSettings {
  /** Text where the domain is one's own; a reference to the distribution where it is that one's. */
  webDomain?: unknown;
  certificateArn?: unknown;
}

/** A host name, of which the certificate and the user pool have to know. */
export const HOST_NAME = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
/** CloudFront takes its certificates from there. */
export const CERTIFICATE = /^arn:[a-z-]+:acm:us-east-1:\d{12}:certificate\/.+$/;

/**
 * The domain of one's own under which the distribution serves the app; undefined where it uses its own name.
 * @throws UserError for a domain that cannot be one, or that comes without its certificate
 */
export function ownDomain({ webDomain, certificateArn }: DomainSettings): string | undefined {
  if (typeof webDomain !== "string") return undefined;
  if (!HOST_NAME.test(webDomain)) {
    throw new UserError(
      `appDomain must be a host name such as app.example.com, not "${webDomain}". Leave it out for none.`,
    );
  }
  if (typeof certificateArn !== "string" || !CERTIFICATE.test(certificateArn)) {
    throw new UserError(
      `appDomain ${webDomain} needs its certificate: --param certificateArn=<ARN of a certificate of ACM in us-east-1>.`,
    );
  }
  return webDomain;
}
