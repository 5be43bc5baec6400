import { UserError } from "../api/user-error.ts";
import { type BakedConfiguration, configurationText } from "./edge-configuration.ts";

/** One for a stack whose edge is configured, two for one whose ids were not known, or others, when it was packaged. */
const MOST_PASSES = 2;

export interface Passes {
  /** Packages and deploys. */
  deploy(pass: number): Promise<void>;
  /** What is in the edge that has just been deployed. */
  baked(): BakedConfiguration | undefined;
  /** What the stack says, now that it is deployed, that it should be. */
  wanted(): Promise<BakedConfiguration | undefined>;
}

/**
 * Deploys, and once more where the deploy has shown that the edge went out with other ids than those of the stack.
 * @returns how many deploys it took
 * @throws UserError when the edge is still another one: there is something that another deploy would not change
 */
export async function deployUntilConfigured({ deploy, baked, wanted }: Passes): Promise<number> {
  let [is, should] = ["", ""];
  for (let pass = 1; pass <= MOST_PASSES; pass += 1) {
    await deploy(pass);
    [is, should] = [configurationText(baked()), configurationText(await wanted())];
    if (is === should) return pass;
  }
  throw new UserError(
    `The edge is not configured as the stack says it should be. It has ${is}, and should have ${should}. ` +
      "Is ENCELADUS_EDGE set, or another appDomain in use?",
  );
}
