import { deployedConfiguration } from "../deploy/deployed-stack.ts";
import { configurationText } from "../deploy/edge-configuration.ts";
import { isDenied } from "../service/aws-errors.ts";
import { type PackagedService, packageService } from "./package-service.ts";

/** A stage as its deploy is told of it. */
export interface DeployedStage {
  stage: string;
  region: string;
  /** `key=value`. */
  params: readonly string[];
}

/**
 * Packs everything as a deploy into a stage that is there would: with what its stack says that the edge and the web origin
 * are. Where that may not be seen it says so, and what depends on it will differ.
 * @param directory where the zip files go, outside the repository
 * @throws Error when the account cannot be asked for another reason
 */
export async function packageAsDeployed(
  directory: string,
  { stage, region, params }: DeployedStage,
): Promise<PackagedService> {
  let edge: string | undefined;
  try {
    const deployed = await deployedConfiguration({ region }, `enceladus-${stage}`);
    edge = deployed && configurationText(deployed);
  } catch (error) {
    if (!isDenied(error)) throw error;
    console.error(`What the edge is configured for may not be seen (${error.name}): its package will differ.`);
  }
  const args = ["--region", region, ...params.flatMap((pair) => ["--param", pair])];
  return packageService(directory, stage, { args, ...(edge !== undefined && { edge }) });
}
