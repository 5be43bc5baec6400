import {
  ApiGatewayV2Client,
  GetIntegrationsCommand,
  GetRoutesCommand,
  NotFoundException,
} from "@aws-sdk/client-apigatewayv2";
import type { AwsAccess } from "../deploy/deployed-stack.ts";
import { resourcesOfType, type StackTemplate } from "../template/stack-template.ts";
import { allPages } from "./pages.ts";

/** A way by which the HTTP API reaches a function. */
export interface Route {
  /** `GET /api/v1/projects`. */
  key: string;
  authorization: string;
  /** Declared: the logical id of its function; live: its name. */
  target: string | undefined;
}

export const routeText = ({ key, authorization }: Route): string => `${key} (${authorization})`;

/** Of `integrations/{Ref}`, joined. */
function integrationOf(target: unknown): string | undefined {
  return /"Ref":"([^"]+)"/.exec(JSON.stringify(target ?? null))?.[1];
}

/** The routes that a template declares. */
export function declaredRoutes(template: StackTemplate): Route[] {
  return resourcesOfType(template, "AWS::ApiGatewayV2::Route").map(([, { Properties = {} }]) => {
    const integration = template.Resources[integrationOf(Properties.Target) ?? ""]?.Properties;
    const uri = integration?.IntegrationUri as { "Fn::GetAtt"?: [string, string] } | undefined;
    return {
      key: String(Properties.RouteKey),
      authorization: String(Properties.AuthorizationType ?? "NONE"),
      target: uri?.["Fn::GetAtt"]?.[0],
    };
  });
}

/**
 * The routes of an HTTP API that is live; none where somebody has removed it.
 * @throws Error when the account cannot be asked
 */
export async function liveRoutes(access: AwsAccess, apiId: string): Promise<Route[]> {
  try {
    return await routesOf(access, apiId);
  } catch (error) {
    if (error instanceof NotFoundException) return [];
    throw error;
  }
}

async function routesOf(access: AwsAccess, ApiId: string): Promise<Route[]> {
  const client = new ApiGatewayV2Client(access);
  const integrations = await allPages(async (NextToken) => {
    const { Items = [], NextToken: next } = await client.send(new GetIntegrationsCommand({ ApiId, NextToken }));
    return { items: Items, next };
  });
  const functionOf = new Map(
    integrations.map(({ IntegrationId, IntegrationUri = "" }) => [
      `integrations/${IntegrationId}`,
      /:function:([^:/]+)/.exec(IntegrationUri)?.[1],
    ]),
  );
  const routes = await allPages(async (NextToken) => {
    const { Items = [], NextToken: next } = await client.send(new GetRoutesCommand({ ApiId, NextToken }));
    return { items: Items, next };
  });
  return routes.map(({ RouteKey = "", AuthorizationType = "NONE", Target = "" }) => {
    return { key: RouteKey, authorization: AuthorizationType, target: functionOf.get(Target) };
  });
}
