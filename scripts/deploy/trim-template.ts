import { functionLogicalId } from "../local/resolve-references.ts";

interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
}

/** As much as is looked at of the template that the framework has made. */
export interface Template {
  Resources: Record<string, Resource>;
  Outputs?: Record<string, unknown>;
}

interface Trust {
  Statement: { Principal: { Service?: string[] } }[];
}

/** The role of functions that have none of their own. */
const SHARED_ROLE = "IamRoleLambdaExecution";
const EDGE_SERVICE = "edgelambda.amazonaws.com";

function roleOf(template: Template, functionKey: string): string | undefined {
  const role = template.Resources[functionLogicalId(functionKey)]?.Properties?.Role as
    | { "Fn::GetAtt"?: [string, string] }
    | undefined;
  return role?.["Fn::GetAtt"]?.[0];
}

/** Functions in a region are started by Lambda alone. */
function withdrawTrust(role: Resource): void {
  const trust = role.Properties?.AssumeRolePolicyDocument as Trust | undefined;
  for (const { Principal: principal } of trust?.Statement ?? []) {
    principal.Service = principal.Service?.filter((service) => service !== EDGE_SERVICE);
  }
}

/**
 * Takes away what a function at the edge makes the framework add to a template, and what nobody should have: the right
 * of the service at the edge to take the roles of all functions; the shared role, which would log to everywhere and has
 * no function; a permission to invoke the function, which CloudFront does not ask for, because it runs replicas of its
 * own under the function's role.
 * @param edgeKeys keys of the functions at the edge
 */
export function trimTemplate(template: Template, edgeKeys: readonly string[]): void {
  const { Resources: resources, Outputs: outputs } = template;
  const edgeRoles = new Set(edgeKeys.map((key) => roleOf(template, key)));
  for (const [id, resource] of Object.entries(resources)) {
    if (resource?.Type === "AWS::IAM::Role" && !edgeRoles.has(id)) withdrawTrust(resource);
  }
  for (const key of edgeKeys) delete resources[`${functionLogicalId(key)}InvokePermission`];
  const { [SHARED_ROLE]: sharedRole, ...others } = resources;
  if (sharedRole && !JSON.stringify(others).includes(`"${SHARED_ROLE}"`)) delete resources[SHARED_ROLE];
  // resources/cdn.yml has one for those who need it.
  delete outputs?.CloudFrontDistributionDomainName;
}
