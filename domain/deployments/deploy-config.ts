import * as z from "zod";
import { jsonObject, readConfigFile } from "./config-store.ts";
import { settings } from "./settings.ts";

/** Where a project's sources lie, and which of their files says the version. */
export interface DeployConfig {
  bucket: string;
  /** Without a slash at its end. */
  prefix: string;
  versionFile: string | undefined;
}

/** Whatever else the file says belongs to the builder. */
const deployFile = z.object({
  source: z
    .object({
      source_s3_bucket: z.string().trim().min(1).max(63).optional(),
      source_s3_prefix: z.string().trim().min(1).max(512).optional(),
    })
    .optional(),
  build: z.object({ version_file: z.string().trim().min(1).max(512).optional() }).optional(),
});

function withoutSlash(prefix: string): string {
  return prefix.endsWith("/") ? prefix.slice(0, -1) : prefix;
}

/** What `deploy.json` of a project says, or why it says nothing. */
export type FoundConfig = { config: DeployConfig } | { blocked: string };

/**
 * The configuration of a project's deployments.
 * @throws DomainError INTERNAL_ERROR where the file may be there and cannot be read
 */
export async function readDeployConfig(projectId: string): Promise<FoundConfig> {
  const file = await readConfigFile(projectId, "deploy.json");
  const name = `${settings.configPrefix()}/${projectId}/deploy.json`;
  if (!file) return { blocked: `${name} is missing.` };
  const parsed = deployFile.safeParse(jsonObject(file.text));
  if (!parsed.success) return { blocked: `${name} is not valid.` };
  const { source = {}, build = {} } = parsed.data;
  return {
    config: {
      bucket: source.source_s3_bucket ?? settings.bucket(),
      prefix: withoutSlash(source.source_s3_prefix ?? defaultSourcePrefix(projectId)),
      versionFile: build.version_file,
    },
  };
}

/** Where the sources of a project lie unless its configuration says otherwise. */
export function defaultSourcePrefix(projectId: string): string {
  return `deploy-sources/${projectId}`;
}
