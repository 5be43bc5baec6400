import { describe, expect, it } from "@jest/globals";
import { type Template, trimTemplate } from "../../../../scripts/deploy/trim-template.ts";

const trust = (...services: string[]) => {
  return { Statement: [{ Effect: "Allow", Principal: { Service: services }, Action: ["sts:AssumeRole"] }] };
};
const BOTH = ["lambda.amazonaws.com", "edgelambda.amazonaws.com"];

const role = () => ({ Type: "AWS::IAM::Role", Properties: { AssumeRolePolicyDocument: trust(...BOTH) } });
const lambda = (roleId: string) => {
  return { Type: "AWS::Lambda::Function", Properties: { Role: { "Fn::GetAtt": [roleId, "Arn"] } } };
};

/** What the framework makes of one function at the edge and one in the region. */
function template(): Template {
  return {
    Resources: {
      AtEdgeLambdaFunction: lambda("AtEdgeRole"),
      InRegionLambdaFunction: lambda("InRegionRole"),
      AtEdgeRole: role(),
      InRegionRole: role(),
      IamRoleLambdaExecution: role(),
      AtEdgeLambdaFunctionInvokePermission: { Type: "AWS::Lambda::Permission" },
      InRegionLambdaPermissionHttpApi: { Type: "AWS::Lambda::Permission" },
    },
    Outputs: { CloudFrontDistributionDomainName: {}, CloudFrontDistribution: {} },
  };
}

function trimmed(change: (template: Template) => void = () => {}): Template {
  const found = template();
  change(found);
  trimTemplate(found, ["atEdge"]);
  return found;
}

function servicesOf({ Resources }: Template, id: string): string[] | undefined {
  const document = Resources[id]?.Properties?.AssumeRolePolicyDocument as ReturnType<typeof trust> | undefined;
  return document?.Statement[0]?.Principal.Service;
}

describe("a template with a function at the edge", () => {
  it("lets the service at the edge take the role of that function only", () => {
    expect(servicesOf(trimmed(), "AtEdgeRole")).toStrictEqual(BOTH);
    expect(servicesOf(trimmed(), "InRegionRole")).toStrictEqual(["lambda.amazonaws.com"]);
  });

  it("has no role that no function has", () => {
    expect(trimmed().Resources).not.toHaveProperty("IamRoleLambdaExecution");
  });

  it("keeps the shared role for a function that has it", () => {
    const { Resources } = trimmed(({ Resources: resources }) => {
      resources.InRegionLambdaFunction = lambda("IamRoleLambdaExecution");
    });
    expect(Resources).toHaveProperty("IamRoleLambdaExecution");
  });

  it("allows nobody to invoke what CloudFront runs by itself", () => {
    expect(Object.keys(trimmed().Resources)).toContain("InRegionLambdaPermissionHttpApi");
    expect(Object.keys(trimmed().Resources)).not.toContain("AtEdgeLambdaFunctionInvokePermission");
  });

  it("has no second output for the name of the distribution", () => {
    expect(trimmed().Outputs).toStrictEqual({ CloudFrontDistribution: {} });
  });
});
