import type { EdgeConfiguration } from "../../functions/auth-edge/configuration.ts";
import { UserError } from "../api/user-error.ts";

/** In this order, so that equal configurations are equal texts. */
const KEYS = ["userPoolId", "clientId", "cognitoDomain", "appOrigin"] as const;

/** What a deployed edge knows of its deployment. */
export type BakedConfiguration = Pick<EdgeConfiguration, (typeof KEYS)[number]>;

const isWhole = (values: Partial<Record<string, unknown>>): values is BakedConfiguration =>
  KEYS.every((key) => typeof values[key] === "string" && values[key] !== "");

/**
 * The constant in the edge's bundle.
 * @returns JSON; without a configuration its values are empty, and an edge that reads it lets nobody in
 */
export function configurationText(configuration: BakedConfiguration | undefined): string {
  return JSON.stringify(Object.fromEntries(KEYS.map((key) => [key, configuration?.[key] ?? ""])));
}

/** The constant as it stands in a bundle: JSON has no quotes but double ones, so a minifier leaves it as it is. */
const IN_BUNDLE = new RegExp(configurationText(undefined).replaceAll('""', '"[^"]*"').replace(/[{}]/g, "\\$&"));

/**
 * What is baked into a bundle of the edge.
 * @throws Error when it is no bundle of the edge
 */
export function bakedConfiguration(bundle: string): BakedConfiguration | undefined {
  const [text] = IN_BUNDLE.exec(bundle) ?? [];
  if (text === undefined) throw new Error("this bundle holds no configuration of the edge");
  const values = JSON.parse(text) as Record<string, unknown>;
  return isWhole(values) ? values : undefined;
}

/** The same bundle with another configuration in it. */
export function rebaked(bundle: string, configuration: BakedConfiguration): string {
  return bundle.replace(IN_BUNDLE, () => configurationText(configuration));
}

/**
 * A configuration that somebody has written down.
 * @throws UserError for anything but JSON with its four texts
 */
export function givenConfiguration(text: string): BakedConfiguration {
  try {
    const values = JSON.parse(text) as Record<string, unknown>;
    if (isWhole(values) && Object.keys(values).length === KEYS.length) return values;
  } catch {
    // Says below what is expected.
  }
  throw new UserError(`ENCELADUS_EDGE must be JSON with these texts, and nothing else: ${KEYS.join(", ")}.`);
}
