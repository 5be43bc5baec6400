import { invalidInput } from "@enceladus/shared/errors";
import { characters, firstCharacters } from "@enceladus/shared/text";
import * as z from "zod";
import { CHANGE_TYPES, DEFAULT_TYPE, DEPLOYMENT_TYPES, isUiType, PRE_DEPLOY_HOOKS } from "./deployment-type.ts";
import { completeConfig, type NonUiConfig, nonUiConfigInput } from "./non-ui-config.ts";
import { textList, withoutBlanks } from "./text-list.ts";

/** What a request may have of each; counts of entries and of characters. */
export const REQUEST_LIMITS = {
  projectId: 255,
  summary: 500,
  changes: 50,
  change: 200,
  records: 100,
  record: 200,
  files: 2_000,
  file: 512,
  hooks: 32,
  hook: 64,
  submitter: 200,
  sourceKey: 1_024,
  levels: 32,
} as const;

/** One reason a field: a value that is missing or of the wrong type has no further faults worth naming. */
const needed = {
  error: ({ input }: { input?: unknown }) =>
    input === undefined || input === null ? "is required" : "must be a string",
};
const optionalText = { error: "must be a string" };

const oneOf = (known: readonly string[]) => `must be one of ${known.join(", ")}`;

function fitsSummary(text: string): boolean {
  return text !== "" && text.length <= 2 * REQUEST_LIMITS.summary && characters(text) <= REQUEST_LIMITS.summary;
}

/** Whether a value has at most so many levels: what is nested deeper cannot be written as JSON again. */
function isWithin(levels: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isWithin(levels - 1, inner));
}

const object = z.record(z.string(), z.unknown(), "must be an object");

function isHook(text: string): text is (typeof PRE_DEPLOY_HOOKS)[number] {
  return (PRE_DEPLOY_HOOKS as readonly string[]).includes(text);
}

const hooks = textList(REQUEST_LIMITS.hooks, REQUEST_LIMITS.hook)
  .transform(withoutBlanks)
  .superRefine((names, context) => {
    const unknown = names.filter((name) => !isHook(name)).sort();
    if (unknown.length > 0) {
      const message = `has unknown hooks: ${unknown.join(", ")}; known: ${PRE_DEPLOY_HOOKS.join(", ")}`;
      context.addIssue({ code: "custom", message });
    }
  })
  .transform((names) => names.filter(isHook));

/**
 * What a caller says about something that is to be deployed. Texts are trimmed before they are judged; null means "not
 * given" where a field is optional. Every fault is reported, in the order of the fields.
 */
export const newRequest = z.object({
  project_id: z
    .string(needed)
    .trim()
    .min(1, "is required")
    .max(REQUEST_LIMITS.projectId, `must have at most ${REQUEST_LIMITS.projectId} characters`)
    .describe("A registered project"),
  change_type: z
    .string(needed)
    .trim()
    .toLowerCase()
    .pipe(z.enum(CHANGE_TYPES, oneOf(CHANGE_TYPES)))
    .describe(`One of ${CHANGE_TYPES.join(", ")}`),
  deployment_type: z
    .string(optionalText)
    .trim()
    .nullish()
    .transform((type) => type ?? DEFAULT_TYPE)
    .pipe(z.enum(DEPLOYMENT_TYPES, oneOf(DEPLOYMENT_TYPES)))
    .describe(`One of ${DEPLOYMENT_TYPES.join(", ")}; the first by default`),
  summary: z
    .string(needed)
    .trim()
    .refine(fitsSummary, `must have 1 to ${REQUEST_LIMITS.summary} characters`)
    .describe(`1 to ${REQUEST_LIMITS.summary} characters`),
  changes: textList(REQUEST_LIMITS.changes)
    .transform((changes) => changes.map((change) => firstCharacters(change, REQUEST_LIMITS.change)))
    .nullish()
    .transform((changes) => changes ?? [])
    .describe(`Each is cut to ${REQUEST_LIMITS.change} characters`),
  pre_deploy_hooks: hooks
    .nullish()
    .transform((names) => names ?? [])
    .describe(`Run before the request is taken: ${PRE_DEPLOY_HOOKS.join(", ")}`),
  non_ui_config: object
    .nullish()
    .describe("What a type that no builder carries out demands; ignored for the others (docs/deployments.md)"),
  related_record_ids: textList(REQUEST_LIMITS.records, REQUEST_LIMITS.record)
    .nullish()
    .transform((ids) => ids ?? [])
    .describe("Records of the tracker that are told of the deployment"),
  files_changed: textList(REQUEST_LIMITS.files, REQUEST_LIMITS.file)
    .nullish()
    .transform((files) => files ?? [])
    .describe("Requests that change the same file are told of each other"),
  submitted_by: z
    .string(optionalText)
    .trim()
    .max(REQUEST_LIMITS.submitter, `must have at most ${REQUEST_LIMITS.submitter} characters`)
    .nullish()
    .transform((name) => name || "api-user")
    .describe("What the caller is, in its own words"),
  auto_trigger: z
    .boolean("must be a boolean")
    .nullish()
    .transform((value) => value ?? true)
    .describe("false stores the request and triggers nothing"),
  github_config: object
    .refine((config) => isWithin(REQUEST_LIMITS.levels, config), `must have at most ${REQUEST_LIMITS.levels} levels`)
    .nullish()
    .describe("Kept as it is"),
  source_key: z
    .string(optionalText)
    .max(REQUEST_LIMITS.sourceKey, `must have at most ${REQUEST_LIMITS.sourceKey} characters`)
    .nullish()
    .describe("The archive to build: a key below the project's source prefix that ends in .zip"),
  idempotency_key: z.string(optionalText).nullish().describe("The older way to send the header Idempotency-Key"),
});

/** A new request after validation. */
export type NewRequest = z.output<typeof newRequest>;

/**
 * The configuration of a request that no builder carries out, complete; undefined for one that is built.
 * @param region where the target is if it does not say
 * @throws DomainError INVALID_INPUT
 */
export function nonUiConfigOf(
  { deployment_type: type, non_ui_config: sent }: NewRequest,
  region: string,
): NonUiConfig | undefined {
  if (isUiType(type)) return undefined;
  const parsed = nonUiConfigInput.nullish().safeParse(sent);
  if (parsed.success) return completeConfig(type, parsed.data, region);
  const fields = parsed.error.issues.map(({ path, message }) => ({
    field: ["non_ui_config", ...path].join("."),
    message,
  }));
  throw invalidInput(fields.map(({ field, message }) => `${field}: ${message}`).join("; "), { fields });
}
