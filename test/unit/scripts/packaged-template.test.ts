import { beforeAll, describe, expect, it } from "@jest/globals";
import { ROOT, resolvedConfig } from "../../../scripts/service/resolved-config.ts";
import { PackagedTemplate } from "../../support/packaged-template.ts";

const DISTRIBUTION = "DistributionConfig";
const PACKAGING_TAKES_MS = 120_000;
let template: PackagedTemplate;

beforeAll(async () => {
  template = await PackagedTemplate.of("prod");
}, PACKAGING_TAKES_MS);

const distribution = (path: string): unknown => template.property("CloudFrontDistribution", `${DISTRIBUTION}.${path}`);
const lambdaIds = () => template.idsOf("AWS::Lambda::Function");

describe("the user pool", () => {
  it("F5: has no users but those that administrators create", () => {
    expect(template.property("UserPool", "AdminCreateUserConfig")).toStrictEqual({ AllowAdminCreateUserOnly: true });
  });

  it("has one client: public, by code, back to the web origin, without rotation of its refresh tokens", () => {
    expect(template.idsOf("AWS::Cognito::UserPoolClient")).toStrictEqual(["UserPoolClient"]);
    const origin = (path: string) => {
      return { "Fn::Join": ["", ["https://", { "Fn::GetAtt": ["CloudFrontDistribution", "DomainName"] }, path]] };
    };
    expect(template.property("UserPoolClient")).toMatchObject({
      GenerateSecret: false,
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthFlows: ["code"],
      AllowedOAuthScopes: ["openid", "email", "profile"],
      SupportedIdentityProviders: ["COGNITO"],
      CallbackURLs: [origin("/enceladus/callback")],
      LogoutURLs: [origin("/enceladus/")],
      EnableTokenRevocation: true,
      PreventUserExistenceErrors: "ENABLED",
      IdTokenValidity: 1,
      RefreshTokenValidity: 30,
      TokenValidityUnits: { IdToken: "hours", RefreshToken: "days" },
    });
    expect(template.property("UserPoolClient", "RefreshTokenRotation")).toBeUndefined();
  });

  it("tells its ids and the address of its sign-in pages, from which the edge is configured", () => {
    expect(template.outputs).toMatchObject({
      UserPoolId: { Value: { Ref: "UserPool" } },
      UserPoolClientId: { Value: { Ref: "UserPoolClient" } },
      SignInOrigin: { Value: { "Fn::Sub": expect.stringContaining("UserPoolDomain") } },
    });
  });
});

describe("the distribution", () => {
  it("has three behaviours, and runs the edge before the cache of all that comes from the bucket", () => {
    const [version] = template.idsOf("AWS::Lambda::Version").filter((id) => id.startsWith("AuthEdge"));
    const edge = [{ EventType: "viewer-request", LambdaFunctionARN: { Ref: version } }];
    expect(distribution("CacheBehaviors")).toMatchObject([
      { PathPattern: "/enceladus*", LambdaFunctionAssociations: edge },
      { PathPattern: "/mobile/v1/*", LambdaFunctionAssociations: edge },
      { PathPattern: "/api/v1/*" },
    ]);
    expect(distribution("CacheBehaviors.2.LambdaFunctionAssociations")).toBeUndefined();
  });

  it.each([0, 1])("serves what it has cached to readers only, over https, by a key without cookies (%d)", (index) => {
    expect(distribution(`CacheBehaviors.${index}`)).toMatchObject({
      AllowedMethods: ["GET", "HEAD", "OPTIONS"],
      ViewerProtocolPolicy: "redirect-to-https",
      Compress: true,
      CachePolicyId: { Ref: "AssetsCachePolicy" },
      ResponseHeadersPolicyId: { Ref: "AssetsHeadersPolicy" },
    });
    expect(template.property("AssetsCachePolicy", "CachePolicyConfig")).toMatchObject({
      // An object may say that no copy of it is good, and one that says nothing is not kept.
      MinTTL: 0,
      DefaultTTL: 0,
      ParametersInCacheKeyAndForwardedToOrigin: {
        CookiesConfig: { CookieBehavior: "none" },
        HeadersConfig: { HeaderBehavior: "none" },
        QueryStringsConfig: { QueryStringBehavior: "none" },
      },
    });
  });

  it("F9: hands everything below /api/v1/ on to the API, over TLS, and caches none of it", () => {
    expect(distribution("CacheBehaviors.2")).toStrictEqual({
      PathPattern: "/api/v1/*",
      TargetOriginId: "api",
      ViewerProtocolPolicy: "https-only",
      AllowedMethods: ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"],
      CachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
      OriginRequestPolicyId: "b689b0a8-53d0-40ab-baf2-68738e2966ac",
    });
    expect(distribution("Origins.1")).toMatchObject({
      Id: "api",
      CustomOriginConfig: { OriginProtocolPolicy: "https-only", OriginSSLProtocols: ["TLSv1.2"] },
    });
  });

  it("caches no error", () => {
    const errors = distribution("CustomErrorResponses") as { ErrorCode: number; ErrorCachingMinTTL: number }[];
    expect(errors.map(({ ErrorCode }) => ErrorCode)).toStrictEqual([403, 404, 500, 502, 503, 504]);
    expect(errors.every(({ ErrorCachingMinTTL }) => ErrorCachingMinTTL === 0)).toBe(true);
  });

  it("speaks HTTP/2 and 3, over both versions of IP, with a certificate of its own only from TLS 1.2 on", () => {
    expect(distribution("")).toMatchObject({
      HttpVersion: "http2and3",
      IPV6Enabled: true,
      PriceClass: "PriceClass_100",
    });
    expect(distribution("ViewerCertificate.Fn::If.1")).toMatchObject({ MinimumProtocolVersion: "TLSv1.2_2021" });
  });

  it("sets the security headers, and leaves it to objects and edge to say how long they may be kept", () => {
    const config = template.property("AssetsHeadersPolicy", "ResponseHeadersPolicyConfig");
    expect(config).toMatchObject({
      SecurityHeadersConfig: {
        StrictTransportSecurity: { AccessControlMaxAgeSec: 63_072_000, IncludeSubdomains: true, Preload: false },
        ContentTypeOptions: { Override: true },
        FrameOptions: { FrameOption: "DENY" },
        ReferrerPolicy: { ReferrerPolicy: "same-origin" },
      },
      CustomHeadersConfig: { Items: [{ Header: "Permissions-Policy" }] },
    });
    expect(JSON.stringify(config)).not.toMatch(/cache-control/i);
  });

  it("allows the app what is its own, and no inline script", () => {
    const csp = template.property(
      "AssetsHeadersPolicy",
      "ResponseHeadersPolicyConfig.SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy",
    );
    const directives = String(csp).split("; ");
    expect(directives).toEqual(
      expect.arrayContaining([
        "default-src 'self'",
        "script-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
      ]),
    );
    expect(csp).not.toMatch(/unsafe|\*|http/);
  });
});

describe("what no behaviour is for", () => {
  interface Answer {
    statusCode: number;
    headers: Record<string, { value: string }>;
  }

  /** The function as CloudFront runs it: its code defines `handler`. */
  function answer(uri: string): Answer {
    const code = String(template.property("FrontDoor", "FunctionCode"));
    const run = new Function("event", `${code}; return handler(event);`) as (event: object) => Answer;
    return run({ request: { uri } });
  }

  it("is met by a function that forwards nothing", () => {
    expect(distribution("DefaultCacheBehavior")).toMatchObject({
      FunctionAssociations: [
        { EventType: "viewer-request", FunctionARN: { "Fn::GetAtt": ["FrontDoor", "FunctionARN"] } },
      ],
    });
    expect(distribution("DefaultCacheBehavior.LambdaFunctionAssociations")).toBeUndefined();
  });

  it("is the way to the app at the root", () => {
    expect(answer("/")).toMatchObject({ statusCode: 302, headers: { location: { value: "/enceladus/" } } });
  });

  it.each(["/%65nceladus/index.html", "/agent-documents/a.md", "//", "/?list-type=2"])("is not found at %s", (uri) => {
    expect(answer(uri)).toMatchObject({ statusCode: 404, headers: { "cache-control": { value: "no-store" } } });
  });
});

describe("the bucket", () => {
  it("is read by this distribution alone, below two prefixes", () => {
    const thisDistribution = {
      "AWS:SourceArn": { "Fn::Sub": expect.stringMatching(/:distribution\/\$\{CloudFrontDistribution\}$/) },
    };
    const policies = template.idsOf("AWS::S3::BucketPolicy").filter((id) => !id.startsWith("ServerlessDeployment"));
    expect(policies).toStrictEqual(["AssetsBucketPolicy"]);
    expect(template.property("AssetsBucketPolicy", "PolicyDocument.Statement")).toStrictEqual([
      {
        Effect: "Allow",
        Principal: { Service: "cloudfront.amazonaws.com" },
        Action: "s3:GetObject",
        Resource: ["enceladus", "mobile/v1"].map((prefix) => ({ "Fn::Sub": `\${AssetsBucket.Arn}/${prefix}/*` })),
        Condition: { StringEquals: thisDistribution },
      },
      {
        Effect: "Allow",
        Principal: { Service: "cloudfront.amazonaws.com" },
        Action: "s3:ListBucket",
        Resource: { "Fn::GetAtt": ["AssetsBucket", "Arn"] },
        Condition: { StringEquals: thisDistribution, StringLike: { "s3:prefix": ["enceladus/*", "mobile/v1/*"] } },
      },
    ]);
  });

  it("gets signed requests only, and stays closed to everybody else", () => {
    expect(distribution("Origins.0.OriginAccessControlId")).toStrictEqual({
      "Fn::GetAtt": ["AssetsOriginAccess", "Id"],
    });
    expect(template.property("AssetsOriginAccess", "OriginAccessControlConfig")).toMatchObject({
      SigningBehavior: "always",
      SigningProtocol: "sigv4",
    });
    expect(template.property("AssetsBucket", "PublicAccessBlockConfiguration")).toMatchObject({
      BlockPublicPolicy: true,
    });
  });
});

describe("the function at the edge", () => {
  it("has what Lambda@Edge takes, and nothing else", () => {
    const properties = template.property("AuthEdgeLambdaFunction");
    expect(properties).toMatchObject({ Architectures: ["x86_64"], MemorySize: 128, Timeout: 5, Layers: [] });
    expect(properties).not.toHaveProperty("Environment");
    expect(properties).not.toHaveProperty("VpcConfig");
  });

  it("has the one role that the service at the edge may take, which logs in every region under its own name", () => {
    const trusting = template
      .idsOf("AWS::IAM::Role")
      .filter((id) => JSON.stringify(template.property(id)).includes("edgelambda"));
    expect(trusting).toStrictEqual(["AuthEdgeIamRoleLambdaExecution"]);
    const role = JSON.stringify(template.property("AuthEdgeIamRoleLambdaExecution", "Policies"));
    const resources = [...role.matchAll(/arn:[^"]+/g)].map(([arn]) => arn);
    expect(resources).toStrictEqual([
      expect.stringMatching(/:log-group:\/aws\/lambda\/enceladus-auth-edge:\*:\*$/),
      expect.stringMatching(
        /:logs:\*:\$\{AWS::AccountId\}:log-group:\/aws\/lambda\/us-east-1\.enceladus-auth-edge:\*$/,
      ),
    ]);
  });
});

describe("every function in the region", () => {
  const inRegion = () => lambdaIds().filter((id) => id !== "AuthEdgeLambdaFunction");

  it("F4: has user pool and client by reference to this stack's", () => {
    expect(inRegion().length).toBeGreaterThan(3);
    for (const id of inRegion()) {
      expect(template.property(id, "Environment.Variables")).toMatchObject({
        COGNITO_USER_POOL_ID: { Ref: "UserPool" },
        COGNITO_CLIENT_ID: { Ref: "UserPoolClient" },
      });
    }
  });

  it("has a role of its own: there is none for all", () => {
    expect(template.resources).not.toHaveProperty("IamRoleLambdaExecution");
    const roles = lambdaIds().map((id) => JSON.stringify(template.property(id, "Role")));
    expect(new Set(roles).size).toBe(roles.length);
  });
});

describe("the API", () => {
  it.each(["refresh", "revoke"])("holds back who asks for auth/%s again and again", (action) => {
    expect(template.property("HttpApiStage", "RouteSettings")).toMatchObject({
      [`POST /api/v1/auth/${action}`]: {
        ThrottlingRateLimit: expect.any(Number),
        ThrottlingBurstLimit: expect.any(Number),
      },
    });
  });

  it("asks for a signature where the function asks for nothing, and nowhere else for anything", () => {
    const guarded = template
      .idsOf("AWS::ApiGatewayV2::Route")
      .filter((id) => (template.property(id, "AuthorizationType") ?? "NONE") !== "NONE");
    expect(guarded.map((id) => template.property(id, "RouteKey"))).toStrictEqual([
      "POST /api/v1/doc-prep/{projectName}",
    ]);
    for (const id of guarded) expect(template.property(id, "AuthorizationType")).toBe("AWS_IAM");
  });

  it("knows the routes before their limits", () => {
    const { DependsOn } = template.resources.HttpApiStage ?? {};
    expect(DependsOn).toStrictEqual(["HttpApiRoutePostApiV1AuthRefresh", "HttpApiRoutePostApiV1AuthRevoke"]);
    for (const route of DependsOn ?? []) expect(template.resources).toHaveProperty(route);
  });
});

describe("the layer", () => {
  it("says which content it has, so that templates tell whether code can be deployed alone", () => {
    expect(template.property("SharedLambdaLayer", "Description")).toMatch(/^content sha256:[0-9a-f]{64}$/);
  });
});

describe("in production", () => {
  const STATEFUL = ["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::Cognito::UserPool"];

  it.each(STATEFUL)("every %s outlives the stack", (type) => {
    const ids = template.idsOf(type).filter((id) => id !== "ServerlessDeploymentBucket");
    expect(ids.length).toBeGreaterThan(0);
    for (const id of ids) {
      expect({ id, ...template.resources[id] }).toMatchObject({
        id,
        DeletionPolicy: "Retain",
        UpdateReplacePolicy: "Retain",
      });
    }
  });

  it("functions have the names that others know them by", () => {
    const known: Readonly<Record<string, string>> = {
      "auth-edge": "enceladus-auth-edge",
      "auth-refresh": "auth-refresh",
      "bedrock-agent-actions": "enceladus-bedrock-agent-actions",
      "coordination-api": "devops-coordination-api",
      "coordination-monitor-api": "devops-coordination-monitor-api",
      "deploy-finalize": "devops-deploy-finalize",
      "deploy-intake": "devops-deploy-intake",
      "deploy-orchestrator": "devops-deploy-orchestrator",
      "dispatch-orchestrator": "devops-dispatch-orchestrator",
      "doc-prep": "devops-doc-prep",
      "document-api": "devops-document-api",
      "feed-publisher": "devops-feed-publisher",
      "feed-query": "devops-feed-query-api",
      "glue-crawler-launcher": "devops-glue-crawler-launcher",
      "governance-audit": "enceladus-governance-audit",
      "json-to-parquet-transformer": "devops-json-to-parquet-transformer",
      "project-service": "devops-project-service",
      "reference-search": "devops-reference-search",
      "tracker-mutation": "devops-tracker-mutation-api",
    };
    const folderOf = (id: string) => String(template.property(id, "Handler")).split("/")[1] ?? "";
    const names = lambdaIds().map((id) => [folderOf(id), template.property(id, "FunctionName")] as const);
    const old = names.filter(([folder]) => folder in known);
    expect(old.length).toBeGreaterThan(0);
    expect(Object.fromEntries(old)).toStrictEqual(Object.fromEntries(old.map(([folder]) => [folder, known[folder]])));
  });

  it("tables and user pool refuse to be deleted", () => {
    expect(template.property("UserPool", "DeletionProtection")).toBe("ACTIVE");
    for (const id of template.idsOf("AWS::DynamoDB::Table")) {
      expect(template.property(id, "DeletionProtectionEnabled")).toBe(true);
    }
  });
});

describe("a stack in another region", () => {
  it("has no edge, no distribution, and nothing that refers to them", async () => {
    const { functions, resources, provider } = await resolvedConfig("prod", ROOT, ["--region", "eu-central-1"]);
    expect(JSON.stringify({ functions, resources, provider })).not.toMatch(/CloudFront|authEdge/i);
    expect(Object.keys(functions)).toHaveLength(lambdaIds().length - 1);
    const callback = { "Fn::Join": ["", ["https://", "app.example.com", "/enceladus/callback"]] };
    expect(resources).toMatchObject({
      Resources: { UserPoolClient: { Properties: { CallbackURLs: [callback] } } },
    });
  });
});

describe("a web domain of one's own", () => {
  it("is a name of the distribution, and the web origin of everybody else", async () => {
    const certificateArn = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555";
    const parameters = ["--param", "appDomain=app.example.org", "--param", `certificateArn=${certificateArn}`];
    const { provider, resources } = await resolvedConfig("dev", ROOT, parameters);
    expect(provider).toMatchObject({ environment: { CORS_ORIGIN: "https://app.example.org" } });
    const distributionConfig = {
      Aliases: { "Fn::If": ["HasAppDomain", ["app.example.org"], { Ref: "AWS::NoValue" }] },
      ViewerCertificate: { "Fn::If": ["HasAppDomain", { AcmCertificateArn: certificateArn }, {}] },
    };
    expect(resources).toMatchObject({
      Conditions: { HasAppDomain: { "Fn::Not": [{ "Fn::Equals": ["app.example.org", ""] }] } },
      Resources: {
        CloudFrontDistribution: { Properties: { DistributionConfig: distributionConfig } },
        UserPoolClient: {
          Properties: { LogoutURLs: [{ "Fn::Join": ["", ["https://", "app.example.org", "/enceladus/"]] }] },
        },
      },
    });
  });
});
