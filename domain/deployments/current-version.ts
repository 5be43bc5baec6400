import { DomainError } from "@enceladus/shared/errors";
import { jsonObject, readConfigFile, type StoredFile, writeConfigFile } from "./config-store.ts";
import { fileInArchive, type SourceArchive } from "./source-archive.ts";
import { exportedVersion, FIRST_VERSION, isNewer, newest, plainVersion } from "./version.ts";

function versionIn(file: StoredFile | undefined): string | undefined {
  return plainVersion(jsonObject(file?.text ?? "")?.version);
}

/**
 * The version that a project has now: the published one, or that of the last deployment where the published copy is
 * behind; where there is neither, the one that its sources say.
 * @param deployed the version of the last deployment, as the project's row has it
 * @param source the archive that is to be built, and which of its files says the version
 * @throws DomainError INTERNAL_ERROR: a version that cannot be read is not 0.0.0
 */
export async function currentVersion(
  projectId: string,
  deployed: string | undefined,
  source: { archive: SourceArchive | undefined; file: string | undefined },
): Promise<string> {
  const known = newest(versionIn(await readConfigFile(projectId, "current-version.json")), plainVersion(deployed));
  if (known !== undefined) return known;
  if (!source.archive || source.file === undefined) return FIRST_VERSION;
  return exportedVersion((await fileInArchive(source.archive, source.file)) ?? "") ?? FIRST_VERSION;
}

/** What is published of a deployment. */
export interface VersionFile {
  version: string;
  deployed_at: string;
  spec_id: string;
}

const ATTEMPTS = 5;

/**
 * Publishes a version, unless one as new is published already: a build that ends late must not take it back.
 * @throws DomainError INTERNAL_ERROR; UNAVAILABLE where others write the file all the time
 */
export async function publishVersion(projectId: string, { version, deployed_at, spec_id }: VersionFile): Promise<void> {
  if (plainVersion(version) === undefined) return;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await readConfigFile(projectId, "current-version.json");
    const published = versionIn(stored);
    if (published !== undefined && !isNewer(version, published)) return;
    const content = { version, deployed_at, spec_id };
    const over = stored === undefined ? "nothing" : stored.etag === undefined ? "any" : { etag: stored.etag };
    if (await writeConfigFile(projectId, "current-version.json", content, over)) return;
  }
  throw new DomainError("UNAVAILABLE", "The version of the project is being written by others.");
}
