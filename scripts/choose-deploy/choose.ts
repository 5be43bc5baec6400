import { GetFunctionConfigurationCommand, LambdaClient, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import { UserError } from "../api/user-error.ts";
import type { PackagedFunction, PackagedService } from "../packages/package-service.ts";
import { deployedTemplate, physicalIds } from "../template/deployed-template.ts";
import { packagedTemplate } from "../template/stack-template.ts";
import { differencesBesidesCode } from "../template/without-code.ts";

const LAYER_ID = "SharedLambdaLayer";

/** How something has to be deployed, and why not the code alone. */
export interface Choice {
  mode: "code" | "stack";
  reasons: string[];
}

async function attachedLayers(region: string, FunctionName: string): Promise<string[] | undefined> {
  try {
    const { Layers } = await new LambdaClient({ region }).send(new GetFunctionConfigurationCommand({ FunctionName }));
    return (Layers ?? []).map(({ Arn = "" }) => Arn);
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** The code was built against the layer of the stack: it must not run on another one that somebody has attached. */
async function layerReasons(
  region: string,
  stackName: string,
  { name, hasLayer }: PackagedFunction,
): Promise<string[]> {
  const attached = await attachedLayers(region, name);
  if (!attached) return [`${name} is not there`];
  const expected = (await physicalIds({ region }, stackName)).get(LAYER_ID);
  if (!hasLayer || (expected !== undefined && attached.includes(expected))) return [];
  return [`${name} has the layer ${attached.join(", ") || "of nobody"}, and the stack has ${expected ?? "none"}`];
}

/**
 * Whether the code of a function can be deployed alone: only onto a stack in which nothing else differs, the content of the
 * shared layer included.
 * @param packages packed as a deploy into the stage would
 * @throws UserError for a function that is not declared; the AWS error when the account cannot be asked
 */
export async function chooseDeploy(
  functionKey: string,
  packages: PackagedService,
  { region, stackName }: { region: string; stackName: string },
): Promise<Choice> {
  const packaged = packages.functions.find(({ key }) => key === functionKey);
  if (!packaged) throw new UserError(`serverless.yml has no function ${functionKey}.`);
  if (packaged.isAtTheEdge) return { mode: "stack", reasons: ["the distribution names a version of it"] };
  const deployed = await deployedTemplate({ region }, stackName);
  if (!deployed) return { mode: "stack", reasons: [`${stackName} is not deployed`] };
  const differences = differencesBesidesCode(deployed, packagedTemplate(packages.directory));
  const reasons = differences.length > 0 ? differences : await layerReasons(region, stackName, packaged);
  return { mode: reasons.length > 0 ? "stack" : "code", reasons };
}
