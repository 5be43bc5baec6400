import { devNull } from "node:os";
import type { EdgeConfiguration } from "../../functions/auth-edge/configuration.ts";
import { isAtTheEdge } from "../service/at-the-edge.ts";
import { AWS_SERVICES, SERVICE_NAMES } from "./aws-services.ts";
import type { ServiceConfiguration } from "./configuration.ts";
import { LocalError } from "./errors.ts";
import type { References } from "./resolve-references.ts";
import type { Wire } from "./wire/index.ts";

/** DynamoDB Local takes letters and digits only; nothing here checks a signature. */
export const LOCAL_CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" } as const;

export interface EnvironmentSources {
  references: References;
  wire: Pick<Wire, "origins" | "elsewhere">;
  issuer: string;
  jwksUrl: string;
  apiOrigin?: string;
}

/** Points every AWS SDK at the wire, and away from the profiles and credentials of whoever sits at the machine. */
function awsEnvironment(functionKey: string, region: string, { origins, elsewhere }: EnvironmentSources["wire"]) {
  const endpoints = SERVICE_NAMES.flatMap((service) =>
    AWS_SERVICES[service].endpointVariables.map((name) => [`AWS_ENDPOINT_URL_${name}`, origins[service]] as const),
  );
  return {
    AWS_ENDPOINT_URL: elsewhere,
    ...Object.fromEntries(endpoints),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: "true",
    // The SDK puts it into the user agent; the wire reads there who called. 50 characters is what the SDK takes.
    AWS_SDK_UA_APP_ID: functionKey.slice(0, 50),
  };
}

/** The value of CORS_ORIGIN with the local API's own address added, so that its reference page may call it. */
function withLocalOrigin(corsOrigin: string | undefined, apiOrigin: string | undefined): Record<string, string> {
  const origins = [corsOrigin, apiOrigin].filter((origin) => origin !== undefined && origin !== "");
  return origins.length > 0 ? { CORS_ORIGIN: origins.join(",") } : {};
}

/** What the functions behind the API have in their environment, and one at the edge in its configuration. */
interface Declared {
  COGNITO_USER_POOL_ID?: string;
  COGNITO_CLIENT_ID?: string;
  CORS_ORIGIN?: string;
}

/**
 * What stands in for the configuration that is baked into a function at the edge. The sign-in pages are reached through
 * the wire, so that its calls of the token endpoint are counted and can fail.
 */
function edgeConfiguration(declared: Declared, { wire, issuer, jwksUrl, apiOrigin }: EnvironmentSources): string {
  const configuration: EdgeConfiguration = {
    userPoolId: declared.COGNITO_USER_POOL_ID ?? "",
    clientId: declared.COGNITO_CLIENT_ID ?? "",
    cognitoDomain: wire.origins.cognito,
    appOrigin: apiOrigin || (declared.CORS_ORIGIN?.split(",")[0] ?? ""),
    issuer,
    jwksUrl,
  };
  return JSON.stringify(configuration);
}

/**
 * The whole environment of a function as text: what serverless.yml declares with every reference resolved, and what the
 * local AWS needs. A function at the edge has none of what is declared, as on AWS.
 */
export function functionEnvironment(
  configuration: ServiceConfiguration,
  functionKey: string,
  sources: EnvironmentSources,
): Record<string, string> {
  const definition = configuration.functions[functionKey];
  if (!definition) throw new LocalError(`serverless.yml declares no function "${functionKey}".`);
  const declared = { ...configuration.provider.environment, ...definition.environment };
  const resolved = Object.fromEntries(
    Object.entries(declared).map(([name, value]) => [name, sources.references.text(value)]),
  );
  const forAll = {
    ...awsEnvironment(functionKey, configuration.provider.region, sources.wire),
    ENCELADUS_LOCAL: "true",
  };
  if (isAtTheEdge(definition.events)) {
    return { ...forAll, ENCELADUS_EDGE: edgeConfiguration(resolved, sources) };
  }
  return {
    ...resolved,
    ...forAll,
    ...withLocalOrigin(resolved.CORS_ORIGIN, sources.apiOrigin),
    COGNITO_ISSUER: sources.issuer,
    COGNITO_JWKS_URL: sources.jwksUrl,
  };
}
