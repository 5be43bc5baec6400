import { invalidInput } from "@enceladus/shared/errors";
import { defaultSourcePrefix, readDeployConfig } from "./deploy-config.ts";

/** Nobody who serves or unpacks a key may find a way out of its folder in it. */
function hasPlainSegments(path: string): boolean {
  return path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

/** Whether a key is that of an archive below a prefix. @param prefix without a slash at its end */
export function isArchiveBelow(prefix: string, key: string): boolean {
  const inside = key.slice(prefix.length + 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  const isPrintable = !/[\x00-\x1f\x7f\\]/.test(inside);
  return key.startsWith(`${prefix}/`) && inside.endsWith(".zip") && isPrintable && hasPlainSegments(inside);
}

/**
 * Refuses a key that is not that of an archive of the project's sources.
 * @throws DomainError INVALID_INPUT; INTERNAL_ERROR where the project's configuration cannot be read
 */
export async function requireSourceKey(projectId: string, key: string): Promise<void> {
  const found = await readDeployConfig(projectId);
  const prefix = "config" in found ? found.config.prefix : defaultSourcePrefix(projectId);
  if (isArchiveBelow(prefix, key)) return;
  const message = `must be a key below ${prefix}/ that ends in .zip`;
  throw invalidInput(`source_key: ${message}`, { fields: [{ field: "source_key", message }] });
}
