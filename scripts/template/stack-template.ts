import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface TemplateResource {
  Type: string;
  Properties?: Readonly<Record<string, unknown>>;
}

/** A CloudFormation template, as it was packaged or as it is deployed. */
export interface StackTemplate {
  Resources: Readonly<Record<string, TemplateResource>>;
  Outputs?: Readonly<Record<string, unknown>>;
}

const FILE = "cloudformation-template-update-stack.json";

/**
 * Reads a template's text.
 * @param whose for the error
 * @throws Error when it is no template in JSON
 */
export function readTemplate(json: string, whose: string): StackTemplate {
  const found: unknown = JSON.parse(json);
  if (typeof found !== "object" || found === null || !("Resources" in found)) {
    throw new Error(`${whose} is no CloudFormation template`);
  }
  return found as StackTemplate;
}

/**
 * The template that a deploy of these packages would send.
 * @param directory made by `sls package --package`
 */
export function packagedTemplate(directory: string): StackTemplate {
  return readTemplate(readFileSync(join(directory, FILE), "utf8"), FILE);
}

/** The resources of a type, by logical id. */
export function resourcesOfType(template: StackTemplate, type: string): [id: string, resource: TemplateResource][] {
  return Object.entries(template.Resources).filter(([, { Type }]) => Type === type);
}
