import { type BakedConfiguration, givenConfiguration } from "./edge-configuration.ts";

/** The configuration that is baked into the edge, and whose word it is. */
export interface Choice {
  configuration: BakedConfiguration | undefined;
  source: "environment" | "stack" | "none";
}

/**
 * Chooses what is baked into the edge: what ENCELADUS_EDGE says, else what the deployed stack says, else nothing.
 * @param given the text of ENCELADUS_EDGE
 * @param appDomain a web domain of one's own: the stack may still have another one
 * @param deployed asks the stack; what it throws is passed on, because without an answer a working edge would be
 *   replaced by one that lets nobody in
 */
export async function chooseConfiguration(
  given: string | undefined,
  appDomain: string | undefined,
  deployed: () => Promise<BakedConfiguration | undefined>,
): Promise<Choice> {
  if (given) return { configuration: givenConfiguration(given), source: "environment" };
  const found = await deployed();
  if (!found) return { configuration: undefined, source: "none" };
  return { configuration: { ...found, ...(appDomain && { appOrigin: `https://${appDomain}` }) }, source: "stack" };
}

/** One line for the person who packages. */
export function choiceLine({ configuration, source }: Choice, stackName: string): string {
  if (!configuration) {
    return `The edge is packaged without a configuration: ${stackName} is not deployed. It lets nobody in until the next deploy (npm run deploy makes both).`;
  }
  const origin = source === "environment" ? "ENCELADUS_EDGE" : `the stack ${stackName}`;
  return `The edge is configured by ${origin}, for ${configuration.appOrigin}.`;
}
