import { describe, expect, it } from "@jest/globals";
import { readConfiguration } from "../../../functions/auth-edge/configuration.ts";
import { SERVICE_NAMES, type ServiceName } from "../../../scripts/local/aws-services.ts";
import type { ServiceConfiguration } from "../../../scripts/local/configuration.ts";
import { functionEnvironment } from "../../../scripts/local/function-environment.ts";
import { createReferences } from "../../../scripts/local/resolve-references.ts";

const API_ORIGIN = "http://127.0.0.1:3000";

const configuration: ServiceConfiguration = {
  service: "house",
  provider: {
    stage: "dev",
    region: "us-east-1",
    environment: {
      COGNITO_USER_POOL_ID: { Ref: "Pool" },
      COGNITO_CLIENT_ID: { Ref: "Client" },
      CORS_ORIGIN: "https://app.example.com",
    },
  },
  functions: {
    rooms: { name: "rooms-dev", environment: { ROOMS: "7" } },
    guard: {
      name: "guard-dev",
      environment: { ROOMS: "7" },
      events: [{ cloudFront: { eventType: "viewer-request", pathPattern: "/app*" } }],
    },
  },
  resources: {
    Resources: {
      Pool: { Type: "AWS::Cognito::UserPool" },
      Client: { Type: "AWS::Cognito::UserPoolClient" },
    },
  },
};

const origins = Object.fromEntries(SERVICE_NAMES.map((name) => [name, `http://${name}`])) as Record<
  ServiceName,
  string
>;
const sources = {
  references: createReferences(configuration, { sqsOrigin: "" }),
  wire: { origins, elsewhere: "http://elsewhere" },
  issuer: "http://issuer/pool",
  jwksUrl: "http://cognito/pool/keys",
};
const environmentOf = (key: string, apiOrigin?: string) =>
  functionEnvironment(configuration, key, { ...sources, ...(apiOrigin !== undefined && { apiOrigin }) });

describe("a function behind the API", () => {
  it("has what is declared, and the local user pool", () => {
    expect(environmentOf("rooms", API_ORIGIN)).toMatchObject({
      ROOMS: "7",
      CORS_ORIGIN: `https://app.example.com,${API_ORIGIN}`,
      COGNITO_ISSUER: sources.issuer,
      COGNITO_JWKS_URL: sources.jwksUrl,
      AWS_ENDPOINT_URL_S3: "http://s3",
      ENCELADUS_LOCAL: "true",
    });
    expect(environmentOf("rooms", API_ORIGIN)).not.toHaveProperty("ENCELADUS_EDGE");
  });
});

describe("a function at the edge", () => {
  it("has its configuration as the edge reads it, with the sign-in pages through the wire", () => {
    expect(readConfiguration(environmentOf("guard", API_ORIGIN).ENCELADUS_EDGE)).toEqual({
      userPoolId: sources.references.ref("Pool"),
      clientId: sources.references.ref("Client"),
      cognitoDomain: "http://cognito",
      appOrigin: API_ORIGIN,
      issuer: sources.issuer,
      jwksUrl: sources.jwksUrl,
    });
  });

  it("belongs to the declared web origin where there is no local API", () => {
    expect(readConfiguration(environmentOf("guard").ENCELADUS_EDGE)?.appOrigin).toBe("https://app.example.com");
  });

  it("has none of the declared variables, as on AWS", () => {
    const environment = environmentOf("guard", API_ORIGIN);
    expect(Object.keys(environment).filter((name) => /^(ROOMS|COGNITO_|CORS_)/.test(name))).toEqual([]);
    expect(environment).toMatchObject({ ENCELADUS_LOCAL: "true", AWS_REGION: "us-east-1" });
  });
});
