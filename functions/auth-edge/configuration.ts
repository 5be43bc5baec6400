/** What the edge function knows about its deployment. Lambda@Edge has no environment, so it is baked into the bundle. */
export interface EdgeConfiguration {
  /** `us-east-1_XXXXXXXXX`; the region is the part before the underscore. */
  userPoolId: string;
  clientId: string;
  /** Origin of the hosted sign-in pages, without a trailing slash. */
  cognitoDomain: string;
  /** The one public web origin, without a trailing slash. */
  appOrigin: string;
  /** In place of the addresses that follow from the pool; only a laptop has them. */
  issuer?: string;
  jwksUrl?: string;
}

const REQUIRED = ["userPoolId", "clientId", "cognitoDomain", "appOrigin"] as const;

/**
 * Reads a baked configuration.
 * @param text JSON, or nothing where the stack has not been asked for its ids yet
 * @returns undefined while there is none: the edge then answers 503 and lets nobody in
 */
export function readConfiguration(text: string | undefined): EdgeConfiguration | undefined {
  if (!text) return undefined;
  const found = JSON.parse(text) as Partial<EdgeConfiguration>;
  return REQUIRED.every((name) => typeof found[name] === "string" && found[name] !== "")
    ? (found as EdgeConfiguration)
    : undefined;
}
