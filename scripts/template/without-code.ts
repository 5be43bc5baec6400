import { isDeepStrictEqual } from "node:util";
import type { StackTemplate, TemplateResource } from "./stack-template.ts";

/** Where the code of a resource is; it has another address with every deploy. */
const CODE: Readonly<Record<string, string>> = {
  "AWS::Lambda::Function": "Code",
  "AWS::Lambda::LayerVersion": "Content",
};
/** Outputs that tell the same addresses; which layer it is stands in its description. */
const ADDRESS_OUTPUT = /Layer(?:Hash|S3Key)$/;

function withoutCodeOf(resource: TemplateResource): TemplateResource {
  const { [CODE[resource.Type] ?? ""]: _code, ...Properties } = resource.Properties ?? {};
  return { ...resource, Properties };
}

/** A template in which nothing tells which code it was made with: versions are called after their function alone. */
export function withoutCode({ Resources, Outputs = {} }: StackTemplate): StackTemplate {
  let text = JSON.stringify({ Resources, Outputs });
  for (const [id, { Type, Properties }] of Object.entries(Resources)) {
    if (Type !== "AWS::Lambda::Version") continue;
    const { Ref } = (Properties?.FunctionName ?? {}) as { Ref?: string };
    text = text.replaceAll(`"${id}"`, `"${Ref ?? id}Version"`);
  }
  const named = JSON.parse(text) as Required<StackTemplate>;
  const resources = Object.entries(named.Resources).filter(([, { Type }]) => Type !== "AWS::Lambda::Version");
  return {
    Resources: Object.fromEntries(resources.map(([id, resource]) => [id, withoutCodeOf(resource)])),
    Outputs: Object.fromEntries(Object.entries(named.Outputs).filter(([id]) => !ADDRESS_OUTPUT.test(id))),
  };
}

/** What is not the same in two templates, one line each; code and where it lies do not count. */
export function differencesBesidesCode(deployed: StackTemplate, packaged: StackTemplate): string[] {
  const [before, after] = [withoutCode(deployed), withoutCode(packaged)];
  return (["Resources", "Outputs"] as const).flatMap((section) => {
    const [old, young]: Readonly<Record<string, unknown>>[] = [before[section] ?? {}, after[section] ?? {}];
    const ids = [...new Set([...Object.keys(old ?? {}), ...Object.keys(young ?? {})])].sort();
    const what = section === "Resources" ? "" : "the output ";
    return ids.flatMap((id) => {
      if (isDeepStrictEqual(old?.[id], young?.[id])) return [];
      if (young?.[id] === undefined) return [`${what}${id} is deployed and no longer declared`];
      return [old?.[id] === undefined ? `${what}${id} is not deployed yet` : `${what}${id} is declared otherwise`];
    });
  });
}
