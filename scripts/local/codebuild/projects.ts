import type { ServiceConfiguration } from "../configuration.ts";
import type { References } from "../resolve-references.ts";

const VARIABLE = "CODEBUILD_PROJECT";
/** For a configuration in which no function starts builds. */
const DEFAULT_PROJECTS = ["devops-ui-deploy-builder"];

/** The projects of CodeBuild that there are: the builder is not part of the stack, functions are told its name. */
export function declaredProjects(
  { provider, functions }: ServiceConfiguration,
  references: Pick<References, "text">,
): ReadonlySet<string> {
  const environments = [provider.environment, ...Object.values(functions).map(({ environment }) => environment)];
  const named = environments.flatMap((environment) => {
    const value = environment?.[VARIABLE];
    return value === undefined ? [] : [references.text(value)];
  });
  return new Set(named.length > 0 ? named : DEFAULT_PROJECTS);
}
