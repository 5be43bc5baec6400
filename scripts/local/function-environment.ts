import { devNull } from "node:os";
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

/**
 * The whole environment of a function as text: what serverless.yml declares with every reference resolved, and what the
 * local AWS needs.
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
  return {
    ...resolved,
    ...awsEnvironment(functionKey, configuration.provider.region, sources.wire),
    ...withLocalOrigin(resolved.CORS_ORIGIN, sources.apiOrigin),
    COGNITO_ISSUER: sources.issuer,
    COGNITO_JWKS_URL: sources.jwksUrl,
    ENCELADUS_LOCAL: "true",
  };
}
