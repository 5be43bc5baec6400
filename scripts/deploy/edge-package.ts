import { strFromU8 } from "fflate";
import { zipEntries } from "../packages/unpack.ts";
import { type BakedConfiguration, bakedConfiguration } from "./edge-configuration.ts";

/**
 * What is baked into a package of the edge.
 * @throws Error when it is no package of the edge
 */
export function bakedInto(zipFile: string): BakedConfiguration | undefined {
  const [, bundle] = zipEntries(zipFile).find(([path]) => path.endsWith("/handler.cjs")) ?? [];
  return bakedConfiguration(bundle ? strFromU8(bundle) : "");
}
