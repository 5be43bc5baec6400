import * as z from "zod";

const MOST_IDS = 100;
/** Of the names and values of all variables together. */
const MOST_VARIABLE_CHARACTERS = 5_500;

const ProjectName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{1,149}$/, {
  error: "must be 2 to 150 letters, digits, hyphens and underscores, a letter or digit first",
});

const EnvironmentVariable = z.strictObject({
  name: z.string().min(1).regex(/\S/, { error: "must not be blank" }),
  value: z.string(),
  type: z.enum(["PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"]).default("PLAINTEXT"),
});
export type EnvironmentVariable = z.infer<typeof EnvironmentVariable>;

const EnvironmentVariables = z
  .array(EnvironmentVariable)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, { error: "has a name twice" })
  .refine(
    (all) => all.reduce((sum, { name, value }) => sum + name.length + value.length, 0) <= MOST_VARIABLE_CHARACTERS,
    {
      error: `holds more than ${MOST_VARIABLE_CHARACTERS} characters`,
    },
  );

/** Strict: an override that the double does not imitate is refused, not passed over. */
export const StartBuildRequest = z.strictObject({
  projectName: ProjectName,
  environmentVariablesOverride: EnvironmentVariables.default([]),
  sourceVersion: z.string().optional(),
  timeoutInMinutesOverride: z.int().min(5).max(2160).optional(),
  idempotencyToken: z.string().min(1).optional(),
});
export type StartBuildRequest = z.infer<typeof StartBuildRequest>;

const BuildId = z.string().min(1);

export const BatchGetBuildsRequest = z.strictObject({ ids: z.array(BuildId).min(1).max(MOST_IDS) });

export const ListBuildsForProjectRequest = z.strictObject({
  projectName: ProjectName,
  sortOrder: z.enum(["ASCENDING", "DESCENDING"]).default("DESCENDING"),
  nextToken: z.string().optional(),
});

export const StopBuildRequest = z.strictObject({ id: BuildId });
