import { CloudFormationClient, GetTemplateCommand, paginateListStackResources } from "@aws-sdk/client-cloudformation";
import { type AwsAccess, isMissing } from "../deploy/deployed-stack.ts";
import { readTemplate, type StackTemplate } from "./stack-template.ts";

/**
 * The template of a stack, as it was last deployed; undefined where there is no such stack.
 * @throws Error when the account cannot be asked
 */
export async function deployedTemplate(access: AwsAccess, stackName: string): Promise<StackTemplate | undefined> {
  try {
    const { TemplateBody = "{}" } = await new CloudFormationClient(access).send(
      new GetTemplateCommand({ StackName: stackName, TemplateStage: "Original" }),
    );
    return readTemplate(TemplateBody, `The template of ${stackName}`);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * What the resources of a stack are called in the account, by logical id; nothing where there is no such stack.
 * @throws Error when the account cannot be asked
 */
export async function physicalIds(access: AwsAccess, stackName: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const paging = { client: new CloudFormationClient(access) };
  try {
    for await (const { StackResourceSummaries = [] } of paginateListStackResources(paging, { StackName: stackName })) {
      for (const { LogicalResourceId, PhysicalResourceId } of StackResourceSummaries) {
        if (LogicalResourceId && PhysicalResourceId) found.set(LogicalResourceId, PhysicalResourceId);
      }
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return found;
}
