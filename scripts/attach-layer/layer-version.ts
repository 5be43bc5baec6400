import { createHash } from "node:crypto";
import {
  type Architecture,
  type LambdaClient,
  type LayerVersionsListItem,
  PublishLayerVersionCommand,
  paginateListLayerVersions,
  type Runtime,
} from "@aws-sdk/client-lambda";
import { UserError } from "../api/user-error.ts";

/** A layer as it was built. */
export interface BuiltLayer {
  name: string;
  /** Of its content, lower-case hex. */
  digest: string;
  zip: Uint8Array;
  runtimes: readonly string[];
  architectures: readonly string[];
}

export interface LayerVersion {
  /** Undefined where it would have to be published first. */
  arn: string | undefined;
  published: boolean;
}

/** Stands in the description of a version, so that the same content is known again. */
export function descriptionOf({ digest }: Pick<BuiltLayer, "digest">): string {
  return `content sha256:${digest}`;
}

function holds(
  layer: BuiltLayer,
  { Description, CompatibleRuntimes = [], CompatibleArchitectures = [] }: LayerVersionsListItem,
) {
  return (
    Description === descriptionOf(layer) &&
    layer.runtimes.every((runtime) => CompatibleRuntimes.includes(runtime as Runtime)) &&
    layer.architectures.every((architecture) => CompatibleArchitectures.includes(architecture as Architecture))
  );
}

async function publishedVersion(client: LambdaClient, layer: BuiltLayer): Promise<string | undefined> {
  for await (const { LayerVersions = [] } of paginateListLayerVersions({ client }, { LayerName: layer.name })) {
    const found = LayerVersions.find((version) => holds(layer, version));
    if (found?.LayerVersionArn) return found.LayerVersionArn;
  }
  return undefined;
}

async function publish(client: LambdaClient, layer: BuiltLayer): Promise<string> {
  const { LayerVersionArn, Content } = await client.send(
    new PublishLayerVersionCommand({
      LayerName: layer.name,
      Description: descriptionOf(layer),
      Content: { ZipFile: layer.zip },
      CompatibleRuntimes: [...layer.runtimes] as Runtime[],
      CompatibleArchitectures: [...layer.architectures] as Architecture[],
    }),
  );
  const sha256 = createHash("sha256").update(layer.zip).digest("base64");
  if (!LayerVersionArn || Content?.CodeSha256 !== sha256) {
    throw new UserError(
      `What was published of ${layer.name} is not what was built (${LayerVersionArn ?? "no version"}).`,
    );
  }
  return LayerVersionArn;
}

/**
 * The version of a layer that holds what was built; published where there is none yet.
 * @throws UserError when the service has stored something else; the AWS error when it does not answer
 */
export async function layerVersion(client: LambdaClient, layer: BuiltLayer, dryRun: boolean): Promise<LayerVersion> {
  const arn = await publishedVersion(client, layer);
  if (arn !== undefined || dryRun) return { arn, published: false };
  return { arn: await publish(client, layer), published: true };
}
